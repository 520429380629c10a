"""What was said at another service comes into the log: in its order, once, and as no news."""

from datetime import UTC, datetime

import pytest

from apps.core.errors import MESSAGE_TOO_LONG, NO_SUCH_GROUP, NO_SUCH_USER, PARAMETER_INVALID
from apps.core.importing import Row
from apps.groups.services.importing import GROUPS
from apps.messaging import bells
from apps.messaging.drafts import Draft
from apps.messaging.inbox import threads_of
from apps.messaging.services.importing import HISTORY, mark_imported_read
from apps.messaging.services.messages import send_message
from apps.messaging.signals import message_sent
from apps.messaging.sync import read_since

OLD_GID = 22_818_120
THEN = 1_493_794_522_950  # ms: 2017-05-03


@pytest.fixture(autouse=True)
def people(app, alice, bobby, carol, mallory):
    """Mallory is of another app. Alice and bobby are in an old group."""
    group = {
        "gid": OLD_GID,
        "name": "old",
        "owner_username": "alice",
        "members_username": ["bobby"],
    }
    assert [one.error for one in GROUPS.run(app, [Row(1, group)])] == [None]


def said(msgid, text="hello", *, after=0, **more):
    """A message as a report has it, `after` so many milliseconds."""
    return {
        "msgid": msgid,
        "msg_ctime": THEN + after,
        "create_time": (THEN + after) // 1000,
        "version": 1,
        "target_type": "single",
        "target_id": "bobby",
        "target_name": "Bob",
        "from_type": "user",
        "from_id": "alice",
        "from_name": "Al",
        "from_platform": "a",
        "msg_type": "text",
        "msg_body": {"text": text},
        "msg_level": 0,
        "from_appkey": "old",
        "target_appkey": "old",
        **more,
    }


def bring(app, *values, **more):
    told = [Row(number, value) for number, value in enumerate(values, 1)]
    return HISTORY.run(app, told, **more)


def codes(outcomes):
    return [outcome.code for outcome in outcomes]


def texts(app, user):
    page = read_since(app=app, user=user, cursor=None, limit=100)
    return [message.body["text"] for message in page.messages]


def say(app, text, target="bobby", sender="alice"):
    draft = Draft(
        target_type="single",
        target_id=target,
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": text},
    )
    return send_message(app=app, draft=draft)


def test_a_message_keeps_its_time_its_names_and_what_it_said(app, bobby):
    (outcome,) = bring(app, said(43143728109, no_notification=True, notification={"alert": "x"}))

    message = app.messages.get(source_id=43143728109)
    assert (outcome.key, outcome.code, outcome.note) == ("43143728109", 0, str(message.pk))
    assert message.sent_at == datetime(2017, 5, 3, 6, 55, 22, 950000, UTC)
    assert (message.from_name, message.target_name) == ("Al", "Bob")
    assert (message.from_type, message.from_id) == ("user", "alice")
    assert message.from_platform == "a"
    assert message.body == {"text": "hello"}
    assert message.options == {"no_notification": True, "notification": {"alert": "x"}}
    assert texts(app, bobby) == ["hello"]


def test_what_our_own_report_says_can_be_imported(app, final_api, final_app, api, alice, bobby):
    moved = said(1, "from there")
    HISTORY.run(app, [Row(1, moved)])
    window = {"begin_time": "2017-05-03 00:00:00", "end_time": "2017-05-04 00:00:00", "count": 10}
    page = api.get("/v2/messages", window).json()
    (message,) = page["messages"]
    app.messages.all().delete()

    assert codes(bring(app, message)) == [0]
    assert texts(app, bobby) == ["from there"]


def test_ids_grow_in_the_order_of_the_rows_and_both_kinds_of_talks_are_read(app, alice, bobby):
    group = {"target_type": "group", "target_id": OLD_GID, "from_id": "bobby"}

    outcomes = bring(
        app,
        said(7, "a"),
        said(5, "b", after=1, **group),
        said(9, "c", after=2),
        said(8, "d", after=2),
    )

    ids = [int(outcome.note) for outcome in outcomes]
    assert ids == sorted(ids)
    assert texts(app, alice) == texts(app, bobby) == ["a", "b", "c", "d"]


def test_the_same_again_is_stored_once(app, bobby):
    first = bring(app, said(1), said(2, after=1), said(1))
    again = bring(app, said(1), said(3, "new", after=2), said(2, after=1))

    assert codes([*first, *again]) == [0] * 6
    assert first[0].note == first[2].note == again[0].note
    assert texts(app, bobby) == ["hello", "hello", "new"]


def test_another_app_may_have_a_message_of_the_same_old_id(app, other_app, mallory):
    bring(app, said(1))

    outcomes = bring(other_app, said(1, from_id="mallory", target_id="mallory"))

    assert codes(outcomes) == [0]
    assert (app.messages.count(), other_app.messages.count()) == (1, 1)


def test_a_conversation_never_goes_back_in_time(app, alice, bobby):
    back = [said(1, after=1000), said(2, after=999), said(3, from_id="carol", after=0)]

    assert codes(bring(app, *back)) == [0, PARAMETER_INVALID.number, 0]

    say(app, "today")
    (late,) = bring(app, said(4, after=2000))
    assert late.message == "msg_ctime: must not be before the newest message of its conversation"
    assert texts(app, alice) == ["hello", "today"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"msgid": None}, PARAMETER_INVALID),
        ({"msgid": -1}, PARAMETER_INVALID),
        ({"msgid": "x"}, PARAMETER_INVALID),
        ({"msg_ctime": None, "create_time": None}, PARAMETER_INVALID),
        ({"msg_ctime": "then"}, PARAMETER_INVALID),
        ({"msg_ctime": 10**14}, PARAMETER_INVALID),
        ({"target_type": "chat"}, PARAMETER_INVALID),
        ({"target_type": ["single"]}, PARAMETER_INVALID),
        ({"target_type": "group", "target_id": "x"}, PARAMETER_INVALID),
        ({"target_id": None}, PARAMETER_INVALID),
        ({"from_id": None}, PARAMETER_INVALID),
        ({"from_name": "a" * 251}, PARAMETER_INVALID),
        ({"msg_type": "event"}, PARAMETER_INVALID),
        ({"msg_body": None}, PARAMETER_INVALID),
        ({"msg_body": "hello"}, PARAMETER_INVALID),
        ({"retracted": True}, PARAMETER_INVALID),
        ({"target_appkey": "another"}, PARAMETER_INVALID),
        ({"msg_text": "x"}, PARAMETER_INVALID),
        ({"msg_body": {"text": "x" * 4096}}, MESSAGE_TOO_LONG),
        ({"from_id": "mallory"}, NO_SUCH_USER),
        ({"target_id": "nobody"}, NO_SUCH_USER),
        ({"target_type": "group", "target_id": 77777777}, NO_SUCH_GROUP),
    ],
)
def test_what_is_wrong_is_refused_and_the_next_stored(more, code, app, bobby):
    wrong = {name: value for name, value in {**said(1), **more}.items() if value is not None}

    assert codes(bring(app, wrong, said(2, "right", after=1))) == [code.number, 0]

    assert texts(app, bobby) == ["right"]


def test_create_time_stands_in_for_a_time_in_milliseconds(app):
    row = said(1)
    del row["msg_ctime"]

    assert codes(bring(app, row)) == [0]
    assert app.messages.get().sent_at == datetime(2017, 5, 3, 6, 55, 22, tzinfo=UTC)


def test_it_is_no_news(app, monkeypatch, django_capture_on_commit_callbacks):
    told: list[object] = []
    monkeypatch.setattr(bells.get(), "ring", told.append)

    def hear(**news):
        told.append(news)

    message_sent.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            bring(app, said(1))
    finally:
        message_sent.disconnect(hear)

    assert told == []


def test_it_counts_as_read_but_what_was_unread_here_stays_so(app, alice, bobby, carol):
    say(app, "unread", target="bobby", sender="carol")
    bring(app, said(1), said(2, after=1, from_id="bobby", target_id="alice"))

    mark_imported_read(app)

    unread = {
        thread.conversation.pk: thread.unread for thread in threads_of(app=app, user=bobby, limit=9)
    }
    assert sorted(unread.values()) == [0, 1]
    say(app, "and one more")
    latest = threads_of(app=app, user=bobby, limit=1)[0]
    assert latest.unread == 1


def test_a_dry_run_stores_nothing(app):
    assert codes(bring(app, said(1), said(2, from_id="nobody"), dry_run=True)) == [
        0,
        NO_SUCH_USER.number,
    ]
    assert not app.messages.exists()
    assert not app.conversations.filter(group=None).exists()


def test_a_batch_takes_few_statements_whatever_its_size(app, django_assert_max_num_queries):
    names = ["alice", "bobby", "carol"]
    rows = [
        said(number, after=number, from_id=names[number % 3], target_id=names[(number + 1) % 3])
        for number in range(100)
    ]

    with django_assert_max_num_queries(11):
        assert codes(bring(app, *rows)) == [0] * 100
