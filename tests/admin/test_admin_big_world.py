"""At size: no page of the console counts a large table, reads it through, or skips rows of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from apps.console.big_world import Sizes, fill
from apps.core.services.apps import create_app
from apps.groups.models import Group, GroupMember
from apps.messaging.models import Conversation, ConversationKind, Message, Participant
from tests.admin.conftest import Browser, list_of
from tests.benchmarks.console import pages_of

SIZES = Sizes(users=12_000, groups=1_500, messages=24_000)
#: Rows that a page may read of one table: what it shows, a range that it sorts, a thousand that it counts.
MOST = 3_000
_READ = """
SELECT relname, COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
WHERE relname LIKE ANY (ARRAY['accounts\\_%', 'groups\\_%', 'messaging\\_%', 'core\\_audit%'])
"""


def rows_read() -> dict[str, int]:
    """How many rows of each table this transaction has read so far."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        return dict(cursor.fetchall())


@pytest.fixture
def big(app):
    """The app, filled."""
    said: list[str] = []
    fill(app=app, sizes=SIZES, password="secret", say=said.append)
    assert said[-1] == f"{SIZES.messages} messages"
    return app


@pytest.mark.slow
def test_no_page_reads_more_than_it_needs(big, olga):
    # Another app, so that the operator's is a part of the tables.
    fill(
        app=create_app(name="Far").app,
        sizes=Sizes(5000, 100, 5000),
        password="x",
        say=lambda _said: None,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser = Browser(olga)
    read: dict[str, Any] = {}

    for title, path in pages_of(browser, big):
        before = rows_read()
        assert browser.get(path).status_code == 200, path
        after = rows_read()
        most = {table: after[table] - before.get(table, 0) for table in after}
        read |= {f"{title}: {table}": rows for table, rows in most.items() if rows > MOST}

    assert read == {}


def test_the_few_of_a_kind_are_found_without_the_many(app, olga, root, alice):
    groups = Group.objects.bulk_create(
        Group(app=app, owner=alice, name=f"group {number}", max_members=500)
        for number in range(3000)
    )
    Conversation.objects.bulk_create(
        Conversation(app=app, kind=ConversationKind.GROUP, group=group) for group in groups
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    read = {}

    for browser in (Browser(olga), root):
        for model, query in ((Group, "state=dissolved"), (Conversation, "kind=3")):
            table, before = model._meta.db_table, rows_read()
            page = browser.page(f"{list_of(model)}?{query}")
            read[table] = rows_read()[table] - before.get(table, 0)
            assert "group 1" not in page
            assert read[table] < 100, (table, query)


@pytest.mark.slow
def test_the_rows_are_such_as_the_api_leaves(big):
    members = GroupMember.objects.filter(group__app=big)
    messages = Message.objects.filter(app=big)

    assert big.users.count() == SIZES.users
    assert big.groups.count() == SIZES.groups
    assert messages.count() == SIZES.messages
    # Everyone in a group reads its conversation, and every group has one owner, who is in it.
    there = Participant.objects.filter(conversation__group__app=big)
    assert there.count() == members.count()
    assert members.filter(role=1).count() == big.groups.standing().count()
    # Senders are those who may speak; numbers follow the times.
    strangers = messages.exclude(conversation__participants__user=F("sender"))
    assert not strangers.exists()
    times = list(messages.order_by("pk").values_list("sent_at", flat=True))
    assert times == sorted(times)
    assert set(messages.values_list("msg_type", flat=True)) == {"text", "location", "custom"}


@pytest.mark.slow
def test_a_page_that_is_looked_at_often_reads_no_more_than_at_first(big, olga):
    # PostgreSQL makes one plan for all values of a statement that it has prepared and seen five times.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser = Browser(olga)
    address = reverse("admin:messaging_message_changelist") + "?type=voice"
    read = []

    for _time in range(12):
        before = rows_read()["messaging_message"]
        assert browser.get(address).status_code == 200
        read.append(rows_read()["messaging_message"] - before)

    assert max(read) <= 1


@pytest.mark.slow
def test_those_who_came_first_are_found_by_their_names_as_fast(big, olga):
    # From the newest on, they would be sought through all the others, who have other names.
    oldest = list(big.users.order_by("pk").values_list("pk", flat=True)[:600])
    renamed = Concat(Value("zoe"), Cast("pk", CharField()))
    big.users.filter(pk__in=oldest).update(username=renamed)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    before = rows_read()["accounts_user"]

    shown = Browser(olga).page(reverse("admin:accounts_user_changelist"), q="zoe")

    assert shown.count(">zoe") >= 50
    assert rows_read()["accounts_user"] - before < 1000
