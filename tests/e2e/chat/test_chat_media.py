"""Images and files on the page: picked, pasted, dropped, shown, saved."""

from __future__ import annotations

import base64
import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.chat.people import Person, Site
from tests.messaging.uploads import AMR, image

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]

PICTURE = image("PNG", (640, 360), "teal")


def pick(person: Person, *files: tuple[str, str, bytes]) -> None:
    """As from the system's dialog."""
    chosen: Any = [
        {"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files
    ]
    with person.page.expect_file_chooser() as chooser:
        person.page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(chosen)


def pictures(person: Person) -> Locator:
    return person.page.locator(".message .picture img")


def expect_shown(picture: Locator, width: int) -> None:
    """Until its bytes are there."""
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", width)


def hand_over(person: Person, event: str, selector: str, name: str, content: bytes) -> None:
    """Paste or drop a file there."""
    person.page.evaluate(
        """([event, selector, name, content]) => {
          const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], name, { type: "image/png" }));
          const init = { bubbles: true, cancelable: true };
          const made = event === "paste"
            ? new ClipboardEvent("paste", { ...init, clipboardData: data })
            : new DragEvent(event, { ...init, dataTransfer: data });
          document.querySelector(selector).dispatchEvent(made);
        }""",
        [event, selector, name, base64.b64encode(content).decode()],
    )


def test_an_image_is_picked_sent_with_a_text_and_seen(pair):
    alice, bob = pair
    pick(alice, ("holiday.png", "image/png", PICTURE))
    expect(alice.page.locator(".attachments")).to_contain_text("holiday.png")
    expect(alice.page.locator("#composer-text")).to_be_focused()
    alice.say("Look!")

    for person in (alice, bob):
        expect_shown(pictures(person), 640)
        expect(person.page.locator(".message .said:visible")).to_have_text(["Hello, Bob!", "Look!"])
    expect(alice.page.locator(".attachments")).to_be_hidden()
    expect(pictures(bob)).to_have_attribute("alt", f"Image from {alice.username}")
    expect(alice.page.locator(".tick").last).to_have_attribute(
        "data-status", re.compile("sent|read")
    )
    box = pictures(bob).bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (320, 180)


def test_a_conversation_opens_at_its_end_however_long_images_take(site, pair):
    alice, bob = pair
    for name in ("one.png", "two.png", "three.png", "four.png"):
        pick(alice, (name, "image/png", image("PNG", (300, 900), "navy")))
        alice.page.keyboard.press("Enter")
    expect(pictures(bob)).to_have_count(4)
    bob.context.route(re.compile("/media/"), lambda _: None)  # and none is ever answered
    bob.page.reload()
    bob.expect_state("online")
    bob.open(alice.username)

    expect(bob.page.locator(".message").last).to_be_in_viewport()
    at_its_end = """() => {
      const log = document.getElementById("log");
      return log.scrollHeight - log.scrollTop - log.clientHeight < 4;
    }"""
    bob.page.wait_for_function(at_its_end)
    bob.context.unroute_all(behavior="ignoreErrors")


def test_it_is_looked_at_and_left_by_keyboard(pair):
    alice, bob = pair
    pick(alice, ("a.png", "image/png", PICTURE))
    alice.page.keyboard.press("Enter")
    expect_shown(pictures(bob), 640)

    bob.page.locator(".message .picture").focus()
    bob.page.keyboard.press("Enter")
    viewer = bob.page.get_by_role("dialog", name="Image")
    expect(viewer).to_be_visible()
    expect_shown(viewer.get_by_role("img"), 640)
    with bob.page.expect_download() as saved:
        viewer.get_by_role("button", name="Save image").click()
    assert saved.value.path().read_bytes() == PICTURE
    bob.page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(bob.page.locator(".message .picture")).to_be_focused()


@pytest.mark.parametrize(("event", "where"), [("paste", "#composer-text"), ("drop", "#messages")])
def test_an_image_is_pasted_or_dropped(pair, event, where):
    alice, bob = pair
    hand_over(alice, event, where, "pasted.png", PICTURE)
    expect(alice.page.locator(".attachments li")).to_have_count(1)
    alice.page.locator("#send").click()

    expect_shown(pictures(bob), 640)


def test_what_is_picked_can_be_put_back_and_waits_where_it_was_picked(site, at):
    alice = at(site.register("alice"))
    bob, carol = site.register("bob"), site.register("carol")
    for other in (bob, carol):
        alice.begin_with(other)
        alice.say("Hello")
    pick(alice, ("one.png", "image/png", PICTURE), ("two.txt", "text/plain", b"2"))
    chips = alice.page.locator(".attachments li")

    alice.page.get_by_role("button", name="Remove one.png").click()
    expect(chips).to_have_count(1)
    expect(chips).to_contain_text("two.txt")
    alice.open(bob)
    expect(chips).to_have_count(0)
    alice.open(carol)
    expect(chips).to_contain_text("two.txt")


def test_a_file_that_is_no_image_is_sent_as_a_file_and_saved(pair):
    alice, bob = pair
    page = b"<script>document.title = 'mine'</script>"
    pick(
        alice,
        ("报告.html", "text/html", page),
        ("lies.png", "image/png", b"no image at all"),
    )
    alice.page.keyboard.press("Enter")

    files = bob.page.locator(".message .file")
    expect(files.locator("strong")).to_have_text(["报告.html", "lies.png"])
    with bob.page.expect_download() as saved:
        files.first.click()
    assert saved.value.suggested_filename == "报告.html"
    assert saved.value.path().read_bytes() == page
    expect(bob.page).not_to_have_title("mine")


def test_what_is_too_large_is_not_taken(pair):
    alice, _ = pair
    pick(alice, ("huge.bin", "application/octet-stream", bytes(8 * 1024 * 1024 + 1)))
    notice = alice.page.locator("#notice")
    expect(notice).to_have_text("huge.bin is too large: at most 8 MB.")
    pick(alice, ("none.bin", "application/octet-stream", b""))
    expect(notice).to_have_text("none.bin is empty.")
    expect(alice.page.locator(".attachments")).to_be_hidden()


def test_an_upload_that_fails_leaves_the_file_and_the_text(pair):
    alice, bob = pair
    uploads = re.compile(r"/client/v1/media\?type=")
    alice.context.route(uploads, lambda route: route.abort())
    pick(alice, ("a.png", "image/png", PICTURE))
    alice.say("With this")
    expect(alice.page.locator("#notice")).to_have_text("The server cannot be reached.")
    expect(alice.page.locator(".attachments li")).to_have_count(1)
    expect(alice.page.locator("#composer-text")).to_have_value("With this")

    alice.context.unroute(uploads)
    alice.page.locator("#send").click()

    expect_shown(pictures(bob), 640)
    expect(bob.page.locator(".message .said:visible").last).to_have_text("With this")


def uploaded(site: Site, kind: str, content: bytes, name: str = "a") -> dict[str, Any]:
    answer = httpx.post(
        f"{site.url}/v1/resource?type={kind}", files={"x": (name, content)}, auth=site.credentials
    )
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


def test_what_the_server_sends_is_shown_a_voice_and_an_image_that_is_gone(site, at):
    alice, bob = site.register("alice"), site.register("bob")
    gone = {**uploaded(site, "image", PICTURE), "media_id": "qiniu/image/j/0"}
    for msg_type, body in (
        ("voice", {**uploaded(site, "voice", AMR), "duration": 1}),
        ("image", gone),
    ):
        message = {
            "version": 1,
            "target_type": "single",
            "target_id": bob,
            "from_type": "user",
            "from_id": alice,
            "msg_type": msg_type,
            "msg_body": body,
        }
        site.call("POST", "/v1/messages", message)

    reader = at(bob)
    reader.open(alice)

    sound = reader.page.locator(".message audio")
    expect(sound).to_have_attribute("src", re.compile("^/media/"))
    expect(sound).to_have_attribute("aria-label", f"Voice message from {alice}")
    fault = reader.page.locator('.picture [data-part="fault"]')
    expect(fault).to_have_text("It could not be loaded.")


def test_the_page_shows_only_what_its_own_server_has(pair):
    alice, bob = pair
    pick(alice, ("a.png", "image/png", PICTURE))
    alice.page.keyboard.press("Enter")
    expect_shown(pictures(bob), 640)

    own = re.compile(re.escape(bob.site.url.replace("http", "")))
    assert all(own.search(address) for address in bob.addresses if not address.startswith("data:"))
