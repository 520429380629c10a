"""Sending from the console: form, preview, answer."""

from __future__ import annotations

from functools import partial
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from apps.accounts.services.blocks import block_users
from apps.accounts.services.users import disable_users
from apps.core.adminkit.numbers import Number
from apps.core.models import AuditEntry, Job
from apps.core.services.jobs import work_on_jobs
from apps.messaging.services.sensitive_words import add_words
from tests.admin.conftest import Browser, ticked_only
from tests.conftest import person, session_of
from tests.threads import at_once


class _Hidden(HTMLParser):
    """The hidden fields of the page's own form."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page.partition("im-compose-preview")[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input" and told.get("type") == "hidden":
            self.fields[str(told["name"])] = told.get("value") or ""


class Writing:
    """An operator at the form: what is posted next is what the page before has."""

    def __init__(self, browser: Browser, app: Any) -> None:
        self.browser = browser
        self.form = {
            "app": str(app.pk),
            "sender": "alice",
            "to": "user",
            "user": "bobby",
            "type": "text",
            "text": "Hi\nthere",
        }
        self.url = reverse("admin:compose")

    def preview(self, **more: Any) -> Any:
        """Fill in the form, and look."""
        return self.browser.post(self.url, {**self.form, **more})

    def press(self, shown: Any, step: str) -> Any:
        """Press a button of the preview."""
        return self.browser.post(self.url, {**_Hidden(shown.content.decode()).fields, "step": step})

    def send(self, **more: Any) -> Any:
        """Both at once."""
        return self.press(self.preview(**more), "send")


@pytest.fixture
def writing(browser, app) -> Writing:
    return Writing(browser, app)


def picture(name: str = "cat.png") -> SimpleUploadedFile:
    """A picture of 3 x 2 pixels."""
    content = BytesIO()
    Image.new("RGB", (3, 2), "red").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue())


def work() -> None:
    while work_on_jobs():
        pass


def test_nothing_is_sent_before_the_preview_is_answered(writing, app, alice, bobby):
    shown = writing.preview().content.decode()

    assert "Hi\nthere" in shown
    assert "Preview: nothing is sent yet" in shown
    assert not app.messages.exists()


def test_of_several_apps_none_is_chosen_beforehand(writing, browser, root, app, other_app, alice):
    def chosen(form) -> list[str]:
        return [value for value, _name in form["app"].field.choices]

    address = reverse("admin:compose")

    assert chosen(browser.get(address).context["form"]) == [str(app.pk)]
    assert chosen(root.get(address).context["form"]) == ["", str(app.pk), str(other_app.pk)]
    assert root.get(address, {"app": app.pk}).context["form"]["app"].value() == str(app.pk)
    refused = root.post(address, {**writing.form, "app": ""})
    assert refused.context["form"].errors["app"] == ["This field is required."]


def test_a_send_without_a_preview_is_only_previewed(writing, app, alice, bobby):
    shown = writing.preview(step="send", key="guessed").content.decode()

    assert "Preview" in shown
    assert not app.messages.exists()


def test_a_user_is_sent_a_message_and_the_audit_tells(writing, browser, app, alice, bobby):
    done = writing.send()

    message = app.messages.get()
    entry = AuditEntry.objects.get(action="Send a message")
    assert "Sent to bobby." in browser.said(done)
    assert (message.from_id, message.target_id, message.body) == (
        "alice", "bobby", {"text": "Hi\nthere"},
    )  # fmt: skip
    assert (entry.app, entry.target_id) == (app, str(message.pk))
    assert entry.details == {
        "Sender": "alice", "Recipients": "bobby", "Type": "text", "Text": "Hi\nthere",
    }  # fmt: skip


def test_what_is_sent_twice_arrives_once_and_is_noted_once(writing, browser, app, alice, bobby):
    shown = writing.preview()
    writing.press(shown, "send")
    again = writing.press(shown, "send")

    assert "sent before" in browser.said(again)
    assert app.messages.count() == 1
    assert AuditEntry.objects.filter(action="Send a message").count() == 1


def test_a_broadcast_that_is_sent_twice_is_one_job(writing, browser, app, alice, bobby):
    shown = writing.preview(to="everyone")
    first, again = writing.press(shown, "send"), writing.press(shown, "send")

    assert again.url == first.url
    assert Job.objects.count() == 1
    assert AuditEntry.objects.filter(action="Send a message").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("to", ["user", "everyone"])
def test_two_clicks_at_once_send_once(olga, app, alice, bobby, to):
    writing = Writing(Browser(olga), app)
    shown = writing.preview(to=to)
    clicks = [partial(Writing(Browser(olga), app).press, shown, "send") for _ in range(4)]
    answers = at_once(*clicks)
    work()

    assert {answer.status_code for answer in answers} == {302}
    assert app.messages.count() == 1
    assert Job.objects.count() == (1 if to == "everyone" else 0)
    assert AuditEntry.objects.filter(action="Send a message").count() == 1


@pytest.mark.parametrize("to", ["user", "listed", "everyone"])
def test_the_pages_cost_few_queries(writing, app, alice, bobby, django_assert_max_num_queries, to):
    for number in range(20):
        person(app, f"user-{number}")
    with django_assert_max_num_queries(15):
        writing.browser.page(writing.url)
    with django_assert_max_num_queries(15):
        shown = writing.preview(to=to, listed="q=user")
    with django_assert_max_num_queries(
        25
    ):  # that of a message, or a job, and of the audit among them
        writing.press(shown, "send")


def test_whoever_changes_it_finds_all_that_was_written(writing, app, alice, bobby):
    written = {
        "to": "group", "group": "77", "users": "a b", "custom": '{"a": 1}', "title": "Hear",
        "no_offline": "on", "user": "bobby",
    }  # fmt: skip
    shown = writing.preview(**{**written, "to": "user"})
    form = writing.press(shown, "change").context["form"]

    assert {name: form[name].value() for name in ("text", *written)} == {
        **written, "to": "user", "text": "Hi\nthere",
    }  # fmt: skip
    assert not form.errors
    assert not app.messages.exists()


@pytest.mark.parametrize("kind", ["group", "room"])
def test_a_group_and_a_chatroom_are_sent_one_message(writing, app, group, room, kind):
    target = {"group": group, "room": room}[kind]
    to = {"group": "group", "room": "chatroom"}[kind]
    data = {"to": to, to: str(target.pk)}
    shown = writing.preview(**data)
    writing.press(shown, "send")

    assert shown.context["letter"].recipients.number == Number(1, exact=True)
    assert target.name in shown.content.decode()
    message = app.messages.said().get()
    assert (message.target_type, message.target_id) == (to, str(target.pk))


def test_the_preview_tells_what_becomes_of_those_who_are_away(writing, alice, bobby, room):
    in_room = writing.preview(to="chatroom", chatroom=str(room.pk)).content.decode()
    now_only = writing.preview(no_offline="on").content.decode()

    assert "gets it on coming back" in writing.preview().content.decode()
    assert "last 50 messages" in in_room
    assert "never gets it" in now_only


def test_an_image_is_shown_and_sent_as_the_api_would(writing, app, alice, bobby):
    shown = writing.preview(type="image", file=picture())
    writing.press(shown, "send")

    media = app.media.get()
    message = app.messages.get()
    assert "im-talk-image" in shown.content.decode()
    assert message.body == {
        "media_id": media.media_id, "media_crc32": media.crc32, "width": 3, "height": 2,
        "format": "png", "fsize": media.size, "hash": media.sha256,
    }  # fmt: skip
    told = session_of(bobby).call("get", "/client/v1/sync").json()["messages"]
    assert told[-1]["msg_body"] == message.body


def test_a_file_keeps_its_name_and_need_not_be_chosen_again(writing, app, alice, bobby):
    file = SimpleUploadedFile("the plan.pdf", b"%PDF plan")
    shown = writing.preview(type="file", file=file)
    form = writing.press(shown, "change")
    again = writing.preview(
        type="file",
        media_id=form.context["form"]["media_id"].value(),
        file_name=form.context["form"]["file_name"].value(),
    )
    writing.press(again, "send")

    assert "the plan.pdf" in form.content.decode()
    assert app.messages.get().body["fname"] == "the plan.pdf"
    assert AuditEntry.objects.get(action="Send a message").details["Text"] == "the plan.pdf"


def test_a_file_is_not_taken_to_another_app_or_type(root, app, other_app, alice, bobby):
    person(other_app, "alice"), person(other_app, "bobby")
    writing = Writing(root, app)
    shown = writing.preview(type="file", file=picture())
    kept = _Hidden(shown.content.decode()).fields

    for change in ({"app": str(other_app.pk)}, {"type": "image"}):
        response = root.post(writing.url, {**kept, **change})
        assert response.context["form"].errors["file"] == ["Choose the file once more."]


def test_a_custom_message_is_an_object_with_what_goes_along(writing, app, group):
    shown = writing.preview(
        to="group", group=str(group.pk), type="custom", custom='{"卡": {"price": 3}}',
        title="News", alert="A card for you", no_notification="on",
    )  # fmt: skip
    writing.press(shown, "send")

    message = app.messages.said().get()
    assert message.body == {"卡": {"price": 3}}
    assert message.options == {
        "no_notification": True, "notification": {"title": "News", "alert": "A card for you"},
    }  # fmt: skip
    assert "A card for you" in shown.content.decode()
    details = AuditEntry.objects.get(action="Send a message").details
    assert details["Notification"] == "News: A card for you"
    assert details["Without a notification"] is True


def test_the_preview_shows_what_the_filters_leave(writing, app, alice, bobby):
    add_words(app=app, words=["casino"])
    app.filters_words, app.word_policy = True, "mask"
    app.save()
    shown = writing.preview(text="To the casino").content.decode()
    writing.send(text="To the casino")

    assert "To the ******" in shown
    assert "filters have changed" in shown
    assert app.messages.get().body == {"text": "To the ******"}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"user": "nobody"}, "user"),
        ({"user": ""}, "user"),
        ({"sender": "nobody"}, "sender"),
        ({"sender": "a\0b"}, "sender"),
        ({"sender": "carol"}, "sender"),
        ({"to": "group", "group": "bobby"}, "group"),
        ({"to": "group", "group": "99999999"}, "group"),
        ({"to": "chatroom", "chatroom": "99999999"}, "chatroom"),
        ({"to": "users", "users": "bobby nobody"}, "users"),
        ({"to": "users", "users": "alice"}, "users"),
        ({"to": "listed", "listed": "state=online"}, "listed"),
        ({"to": "nobody"}, "to"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4090}, "text"),
        ({"text": "x" * 5000}, "text"),
        ({"type": "video"}, "type"),
        ({"type": "image"}, "file"),
        ({"type": "custom"}, "custom"),
        ({"type": "custom", "custom": "[1]"}, "custom"),
        ({"type": "custom", "custom": "{"}, "custom"),
        ({"title": "x" * 256}, "title"),
        ({"alert": "x" * 1025}, "alert"),
        ({"app": "0"}, "app"),
    ],
)
def test_what_can_not_be_sent_is_told_at_its_field(writing, app, alice, bobby, carol, data, field):
    disable_users(app=app, users=app.users.filter(username="carol"))
    for step in ("", "send"):
        response = writing.preview(**data, step=step, key="0" * 32)

        assert response.status_code == 200
        assert set(response.context["form"].errors) == {field}
    assert not app.messages.exists()


@pytest.mark.parametrize(
    ("kind", "content"), [("image", b"no picture"), ("file", b""), ("file", b"x" * 2000)]
)
def test_what_the_api_takes_as_no_file_is_none_here(
    writing, app, alice, bobby, settings, kind, content
):
    settings.IM_MEDIA_MAX_BYTES = 1024
    response = writing.preview(type=kind, file=SimpleUploadedFile("x.png", content))

    assert set(response.context["form"].errors) == {"file"}
    assert not app.media.exists()


def test_what_the_service_refuses_is_told_on_the_preview(writing, app, alice, bobby):
    block_users(app=app, owner=bobby, usernames=[person(app, "david").username])
    response = writing.send(sender="david")

    assert "The recipient has blocked the sender." in response.content.decode()
    assert not app.messages.exists()


def test_other_apps_are_neither_offered_nor_reached(writing, other_app, alice):
    person(other_app, "bobby")
    person(other_app, "alice")

    response = writing.preview(app=str(other_app.pk), step="send")

    assert "app" in response.context["form"].errors
    assert not other_app.messages.exists()


def test_whoever_may_begin_no_jobs_writes_to_one_at_a_time(app, olga, alice, bobby):
    from django.contrib.auth.models import Permission

    may = Permission.objects.filter(codename__in=["add_message"])
    writing = Writing(Browser(ticked_only(olga, may)), app)
    refused = writing.preview(to="everyone").context["form"]
    done = writing.send()

    assert {value for value, _label in refused.fields["to"].choices} == {
        "user", "group", "chatroom",
    }  # fmt: skip
    assert "to" in refused.errors
    assert done.status_code == 302
    assert app.messages.count() == 1
