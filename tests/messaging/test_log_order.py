"""Ids of an app's log become visible in their own order, so that a cursor never skips."""

import threading
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from apps.accounts.models import User
from apps.core.models import App
from apps.groups.models import Group
from apps.groups.services.groups import update_group
from apps.messaging import log
from apps.messaging.drafts import Draft, Event
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message
from apps.messaging.sync import read_since
from tests.conftest import person
from tests.threads import Session, at_once, until, until_done_or_waiting

pytestmark = pytest.mark.django_db(transaction=True)

_STATEMENTS = ("TO_USER", "_TO_USER_FOR_THE_FIRST_TIME", "_TO_GROUP", "_EVENTS")


@pytest.fixture
def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log's statements without the log's lock: what it is there for."""
    for name in _STATEMENTS:
        statement = getattr(log, name)
        assert log.TAKE_LOCK in statement
        monkeypatch.setattr(log, name, statement.replace(log.TAKE_LOCK, "NULL"))


def text(sender: str, target: str, said: str = "hi") -> Draft:
    return Draft(
        target_type="group" if target.isdigit() else "single",
        target_id=target,
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": said},
    )


class Reader:
    """Follows a user's cursor, a few rows at a time, and keeps what it reads."""

    def __init__(self, app: App, user: User, limit: int = 7) -> None:
        self._app = app
        self._user = user
        self._limit = limit
        self._cursor: str | None = None
        self.rows: list[Message] = []

    @property
    def ids(self) -> list[int]:
        return [row.pk for row in self.rows]

    def read_on(self) -> None:
        """Read until nothing more is there."""
        while True:
            page = read_since(
                app=self._app, user=self._user, cursor=self._cursor, limit=self._limit
            )
            self._cursor = page.cursor
            self.rows += page.messages
            if not page.has_more:
                return


#: What appends one row that alice reads.
APPENDERS: dict[str, Callable[[App, Group], Any]] = {
    "single": lambda app, _: send_message(app=app, draft=text("bobby", "alice")),
    "first": lambda app, _: send_message(app=app, draft=text("carol", "alice")),
    "group": lambda app, group: send_message(app=app, draft=text("bobby", str(group.pk))),
    "event": lambda app, group: update_group(app=app, gid=group.pk, changes={"name": "new"}),
}
PAIRS = [
    ("single", "single"),
    ("single", "group"),
    ("group", "group"),
    ("group", "event"),
    ("event", "single"),
    ("first", "group"),
    ("group", "first"),
]


def commit_in_reverse(app: App, alice: User, group: Group, first: str, second: str) -> Reader:
    """Two transactions append, the second tries to commit before the first; alice reads all along."""
    send_message(app=app, draft=text("bobby", "alice"))  # their conversation is there
    reader = Reader(app, alice)
    reader.read_on()
    with Session() as one, Session() as two:
        one.begin()
        one.run(APPENDERS[first], app, group)
        appending = two.start(APPENDERS[second], app, group)
        until_done_or_waiting(appending)
        reader.read_on()
        one.commit()
        appending.result(30)
        reader.read_on()
    return reader


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_commits_in_reverse_order_skip_nothing(app, alice, carol, group, first, second):
    reader = commit_in_reverse(app, alice, group, first, second)

    stored = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    assert reader.ids == stored


@pytest.mark.usefixtures("without_lock")
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_without_the_lock_they_would_skip(app, alice, carol, group, first, second):
    reader = commit_in_reverse(app, alice, group, first, second)

    stored = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    assert reader.ids == [*stored[:-2], stored[-1]], "the row committed last is skipped"


def test_an_undone_append_holds_nobody_up_and_leaves_nothing(app, alice, group):
    reader = Reader(app, alice)
    with Session() as one, Session() as two:
        one.begin()
        one.run(APPENDERS["group"], app, group)
        appending = two.start(APPENDERS["group"], app, group)
        until_done_or_waiting(appending)
        one.undo()
        stored = appending.result(30)
    reader.read_on()

    assert reader.ids[-1] == stored.msg_id
    assert len(reader.ids) == 2  # the group's creation, and this


def test_one_app_does_not_wait_for_another(app, other_app, group, mallory):
    with Session() as one, Session() as two:
        one.begin()
        one.run(APPENDERS["group"], app, group)

        two.run(send_message, app=other_app, draft=text("mallory", "mallory"))

        one.commit()


def test_events_appended_together_stand_in_their_order(app, group):
    conversation = group.conversations.get()
    events = [
        Event(
            conversation_id=conversation.pk,
            target_type="group",
            target_id=str(group.pk),
            event_type=f"event {number}",
        )
        for number in range(50)
    ]

    ids = log.append_events(app=app, events=events)

    stored = app.messages.filter(pk__in=ids).order_by("pk")
    assert ids == sorted(ids)
    assert [row.body["event_type"] for row in stored] == [event.event_type for event in events]


#: Messages that each of the senders of the test below sends.
EACH = 25
SENDERS = 16


def send_many(app: App, sender: str, targets: list[str]) -> None:
    for number in range(EACH):
        target = targets[number % len(targets)]
        send_message(app=app, draft=text(sender, target, f"{sender} {number}"))


def follow(reader: Reader, ended: threading.Event) -> None:
    """Read on until the senders are done, and then once more."""
    while not ended.is_set():
        reader.read_on()
    reader.read_on()


def test_readers_of_a_log_that_sixteen_write_get_every_row_once_in_order(app, alice, bobby, group):
    """Every sender mixes single messages and ones to the group; some pairs talk for the first time."""
    names = ["alice", "bobby", *(f"user{number}" for number in range(SENDERS - 2))]
    for name in names[2:]:
        person(app, name)
    targets = {name: ["alice", "bobby"] for name in names}
    for name in names[:2]:
        targets[name] = ["bobby", str(group.pk), "alice"]
    readers = {user: Reader(app, user) for user in (alice, bobby)}
    everybody = Reader(app, app.users.by_username("user0"))
    ended = threading.Event()

    def write() -> None:
        try:
            at_once(*(partial(send_many, app, name, targets[name]) for name in names))
        finally:
            ended.set()

    at_once(write, *(partial(follow, reader, ended) for reader in [*readers.values(), everybody]))

    stored = list(app.messages.order_by("pk").select_related("conversation"))
    assert len(stored) == SENDERS * EACH + 1  # and the event of the group's creation
    times = [row.sent_at for row in stored]
    assert times == sorted(times), "times in the order of ids"
    for user, reader in readers.items():
        visible = [row for row in stored if is_visible(row, user)]
        assert reader.ids == [row.pk for row in visible]
        assert_told_in_order(reader.rows)
    assert everybody.ids == [row.pk for row in stored if "user0" in (row.from_id, row.target_id)]


def is_visible(row: Message, user: User) -> bool:
    pair: Any = (row.conversation.user_low_id, row.conversation.user_high_id)
    return row.target_type == "group" or user.pk in pair


def assert_told_in_order(rows: list[Message]) -> None:
    """What one sender said one after the other is read in that order."""
    told: dict[str, list[int]] = {}
    for row in rows:
        if row.msg_type == "text":
            sender, number = row.body["text"].split()
            told.setdefault(sender, []).append(int(number))
    for numbers in told.values():
        assert all(before < after for before, after in pairwise(numbers))


def test_a_reader_never_meets_an_id_below_one_it_has_seen(app, alice, bobby, group):
    """The same seen from the table itself, whatever the conversation."""
    ended = threading.Event()
    seen: list[int] = []

    def look() -> None:
        known: set[int] = set()
        while not ended.is_set():
            ids = set(app.messages.values_list("pk", flat=True))
            fresh = ids - known
            if known and fresh:
                seen.extend(pk for pk in fresh if pk < max(known))
            known = ids

    def write() -> None:
        targets = ["alice", str(group.pk), "bobby"]
        try:
            at_once(*[partial(send_many, app, name, targets) for name in ("alice", "bobby")] * 4)
        finally:
            ended.set()

    at_once(write, look)

    assert seen == []
    until(lambda: app.messages.said().count() == 8 * EACH, "all of them")
