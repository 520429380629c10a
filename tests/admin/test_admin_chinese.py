"""In Chinese, no page says anything in English."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from apps.accounts.models import Operator, User
from apps.core.adminkit.pages import site_pages
from apps.core.models import App
from apps.groups.models import Group
from apps.messaging.models import MessageType
from tests.admin.conftest import Browser, list_of, lists_of, page_of, say, world_of
from tests.admin.test_admin_compose import Writing, picture

#: Names and terms that are the same in Chinese.
TERMS = {
    "imserver", "API", "AppKey", "CSV", "Master", "Secret", "JSON", "UTC", "UTF", "NUL", "ID", "English",
    "en", "zh", "hans", "v1", "URL", "HTTP", "POST", "Webhook", "Android", "iOS", "JavaScript",
    "Windows", "UTF-8", "KiB", "MiB", "GiB", "SHA", "manage", "py", "check", "work", "serve", "App", "TOTP",
    "MB", "JPEG", "PNG", "GIF", "BMP", "HTTPS", "Cookie",
}  # fmt: skip
#: What the world of the tests calls things: data.
DATA = {
    "Acme", "Rival", "Fresh", "ours", "theirs", "owner", "friend", "group", "text", "phone", "olga", "root",
    "oursword", "theirsword",
    "curl", "users", "start", "count", "http", "testserver", "fname", "cat", "png", "media", "single", "user",
    "alert", "nobody", "level", "id", "label", "latitude", "longitude", "duration", "to", "from", "username",
    "event", "type", "gid", "list", "create", "description", "No", "such", "esc", "ctrl", "somebody", "old",
    "twin", "image",
}  # fmt: skip
_SAID_BY = {"title", "placeholder", "alt", "aria-label", "data-label", "data-copied", "label"}
_WORD = re.compile(r"[A-Za-z]{2,}")
_NAMES = re.compile(
    r"qiniu/image/j/\w+|\b[0-9a-f]{64}\b|[A-Za-z0-9]{24}|…[A-Za-z0-9]{4}|(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}"
    r"|https?://\S*|\b[A-Z]+(?:_[A-Z]+)+\b"
)
"""Keys, addresses, names of settings."""


class Reader(HTMLParser):
    """Collects what a page says: its text, and the attributes that are shown or read out."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = 0
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = given.get("class") or ""
        icon = "material-symbols-outlined" in classes
        data = "im-json" in classes  # as it goes over the wire
        # Time zones are data, in the hundreds.
        zones = tag == "select" and given.get("name") == "time_zone"
        # What is quoted from a program that speaks English alone says so.
        quoted = given.get("lang") == "en" and tag != "button"
        if self.silent or tag in ("script", "style") or icon or data or zones or quoted:
            if tag not in ("input", "link", "meta", "img", "br", "hr"):
                self.silent += 1
            return
        self.said += [value for name, value in attrs if name in _SAID_BY and value]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.said.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.said.append(data.strip())


def english_on(page: str) -> list[str]:
    """The texts of a page that have English words in them, other than terms and data."""
    reader = Reader()
    reader.feed(page)
    found = []
    for said in reader.said:
        words = _WORD.findall(_NAMES.sub("", said))
        if any(word not in TERMS | DATA for word in words):
            found.append(said)
    return found


@pytest.fixture
def world(app, other_app):
    """All kinds of rows."""
    ours = world_of(app, "ours")
    world_of(other_app, "theirs")
    bodies: dict[str, dict[str, Any]] = {
        MessageType.IMAGE: {"fname": "cat.png"},
        MessageType.VOICE: {"duration": 1},
        MessageType.FILE: {"fname": "cat"},
        MessageType.VIDEO: {"fname": "cat"},
        MessageType.LOCATION: {"label": "cat"},
        MessageType.CUSTOM: {"cat": 1},
    }
    for msg_type, body in bodies.items():
        say(app, "ours-owner", ours.group.pk, msg_type=msg_type, body=body)
    return ours


@pytest.fixture
def chinese(root: Browser) -> Browser:
    """A superuser who reads Chinese."""
    root.cookies["django_language"] = "zh-hans"
    return root


def test_english_is_found_where_it_is(root, world):
    assert "Users" in english_on(root.page(list_of(User)))
    assert english_on('<p title="Close">关闭</p>') == ["Close"]
    assert english_on("<p>关闭 <b>window</b></p>") == ["window"]
    assert english_on('<script>var x = "window";</script><p>应用 API</p>') == []


def addresses_of_site_pages() -> list[str]:
    """Pages that belong to no model, whoever registered them; those of a row are reached from there."""
    return [
        reverse(f"admin:{page.name}")
        for page in site_pages()
        if page.route.endswith("/") and "<" not in page.route
    ]


def test_lists_and_pages_are_chinese(chinese, world):
    operator = Operator.objects.get(username="root")
    addresses = [
        *addresses_of_site_pages(),
        *lists_of(world),
        *(list_of(type(row)) for row in world.rows),
        *(page_of(row) for row in world.rows),
        *(page_of(row, "history") for row in world.rows),
        list_of(Operator),
        page_of(operator),
        *(reverse(f"admin:{name}") for name in (
            "index", "password_change", "password_change_done", "core_app_add", "accounts_user_add",
            "accounts_operator_add", "groups_group_add", "webhooks_endpoint_add",
        )),
        *(reverse("admin:app_list", args=[label])
            for label in ("core", "accounts", "groups", "messaging", "webhooks")),
    ]  # fmt: skip

    pages = {address: chinese.get(address, follow=True).content.decode() for address in addresses}
    english = {address: english_on(page) for address, page in pages.items()}

    assert {address: said for address, said in english.items() if said} == {}


def test_pages_that_ask_are_chinese(chinese, world):
    operator = Operator.objects.get(username="root")
    member = world.group.members.order_by("-pk")[0]
    asked = [
        (world.app, "new_secret"),
        (world.app, "suspend"),
        (world.app, "resume"),
        (world.app.secrets.get(), "end"),
        (world.user, "new_password"),
        (world.user, "log_out"),
        (world.user, "block"),
        (world.user, "disable"),
        (world.user, "enable"),
        (world.user, "delete"),
        (world.user.blocks.get(), "unblock"),
        (world.session, "end"),
        (world.group, "add_members"),
        (world.group, "transfer"),
        (world.group, "dissolve"),
        (member, "remove"),
        (operator, "new_password"),
        *(
            (world.endpoint, name)
            for name in ("send_test", "new_secret", "pause", "resume", "remove")
        ),
        (world.endpoint.deliveries.get(), "retry"),
    ]

    english = {str(each): english_on(chinese.page(page_of(*each))) for each in asked}

    assert {each: said for each, said in english.items() if said} == {}


def test_what_is_said_afterwards_is_chinese(chinese, world):
    member = world.group.members.order_by("-pk")[0]
    answers = [
        (page_of(world.app, "suspend"), {}),
        (page_of(world.app, "resume"), {}),
        (page_of(world.session, "end"), {}),
        (page_of(world.user, "log_out"), {}),
        (page_of(world.user, "new_password"), {"password": "a password"}),
        (page_of(world.user, "disable"), {}),
        (page_of(world.user, "enable"), {}),
        (page_of(world.user.blocks.get(), "unblock"), {}),
        (page_of(world.user, "block"), {"usernames": "ours-friend"}),
        (page_of(member, "remove"), {}),
        (page_of(world.group, "add_members"), {"usernames": "ours-friend"}),
        (page_of(world.group, "transfer"), {"username": "ours-friend"}),
        (page_of(world.group, "dissolve"), {}),
        (page_of(world.app.secrets.get(), "end"), {}),
        (page_of(world.user, "delete"), {}),
        (page_of(world.user), {"star": "many"}),
        (page_of(world.app), {}),
    ]
    english = {}
    for address, data in answers:
        response = chinese.post(address, {"confirmed": "yes", **data}, follow=True)
        assert response.status_code == 200
        english[address] = english_on(response.content.decode())
    for row in (world.app, world.group):
        english[str(row)] = english_on(chinese.page(page_of(row, "history")))
        english[f"{row} again"] = english_on(chinese.page(page_of(row)))

    assert {address: said for address, said in english.items() if said} == {}


def test_writing_a_message_is_chinese(chinese, world):
    writing = Writing(chinese, world.app)
    writing.form |= {"sender": "ours-owner", "user": "ours-friend", "text": "消息"}
    written: list[dict[str, Any]] = [
        {"no_offline": "on"},
        {"to": "group", "group": world.group.pk, "type": "custom", "custom": "{}", "alert": "消息"},
        {"to": "chatroom", "chatroom": world.room.pk, "type": "image", "file": picture()},
        {"to": "users", "users": "ours-friend", "no_notification": "on"},
        {"to": "listed", "listed": "q=ours"},
        {"to": "everyone"},
        {"to": "users", "users": "nobody", "type": "custom", "custom": "{"},
        {"type": "image"},
    ]
    english: dict[str, list[str]] = {}
    for number, more in enumerate(written):
        shown = writing.preview(**more)
        english[f"preview {number}"] = english_on(shown.content.decode())
        if "letter" in shown.context:
            sent = chinese.get(writing.press(shown, "send").url)
            english[f"sent {number}"] = english_on(sent.content.decode())

    assert {each: said for each, said in english.items() if said} == {}
    assert sum(name.startswith("sent") for name in english) == 6


def test_refusals_are_chinese(chinese, world, client):
    olga_blank = Operator.objects.create_user(username="olga", password="x", is_staff=True)
    bare = Browser(olga_blank)
    bare.cookies["django_language"] = client.cookies["django_language"] = "zh-hans"
    absent = page_of(world.user).replace(str(world.user.pk), "99999999")
    pages = [
        chinese.page("/admin/nothing/here/", status=404),
        chinese.get(absent, follow=True).content.decode(),
        bare.page(list_of(User), status=403),
        bare.page(reverse("admin:index")),
        client.get(reverse("admin:login")).content.decode(),
        client.post(
            reverse("admin:login"), {"username": "olga", "password": "no"}
        ).content.decode(),
        chinese.page(list_of(User), created_at_from="abc", q="nobody"),
        chinese.page(list_of(Group), state="dissolved"),
        chinese.run(list_of(User), "", [world.user]).content.decode(),
        chinese.run(list_of(User), "disable_selected", [world.user]).content.decode(),
        chinese.post(list_of(User), {"action": "disable_selected"}, follow=True).content.decode(),
        chinese.answer(page_of(world.group, "add_members"), usernames="nobody").content.decode(),
    ]

    assert [english_on(page) for page in pages] == [[]] * len(pages)


def test_an_app_is_made_in_chinese(chinese, world):
    settings = {"name": "Fresh", "api_version": "v1", "time_zone": "UTC", "device_policy": "any",
                "max_group_members": "5", "max_groups_per_user": "5",
                "word_policy": "mask", "max_sensitive_words": "5"}  # fmt: skip

    response = chinese.post(reverse("admin:core_app_add"), settings)

    assert App.objects.filter(name="Fresh").exists()
    assert english_on(response.content.decode()) == []


def test_the_language_is_switched_by_a_button(root):
    address = list_of(User)
    before = root.page(address)
    response = root.post(
        reverse("set_language"), {"language": "zh-hans", "next": address}, follow=True
    )
    after = response.content.decode()
    root.post(reverse("set_language"), {"language": "en", "next": address})

    assert 'lang="en"' in before
    assert 'name="language" type="hidden" value="zh-hans"' in before
    assert 'lang="zh-hans"' in after
    assert "用户" in after
    assert 'lang="en"' in root.page(address)


def test_months_and_days_keep_their_chinese_names():
    with translation.override("zh-hans"):
        assert translation.gettext("May") == "五月"
