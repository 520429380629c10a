"""Reading what was said: the permission, the reason, the trace, and the page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.services.users import delete_users
from apps.core.models import AuditEntry
from apps.groups.services.members import change_members
from apps.messaging.admin import reading, reasons
from apps.messaging.models import Message
from apps.messaging.services.retract import retract_message
from tests.admin.conftest import page_of, say, ticked_only
from tests.conftest import person
from tests.messaging.uploads import image, upload

REASON = "A complaint of the user"


@pytest.fixture
def talk(app, alice, bobby):
    """What alice and bobby said, in one conversation."""
    return say(app, "alice", "bobby", "hello bobby").conversation


def open_book(browser, conversation, **query) -> str:
    """Give a reason, and read on."""
    url = page_of(conversation, "read")
    answered = browser.post(url, {"confirmed": "yes", "reason": REASON})
    assert answered.status_code == 302, answered.content
    page: str = browser.page(url, **query)
    return page


def said_on(browser, conversation, **query) -> list[str]:
    """The texts on a page, from top to bottom."""
    response = browser.get(page_of(conversation, "read"), query)
    return [line.said.text for line in response.context["lines"]]


def looks() -> list[AuditEntry]:
    """The entries of the audit that tell of reading."""
    return list(AuditEntry.objects.filter(action=reading.LOOKED).order_by("pk"))


def test_nothing_is_shown_before_a_reason_is_given(browser, talk):
    page = browser.page(page_of(talk, "read"))

    assert "hello bobby" not in page
    assert 'name="reason"' in page
    assert looks() == []


@pytest.mark.parametrize("reason", ["", "   ", "abc", "x" * 301])
def test_a_reason_has_to_say_something(browser, talk, reason):
    answer = browser.answer(page_of(talk, "read"), reason=reason)

    assert answer.status_code == 200
    assert "hello bobby" not in browser.page(page_of(talk, "read"))


def test_the_conversation_is_read_for_a_reason_and_each_look_is_noted(browser, olga, talk):
    message = talk.messages.get()

    page = open_book(browser, talk)
    browser.page(page_of(talk, "read"))

    assert "hello bobby" in page
    assert REASON in page
    entries = looks()
    assert [entry.operator for entry in entries] == [olga, olga]
    assert entries[0].app == talk.app
    assert (entries[0].target_type, entries[0].target_id) == (
        "messaging.conversation",
        str(talk.pk),
    )
    assert entries[0].details == {
        reasons.REASON: REASON,
        reading.FIRST: str(message.pk),
        reading.LAST: str(message.pk),
    }


def test_a_reason_opens_one_conversation_to_one_log_in(browser, root, app, talk, carol):
    other = say(app, "alice", "carol", "hello carol").conversation
    open_book(browser, talk)

    assert "hello carol" not in browser.page(page_of(other, "read"))
    assert "hello bobby" not in root.page(page_of(talk, "read"))


def test_a_reason_expires(browser, talk, monkeypatch, settings):
    settings.IM_READING_SECONDS = 60
    now = 1_700_000_000.0
    monkeypatch.setattr("apps.messaging.admin.reasons.time.time", lambda: now)
    open_book(browser, talk)
    assert "hello bobby" in browser.page(page_of(talk, "read"))

    now += 61

    assert "hello bobby" not in browser.page(page_of(talk, "read"))


def test_reading_has_a_permission_of_its_own(browser, olga, talk):
    seen = ["view_message", "view_conversation"]
    ticked_only(olga, Permission.objects.filter(codename__in=seen))

    page = browser.page(page_of(talk))

    assert page_of(talk, "read") not in page
    assert browser.get(page_of(talk, "read")).status_code == 403
    assert browser.answer(page_of(talk, "read"), reason=REASON).status_code == 403


def test_a_conversation_of_another_app_is_absent(browser, other_app, mallory):
    person(other_app, "oscar")
    theirs = say(other_app, "mallory", "oscar", "private").conversation

    answer = browser.answer(page_of(theirs, "read"), reason=REASON)

    assert answer.status_code == 302
    assert "read" not in answer.url
    assert looks() == []


@pytest.fixture
def long_talk(app, talk, monkeypatch):
    """Eight messages, three to a page."""
    monkeypatch.setattr(reading, "_PAGE", 3)
    monkeypatch.setattr(reading, "_BEFORE", 1)
    for number in range(7):
        say(app, "alice", "bobby", f"text {number}")
    return talk


def test_the_page_begins_with_the_last_and_turns_to_older_and_newer(browser, long_talk):
    open_book(browser, long_talk)
    url = page_of(long_talk, "read")
    pages = []
    while True:
        response = browser.get(url)
        pages.append([line.said.text for line in response.context["lines"]])
        if not response.context["older_url"]:
            break
        url = page_of(long_talk, "read") + response.context["older_url"]

    assert pages == [
        ["text 4", "text 5", "text 6"],
        ["text 1", "text 2", "text 3"],
        ["hello bobby", "text 0"],
    ]
    newer = response.context["newer_url"]
    again = browser.get(page_of(long_talk, "read") + newer).context
    assert [line.said.text for line in again["lines"]] == pages[1]
    assert again["newer_url"]


def test_one_reads_around_a_message(browser, long_talk):
    message = Message.objects.get(body={"text": "text 2"})
    open_book(browser, long_talk)

    page = browser.page(page_of(long_talk, "read"), around=message.pk)

    assert said_on(browser, long_talk, around=message.pk) == [
        "text 1",
        "text 2",
        "text 3",
        "text 4",
    ]
    assert f'id="m{message.pk}" aria-current="true"' in page


def test_a_message_is_read_in_its_place(browser, long_talk):
    message = Message.objects.get(body={"text": "text 2"})
    url = page_of(message, "read")
    asked = browser.page(url)
    browser.answer(url, reason=REASON)

    page = browser.page(url)

    assert 'name="reason"' in asked
    assert f'id="m{message.pk}" aria-current="true"' in page
    older = browser.get(url).context["older_url"]
    assert "hello bobby" in browser.page(url + older)


def test_one_jumps_to_a_day(browser, long_talk):
    for message in long_talk.messages.all():
        day = 1 + int(message.body["text"][-1]) if message.body["text"][-1].isdigit() else 1
        Message.objects.filter(pk=message.pk).update(sent_at=f"2026-01-{day:02}T12:00:00Z")
    open_book(browser, long_talk)

    assert said_on(browser, long_talk, day="2026-01-04")[1:] == ["text 3", "text 4", "text 5"]
    assert said_on(browser, long_talk, day="2025-01-01")[0] == "hello bobby"
    assert said_on(browser, long_talk, day="2027-01-01") == ["text 6"]
    assert said_on(browser, long_talk, day="nonsense") == said_on(browser, long_talk)


@pytest.mark.parametrize("place", ["", "abc", "-1", "9" * 30, "\0"])
def test_a_place_that_is_none_is_the_end(browser, long_talk, place):
    open_book(browser, long_talk)

    for name in ("older_than", "newer_than", "around", "side"):
        assert said_on(browser, long_talk, **{name: place})[-1] == "text 6"


def test_a_pair_has_two_sides_and_the_one_who_is_asked_about_is_on_the_right(
    browser, app, talk, alice, bobby
):
    say(app, "bobby", "alice", "hello alice")
    open_book(browser, talk)

    def own(**query) -> list[bool]:
        lines = browser.get(page_of(talk, "read"), query).context["lines"]
        return [line.own for line in lines]

    assert own(side=alice.pk) == [True, False]
    assert own(side=bobby.pk) == [False, True]
    assert own() == [False, True]


def test_days_part_the_lines_and_names_stand_above_the_first_of_several(browser, app, talk):
    for text in ("again", "much later"):
        say(app, "alice", "bobby", text)
    _first, _again, later = talk.messages.order_by("pk")
    Message.objects.filter(pk=later.pk).update(sent_at="2126-01-01T00:00:00Z")
    open_book(browser, talk)

    lines = browser.get(page_of(talk, "read")).context["lines"]

    assert [line.follows for line in lines] == [False, True, False]
    assert [line.day is not None for line in lines] == [True, False, True]


def test_events_stand_between_what_was_said(browser, app, group, carol):
    say(app, "alice", group.pk, "before")
    change_members(app=app, gid=group.pk, add=["carol"])
    say(app, "alice", group.pk, "after")
    open_book(browser, app.conversations.of_group(group))

    said = said_on(browser, app.conversations.of_group(group))

    assert said[-3:] == ["before", "members added: carol", "after"]


def test_every_kind_of_message_is_shown_and_escaped(browser, app, talk):
    bodies = {
        "image": {"fname": "<b>cat</b>.png", "media_id": "m"},
        "location": {"label": "<b>Here</b>", "latitude": 1, "longitude": 2},
        "custom": {"<b>": 1},
        "text": {"text": "<script>alert(1)</script>"},
    }
    for msg_type, body in bodies.items():
        say(app, "alice", "bobby", msg_type=msg_type, body=body)

    page = open_book(browser, talk)

    assert "<b>" not in page
    assert "<script>alert" not in page
    assert "&lt;b&gt;cat&lt;/b&gt;.png" in page


def test_what_was_retracted_is_shown_and_marked(browser, app, talk, alice):
    retract_message(app=app, sender=alice, msg_id=talk.messages.get().pk)

    page = open_book(browser, talk)

    assert "hello bobby" in page
    assert "retracted" in page


def test_the_talk_of_somebody_who_was_deleted_is_read(browser, app, talk):
    delete_users(app=app, usernames=["bobby"])

    assert "hello bobby" in open_book(browser, talk)


def test_a_page_takes_few_queries_however_long_the_talk(browser, long_talk):
    open_book(browser, long_talk)

    with CaptureQueriesContext(connection) as queries:
        browser.page(page_of(long_talk, "read"))

    assert len(queries) <= 15


def test_an_image_is_shown_and_a_file_linked_as_far_as_they_are_stored(browser, api, app, talk):
    picture = upload(api, "image", image()).json()["media_id"]
    plain = upload(api, "file", b"some words").json()["media_id"]
    for msg_type, media_id in (("image", picture), ("file", plain), ("file", "elsewhere")):
        say(app, "alice", "bobby", msg_type=msg_type, body={"media_id": media_id, "fname": "f"})
    open_book(browser, talk)

    lines = browser.get(page_of(talk, "read")).context["lines"][-3:]

    assert [bool(line.said.image_url) for line in lines] == [True, False, False]
    assert [bool(line.said.url) for line in lines] == [True, True, False]
    assert browser.get(lines[0].said.image_url).status_code == 200
