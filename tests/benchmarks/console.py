"""The console's pages at the size of a big world: milliseconds for a page, warm, over HTTP, one by one."""

import http.client
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.services.operators import create_operator
from apps.console.big_world import Sizes
from apps.core.models import App
from apps.messaging.models import Conversation

LOADS = 60
_REASON = "The benchmark reads it"

Row = Callable[..., None]


def report(address: tuple[str, int], row: Row, *, scale: float) -> None:
    """Make a world of that part of a million users, and measure each page for its app's owner."""
    full = Sizes()
    sizes = [round(number * scale) for number in (full.users, full.groups, full.messages)]
    name = f"big {secrets.token_hex(4)}"
    options = dict(zip(("users", "groups", "messages"), sizes, strict=True))
    call_command("make_big_world", name, stdout=StringIO(), **options)
    # What was filled would be written out for minutes, else. Where that is not ours to say, it is.
    with suppress(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    row(f"console, {sizes[0]} users", "", "", "p50 ms", "p95 ms")
    for title, p50, p95 in measure(address, App.objects.get(name=name)):
        row(f"  {title}", "", "", f"{p50:.0f}", f"{p95:.0f}")


def measure(address: tuple[str, int], app: App) -> Iterator[tuple[str, float, float]]:
    """For each page: what it is, its median and its 95th percentile in milliseconds."""
    operator = create_operator(
        username=f"bench-{secrets.token_hex(4)}", password=secrets.token_urlsafe(), apps=[app]
    )
    client = Client(headers={"host": address[0]})
    client.force_login(operator)
    line = http.client.HTTPConnection(*address, timeout=60)
    for title, path in pages_of(client, app):
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        taken = [_load(line, path, cookies) for _time in range(LOADS + 3)][3:]
        yield title, statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


def pages_of(client: Client, app: App) -> Iterator[tuple[str, str]]:
    """The pages, and where they are."""
    users, groups, messages, conversations = (
        reverse(f"admin:{name}_changelist")
        for name in ("accounts_user", "groups_group", "messaging_message", "messaging_conversation")
    )
    yield "home", reverse("admin:index")
    yield "users", users
    oldest = app.users.order_by("pk")[0]
    yield "users, the last page", f"{users}?older_than={oldest.pk + 60}"
    yield "users found by the beginning", f"{users}?q=julia00"
    yield "users found by one letter", f"{users}?q=j"
    yield "users, nobody found", f"{users}?q=nobody"
    yield "users, suggested", f"{users}suggested/?term=julia00"
    yield "users, disabled", f"{users}?state=disabled"
    yield "users, online", f"{users}?state=online"
    day = (timezone.now() - timedelta(days=200)).date()
    yield "users of a day", f"{users}?created_at_from={day}&created_at_to={day}"
    yield "a user", reverse("admin:accounts_user_change", args=[oldest.pk])
    yield "groups", groups
    yield "groups found by the beginning", f"{groups}?q=Group 0001"
    yield "groups, suggested", f"{groups}suggested/?term=Group 0001"
    yield (
        "groups, suggested by number",
        f"{groups}suggested/?term={app.groups.order_by('pk')[0].pk}",
    )
    busy = _talkative(app)
    group = busy.group
    if group is not None:
        yield "a group", reverse("admin:groups_group_change", args=[group.pk])
        yield "its members", f"{reverse('admin:groups_groupmember_changelist')}?group={group.pk}"
    yield "conversations", conversations
    yield "messages", messages
    number = app.messages.order_by("pk").values_list("pk", flat=True)[0]
    yield "messages, the last page", f"{messages}?older_than={number + 60}"
    yield "messages of a rare type", f"{messages}?type=voice"
    yield "messages of a type", f"{messages}?type=custom"
    day = (timezone.now() - timedelta(days=15)).date()
    days = f"sent_at_from={day}&sent_at_to={day}"
    yield "messages of a day", f"{messages}?{days}"
    sender = app.messages.exclude(from_id="").order_by("-pk")[0].from_id
    yield "messages of a sender", f"{messages}?q={sender}"
    yield "messages, no such sender", f"{messages}?q=nobody"
    yield "messages of a conversation", f"{messages}?conversation={busy.pk}"
    yield "its messages of a day", f"{messages}?conversation={busy.pk}&{days}"
    reading = reverse("admin:messaging_conversation_read", args=[busy.pk])
    client.post(reading, {"confirmed": "yes", "reason": _REASON})
    yield "a conversation, read", reading
    yield "a conversation, read on a day", f"{reading}?day={day}"
    yield "audit", reverse("admin:core_auditentry_changelist")


def _talkative(app: App) -> Conversation:
    """A conversation of a group that says much: one that spoke just now is likely to."""
    recent = app.messages.filter(target_type="group").order_by("-pk")[:500]
    counts: dict[int, int] = {}
    for conversation in recent.values_list("conversation", flat=True):
        counts[conversation] = counts.get(conversation, 0) + 1
    busiest = max(counts, key=lambda pk: counts[pk])
    return app.conversations.select_related("group").get(pk=busiest)


def _load(line: http.client.HTTPConnection, path: str, cookies: str) -> float:
    started = time.perf_counter()
    line.request("GET", path.replace(" ", "%20"), headers={"Cookie": cookies})
    answer = line.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return (time.perf_counter() - started) * 1000
