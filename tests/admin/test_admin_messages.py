"""The pages of messages, conversations and participants."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.services.users import delete_users
from apps.core.models import AuditEntry
from apps.messaging.admin.said import Said, said_by
from apps.messaging.models import Conversation, Message, Participant
from apps.messaging.services.retract import retract_message
from tests.admin.conftest import list_of, page_of, say
from tests.conftest import person


def texts_in(browser, **query) -> list[str]:
    """What the messages in the list say: the list itself does not tell."""
    response = browser.get(list_of(Message), query)
    assert response.status_code == 200
    return [said_by(message).text for message in response.context["cl"].result_list]


def sent_at(message: Message, moment: str) -> None:
    """Make it sent at another time."""
    Message.objects.filter(pk=message.pk).update(sent_at=moment)


def test_messages_are_listed_newest_first_without_the_events(browser, app, alice, bobby, group):
    say(app, "alice", "bobby", "one")
    say(app, "bobby", group.pk, "two")

    assert texts_in(browser) == ["two", "one"]


def test_messages_are_filtered_by_type(browser, app, alice, bobby, group):
    say(app, "alice", "bobby", "words")
    say(app, "alice", "bobby", msg_type="image", body={"media_id": "x", "fname": "cat.png"})

    assert texts_in(browser, type="image") == ["cat.png"]
    assert texts_in(browser, type="text") == ["words"]
    assert texts_in(browser, type="odd") == ["cat.png", "words"]


def test_a_conversation_is_read_with_its_events(browser, app, alice, bobby, group):
    say(app, "alice", "bobby", "elsewhere")
    say(app, "bobby", group.pk, "here")

    said = texts_in(browser, conversation=group.conversations.get().pk)

    events = texts_in(browser, conversation=group.conversations.get().pk, type="event")
    elsewhere = texts_in(browser, type="event")  # not offered there

    assert said == ["here", "group created: alice, bobby"]
    assert events == ["group created: alice, bobby"]
    assert elsewhere == ["here", "elsewhere"]


@pytest.mark.parametrize("number", ["abc", "-1", "1.5", "9" * 40, "\0", "１"])  # noqa: RUF001
def test_what_is_no_number_is_told_and_finds_nothing(browser, app, alice, bobby, number):
    say(app, "alice", "bobby")

    response = browser.get(list_of(Message), {"conversation": number})

    assert response.status_code == 200
    assert response.context["cl"].result_list == []
    assert "conversation number: a number, please." in map(str, response.context["messages"])


def test_the_days_of_sending_are_whole_and_in_the_browsers_zone(root, app, other_app, alice, bobby):
    root.cookies["im_time_zone"] = "America/New_York"
    person(other_app, "erin"), person(other_app, "fred")
    first, second = say(app, "alice", "bobby", "first"), say(other_app, "erin", "fred", "second")
    third = say(app, "bobby", "alice", "third")
    sent_at(first, "2026-01-02T04:59:59Z")  # the evening of the 1st in New York
    sent_at(second, "2026-01-02T05:00:00Z")
    sent_at(third, "2026-01-03T04:59:59Z")  # the evening of the 2nd

    assert texts_in(root, sent_at_from="2026-01-01", sent_at_to="2026-01-01") == ["first"]
    assert texts_in(root, sent_at_from="2026-01-02") == ["third", "second"]
    assert texts_in(root, sent_at_to="2026-01-02") == ["third", "second", "first"]
    assert texts_in(root, sent_at_from="2026-01-02", app=other_app.pk) == ["second"]


def test_messages_are_found_by_their_sender_exactly(browser, app, alice, bobby):
    say(app, "alice", "bobby", "by alice")
    say(app, "bobby", "alice", "by bobby")

    assert texts_in(browser, q="alice") == ["by alice"]
    assert texts_in(browser, q="ali") == []
    assert texts_in(browser, q="nul\0") != ["by alice"]


def test_the_messages_of_a_deleted_user_are_found(browser, app, alice, bobby):
    message = say(app, "bobby", "alice", "farewell")
    delete_users(app=app, usernames=["bobby"])

    assert texts_in(browser, q="bobby") == ["farewell"]
    assert "bobby" in browser.page(page_of(message))
    assert "(deleted)" in browser.page(page_of(message.conversation))


def test_a_message_is_found_by_its_number(browser, app, alice, bobby):
    say(app, "alice", "bobby", "another")
    message = say(app, "alice", "bobby", "wanted")

    assert texts_in(browser, q=str(message.pk)) == ["wanted"]
    assert texts_in(browser, q="9" * 40) == []


def test_a_number_that_is_no_message_finds_the_sender_of_that_name(browser, app, alice):
    person(app, "12345678")
    message = say(app, "12345678", "alice", "by a number")

    assert texts_in(browser, q="12345678") == ["by a number"]
    assert texts_in(browser, q=str(message.pk)) == ["by a number"]


def test_what_was_said_is_on_no_page_but_the_one_that_asks_why(root, app, alice, bobby, group):
    options = {"notification": {"title": "hush", "alert": "a secret"}, "no_offline": True}
    pair = say(app, "alice", "bobby", "a secret", options=options)
    told = say(app, "alice", group.pk, "a secret")
    rows = [pair, told, pair.conversation, told.conversation, group, alice, bobby]
    lists = [list_of(Message), f"{list_of(Message)}?conversation={pair.conversation.pk}"]

    pages = [root.page(page) for page in [*map(page_of, rows), *lists, "/admin/"]]

    assert [page for page in pages if "a secret" in page] == []
    assert "no_offline" in root.page(page_of(pair))


def test_days_within_a_conversation_and_of_a_sender_are_ranges_of_numbers(
    browser, app, alice, bobby, group
):
    said = [say(app, "alice", group.pk, text) for text in ("one", "two", "three")]
    for message, day in zip(said, ("01", "02", "03"), strict=True):
        sent_at(message, f"2026-01-{day}T12:00:00Z")
    sent_at(Message.objects.get(msg_type="event"), "2026-01-01T11:00:00Z")
    here: dict[str, Any] = {"conversation": app.conversations.of_group(group).pk}
    on = {"sent_at_from": "2026-01-02", "sent_at_to": "2026-01-02"}

    assert texts_in(browser, **here, **on) == ["two"]
    assert texts_in(browser, q="alice", **on) == ["two"]
    assert len(texts_in(browser, **here, sent_at_to="2026-01-01")) == 2
    assert texts_in(browser, **here, sent_at_from="2026-01-03") == ["three"]
    assert texts_in(browser, **here, sent_at_from="2026-01-04") == []
    assert texts_in(browser, **here, sent_at_from="nonsense") == []


def test_a_retracted_message_is_marked(browser, app, alice, bobby):
    message = say(app, "alice", "bobby", "oops")
    retract_message(app=app, sender=alice, msg_id=message.pk)

    assert "retracted" in browser.page(list_of(Message))
    assert "retracted" in browser.page(page_of(message))


def test_nothing_of_the_log_can_be_added_changed_or_deleted(root, app, alice, bobby, group):
    message = say(app, "alice", "bobby", "fixed")
    participant = message.conversation.participants.all()[0]

    for row in (message, message.conversation, participant):
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        assert root.get(reverse(f"{name}_add")).status_code == 403
        assert root.post(reverse(f"{name}_add"), {}).status_code == 403
        assert root.post(page_of(row), {"body": "{}"}).status_code == 403
        assert root.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
        assert 'name="_save"' not in root.page(page_of(row))
        root.run(list_of(type(row)), "delete_selected", [row], post="yes")
    fresh = Message.objects.get(pk=message.pk)
    assert fresh.body == {"text": "fixed"}


def test_conversations_are_listed_and_filtered(browser, app, alice, bobby, group):
    single = say(app, "alice", "bobby").conversation

    def listed(**query):
        return list(browser.get(list_of(Conversation), query).context["cl"].result_list)

    assert listed() == [single, group.conversations.get()]
    assert listed(kind="1") == [single]
    assert listed(kind="2") == [group.conversations.get()]
    assert listed(group=str(group.pk)) == [group.conversations.get()]
    assert listed(group="12") == []


def test_a_conversation_shows_its_parties_messages_and_participants(browser, app, alice, bobby):
    message = say(app, "alice", "bobby", "the last word")
    conversation = message.conversation

    page = browser.page(page_of(conversation))

    assert page_of(alice) in page
    assert page_of(bobby) in page
    assert page_of(message) in page
    assert f"{list_of(Message)}?conversation={conversation.pk}" in page


def test_a_note_to_oneself_has_one_party(browser, app, alice):
    conversation = say(app, "alice", "alice").conversation

    response = browser.get(list_of(Conversation))

    (row,) = response.context["cl"].result_list
    assert row == conversation
    assert response.content.decode().count(page_of(alice)) == 1


def test_the_participants_of_a_conversation_and_the_conversations_of_a_user_are_listed(
    browser, app, alice, bobby, group
):
    conversation = say(app, "alice", "bobby").conversation

    def listed(**query):
        return browser.get(list_of(Participant), query).context["cl"].result_list

    assert {row.user for row in listed(conversation=conversation.pk)} == {alice, bobby}
    assert [row.conversation for row in listed(user=alice.pk)] == [
        conversation,
        group.conversations.get(),
    ]
    assert listed() == []


@pytest.mark.parametrize(
    ("msg_type", "body", "said"),
    [
        ("text", {"text": "hello  \n there"}, Said(text="hello  \n there")),
        ("text", {"content": "of the draft"}, Said(text="of the draft")),
        ("text", {}, Said()),
        ("text", {"text": 5}, Said(text="5")),
        ("text", ["not", "an", "object"], Said()),
        ("voice", {"media_id": "m", "duration": 1}, Said(text="m", icon="mic", note="1 second")),
        ("file", {"fsize": 12345}, Said(icon="description", note="12,345 bytes")),
        ("video", {"duration": "odd", "fsize": None}, Said(icon="movie")),
        ("location", {"label": "Here", "latitude": 1}, Said("Here", "location_on", "1, ")),
        ("location", {"latitude": 1.5, "longitude": 2}, Said("1.5, 2", "location_on", "1.5, 2")),
        ("custom", {"a": ["ä"]}, Said(json='{\n  "a": [\n    "ä"\n  ]\n}')),
        ("unheard-of", {"a": 1}, Said(json='{\n  "a": 1\n}')),
        (
            "event",
            {"event_type": "exit_group", "to_username_list": ["a", "b"]},
            Said(text="members left: a, b"),
        ),
        ("event", {"event_type": "unheard-of"}, Said(text="unheard-of")),
        (
            "event",
            {"event_type": "update_group", "to_username_list": "odd"},
            Said(text="group changed"),
        ),
    ],
)
def test_any_body_says_something(msg_type, body, said):
    assert said_by(Message(msg_type=msg_type, body=body)) == said


def test_an_image_tells_its_measures():
    body = {"fname": "cat.png", "media_id": "m", "width": 3, "height": 4, "fsize": 5}

    said = said_by(Message(msg_type="image", body=body))

    assert (said.text, said.icon) == ("cat.png", "image")
    assert said.note == "3 × 4, 5 bytes"  # noqa: RUF001 a multiplication sign


def test_times_are_in_the_zone_of_the_browser_or_else_utc(browser, app, alice, bobby):
    message = say(app, "alice", "bobby")
    sent_at(message, "2026-07-01T12:00:00Z")
    shown = {}
    for zone in ("", "Asia/Shanghai", "Asia%2FShanghai", "America/New_York", "Nowhere", "../etc"):
        browser.cookies["im_time_zone"] = zone
        shown[zone] = browser.page(page_of(message))

    assert "2026-07-01 12:00:00" in shown[""]
    assert "2026-07-01 20:00:00" in shown["Asia/Shanghai"]
    assert "2026-07-01 20:00:00" in shown["Asia%2FShanghai"]
    assert "2026-07-01 08:00:00" in shown["America/New_York"]
    assert "2026-07-01 12:00:00" in shown["Nowhere"]
    assert "2026-07-01 12:00:00" in shown["../etc"]
    assert timezone.get_current_timezone_name() == "UTC"
    assert timezone.localtime(timezone.now()).utcoffset() == timedelta(0)


def test_an_operator_retracts_whosever_message_however_old(browser, app, alice, bobby):
    message = say(app, "alice", "bobby", "an insult")
    sent_at(message, "2020-01-01T00:00:00Z")

    answer = browser.answer(page_of(message, "retract"))

    assert "1 message retracted." in browser.said(answer)
    message.refresh_from_db()
    assert message.retracted_at is not None
    event = app.messages.get(msg_type="event")
    assert event.body["event_type"] == "retract_message"
    assert event.body["msg_id"] == message.pk
    entry = AuditEntry.objects.about(message, 1).get()
    assert entry is not None
    assert "retracted_at" in entry.after
    assert page_of(message, "retract") not in browser.page(page_of(message))


def test_several_are_retracted_or_none(browser, app, alice, bobby):
    one, other = say(app, "alice", "bobby", "one"), say(app, "bobby", "alice", "other")
    retract_message(app=app, sender=alice, msg_id=one.pk)

    refused = browser.run(list_of(Message), "retract_selected", [one, other], confirmed="yes")
    other.refresh_from_db()
    assert refused.status_code == 200
    assert other.retracted_at is None

    browser.run(list_of(Message), "retract_selected", [other], confirmed="yes")
    other.refresh_from_db()
    assert other.retracted_at is not None


def test_events_are_not_retracted(browser, group):
    event = Message.objects.get(msg_type="event")

    answer = browser.answer(page_of(event, "retract"))

    assert answer.status_code == 200
    event.refresh_from_db()
    assert event.retracted_at is None
