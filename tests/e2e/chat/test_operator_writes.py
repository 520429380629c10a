"""What an operator sends in the console of a running server, as the app's clients get it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.chat import test_operator_tasks as tasks
from tests.e2e.chat.people import PASSWORD, Site

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]

console = tasks.console


def client_of(site: Site, username: str) -> Callable[..., Any]:
    """What a client of the user's is answered."""
    key = site.credentials[0]
    login = {"appkey": key, "username": username, "password": PASSWORD, "platform": "j"}
    token = httpx.post(f"{site.url}/client/v1/sessions", json=login).json()["token"]

    def call(method: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.request(method, f"{site.url}/client/v1{path}", headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    return call


def begin(page: Page, to: str, target: str, sender: str) -> None:
    """The form, with whom it is to and from."""
    page.click("#nav-sidebar >> text=Send a message")
    page.check(f"[name=to][value={to}]")
    page.fill(f"[name={to}]", target)
    page.fill("[name=sender]", sender)


def test_a_message_is_looked_at_changed_and_sent_once(site, console):
    sender, reader = site.register("sender"), site.register("reader", nickname="Rita")
    tasks.write(console, "user", reader, sender, "Hello, Rta")
    expect(console.locator(".im-details")).to_contain_text(f"{reader} (Rita)")
    console.click("[name=step][value=change]")
    expect(console.locator("[name=user]")).to_have_value(reader)
    console.fill("[name=text]", "Hello, Rita")
    tasks.agree(console)
    expect(console.locator(".im-preview")).to_have_text("Hello, Rita")
    hidden = "() => [...document.querySelectorAll('.im-compose-preview input')].map(e => [e.name, e.value])"
    preview = dict(console.evaluate(hidden))
    console.dblclick("[name=step][value=send]", no_wait_after=True)
    expect(console.locator("#main")).to_contain_text(f"Sent to {reader} (Rita).")
    console.reload()
    again = console.request.post(
        f"{site.url}/admin/compose/",
        form={**preview, "step": "send"},
        headers={"Referer": console.url},
    )

    assert "It was sent before" in again.text()
    assert site.stored(reader) == ["Hello, Rita"]


def test_an_image_reaches_those_who_are_in_the_chatroom(site, console):
    owner, guest = site.register("owner"), site.register("guest")
    room = site.call("POST", "/v1/chatroom", {"owner_username": owner, "name": "Lawns"})
    number = str(room["chatroom_id"])
    call = client_of(site, guest)
    assert call("POST", f"/chatrooms/{number}/enter")["messages"] == []
    content = BytesIO()
    Image.new("RGB", (40, 30), "green").save(content, "PNG")
    picture = FilePayload(name="lawn.png", mimeType="image/png", buffer=content.getvalue())

    begin(console, "chatroom", number, owner)
    console.check("[name=type][value=image]")
    large = FilePayload(name="lawn.bmp", mimeType="image/bmp", buffer=bytes(9 * 1024**2))
    console.set_input_files("[name=file]", large)
    tasks.agree(console)
    expect(console.locator("[role=alert]:visible")).to_contain_text("larger than 8.0")
    console.set_input_files("[name=file]", picture)
    tasks.agree(console)
    shown = console.locator(".im-preview img")
    width = "async (image) => { await image.decode(); return image.naturalWidth; }"
    assert shown.evaluate(width) == 40
    expect(console.locator(".im-details")).to_contain_text(f"Lawns ({number})")
    tasks.send(console)

    expect(console.locator("#main")).to_contain_text("Sent to Lawns")
    (message,) = call("POST", f"/chatrooms/{number}/enter")["messages"]
    assert (message["target_id"], message["msg_type"]) == (number, "image")
    link = call("GET", f"/media?media_id={message['msg_body']['media_id']}")["url"]
    assert httpx.get(link).content == content.getvalue()


def test_a_custom_message_reaches_a_group_with_its_notification(site, console):
    owner, member = site.register("owner"), site.register("member")
    new = {"owner_username": owner, "name": "Cards", "members_username": [member]}
    group = site.call("POST", "/v1/groups/", new)
    begin(console, "group", str(group["gid"]), owner)
    console.check("[name=type][value=custom]")
    console.fill("[name=custom]", '{"card": ')
    tasks.agree(console)
    expect(console.locator(".im-compose-custom")).to_contain_text("This is no JSON: look at line 1")
    console.fill("[name=custom]", '{"card": {"price": 3}}')
    console.click("summary")
    console.fill("[name=alert]", "A card for you")
    tasks.agree(console)
    expect(console.locator(".im-notification")).to_contain_text("A card for you")
    tasks.send(console)

    expect(console.locator("#main")).to_contain_text("Sent to Cards")
    message = client_of(site, member)("GET", "/sync")["messages"][-1]
    assert message["msg_body"] == {"card": {"price": 3}}
    assert message["notification"] == {"alert": "A card for you"}


def test_who_is_meant_is_suggested_while_one_types(site, console):
    owner = site.register("susan-", nickname="Susan")
    new = {"owner_username": owner, "name": "Suggested readers", "members_username": []}
    group = site.call("POST", "/v1/groups/", new)

    def offered(box: str) -> Any:
        return console.locator(f"[name={box}] + datalist option")

    console.click("#nav-sidebar >> text=Send a message")
    console.locator("[name=sender]").press_sequentially("susan")
    expect(offered("sender")).to_have_attribute("value", owner)
    expect(offered("sender")).to_have_attribute("label", "Susan")
    console.check("[name=to][value=group]")
    console.locator("[name=group]").press_sequentially("Suggested r")
    expect(offered("group")).to_have_attribute("value", str(group["gid"]))
    expect(offered("group")).to_have_attribute("label", "Suggested readers")
    console.locator("[name=group]").press_sequentially("x")
    expect(offered("group")).to_have_count(0)

    console.click("#nav-sidebar >> text=Groups")
    console.click("a[href$='/group/add/']")
    console.locator("[name=owner_username]").press_sequentially("susan")
    expect(offered("owner_username")).to_have_attribute("value", owner)
    console.context.clear_cookies()  # as if the session had ended
    with console.expect_response("**/suggested/**"):
        console.locator("[name=owner_username]").press_sequentially("x")
    expect(offered("owner_username")).to_have_count(0)


def test_those_whom_a_filter_shows_are_written_to(site, console):
    sender = site.register("sender")
    chosen = [site.register("picked-") for _ in range(3)]
    other = site.register("other")
    console.click("#nav-sidebar >> text=Users")
    console.fill("#searchbar", "picked-")
    console.press("#searchbar", "Enter")
    expect(console.locator("#result_list tbody tr")).to_have_count(3)
    console.click("a[href*='listed=']")
    console.fill("[name=sender]", sender)
    console.fill("[name=text]", "To you alone")
    tasks.agree(console)
    expect(console.locator(".im-details")).to_contain_text("Search: picked-")
    tasks.send(console)

    tasks.expect_job(console, "3 of 3", "done")
    assert [site.stored(name) for name in chosen] == [["To you alone"]] * 3
    assert site.stored(other) == []
