"""The page of the web chat, as it is served: its policy, its language, and what its scripts may contain."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from apps.accounts.models import Platform
from apps.core.errors import ErrorCode
from apps.messaging.models import MessageType
from apps.realtime.texts import texts
from imserver.env import CHECKOUT

SCRIPTS = sorted((CHECKOUT / "apps/realtime/static/chat").glob("*.js"))
EVENTS = {
    "create_group",
    "add_members",
    "remove_members",
    "exit_group",
    "change_owner",
    "update_group",
    "dissolve_group",
    "retract_message",
}


class Tags(HTMLParser):
    """The tags of a page, with their attributes, and the text within scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self._within = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within = tag

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within in {"script", "style"}:
            self.inline += data.strip()


def policy_of(response) -> dict[str, str]:
    directives = response.headers["Content-Security-Policy"].split("; ")
    return dict(directive.partition(" ")[::2] for directive in directives)


def test_nothing_is_allowed_but_this_server():
    assert policy_of(Client().get("/chat/", headers={"host": "im.example.com:8443"})) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self' ws://im.example.com:8443",
        "img-src": "'self' data:",
        "media-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def test_behind_https_its_sockets_are_encrypted_too():
    response = Client().get("/chat/", headers={"host": "im.example.com"}, secure=True)
    assert policy_of(response)["connect-src"] == "'self' wss://im.example.com"


def test_an_ipv6_address_is_not_put_where_sources_cannot_have_one():
    response = Client().get("/chat/", headers={"host": "[::1]:8000"})
    assert policy_of(response)["connect-src"] == "'self'"


def test_a_host_that_would_add_to_the_policy_is_refused():
    client = Client(raise_request_exception=False)
    assert client.get("/chat/", headers={"host": "a; script-src *"}).status_code == 400


def test_it_is_not_kept_by_caches_in_between():
    response = Client().get("/chat/")
    assert set(response.headers["Cache-Control"].split(", ")) == {"private", "no-cache"}


def test_without_the_slash_the_query_goes_along():
    response = Client().get("/chat?appkey=abc&username=alice")
    assert response.status_code == 302
    assert response.headers["Location"] == "/chat/?appkey=abc&username=alice"


def test_nothing_is_posted_to_it():
    assert Client().post("/chat/").status_code == 405


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_has_nothing_inline(language):
    page = Tags(Client().get("/chat/", headers={"accept-language": language}).content.decode())
    assert page.inline == ""
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        address = attributes.get("src") or attributes.get("href") or ""
        assert tag == "svg" or not address or address.startswith("/static/chat/"), (tag, address)
    assert [attributes["type"] for tag, attributes in page.tags if tag == "script"] == ["module"]


def test_it_speaks_the_language_of_its_reader():
    chinese = Client().get("/chat/", headers={"accept-language": "zh-CN"}).content.decode()
    english = Client().get("/chat/", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="zh-hans">' in chinese
    assert "登录" in chinese
    assert '<html lang="en">' in english
    assert "Sign in" in english


def test_it_tells_its_scripts_the_limits_and_the_texts(settings):
    settings.IM_MESSAGE_BODY_MAX_BYTES = 999
    settings.IM_RETRACT_SECONDS = 77
    page = Tags(Client().get("/chat/", headers={"accept-language": "zh-CN"}).content.decode())
    (body,) = [attributes for tag, attributes in page.tags if tag == "body"]
    assert (body["data-body-limit"], body["data-retract-seconds"]) == ("999", "77")
    told = json.loads(body["data-texts"] or "")
    assert told.keys() == texts().keys()
    assert told["read"] == "已读"


def test_a_query_cannot_write_into_the_page():
    page = Client().get("/chat/", {"appkey": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


def test_every_text_that_the_scripts_say_is_there():
    said: set[str] = set()
    for script in SCRIPTS:
        said |= set(re.findall(r'\btext\(\s*"(\w+)"', script.read_text()))
    assert len(said) > 20
    assert said <= texts().keys()


def test_whatever_the_server_may_tell_has_words():
    wanted = EVENTS | {kind for kind in MessageType.values if kind != "text"}
    wanted |= {f"platform_{platform}" for platform in Platform.values}
    assert wanted <= texts().keys()


def test_refusals_have_words_for_errors_that_exist():
    numbers = [int(name[6:]) for name in texts() if name.startswith("error_")]
    assert numbers
    assert set(numbers) <= ErrorCode.known.keys()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_makes_no_markup_and_stays_short(script):
    source = script.read_text()
    makers = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function"
    )
    assert not re.findall(makers, source)
    assert source.count("\n") < 400
