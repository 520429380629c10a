"""Chatrooms on the page: going in, what is said while one is there, and going out."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.e2e.chat.accessible import expect_accessible

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


class Room:
    """A chatroom with an owner who is not at the page, under a name that no other test uses."""

    def __init__(self, site, name, **more):
        self.site = site
        self.owner = site.register("host")
        self.token = site.call("POST", f"/v1/users/{self.owner}/sessions", {"platform": "j"})[
            "token"
        ]
        self.name = f"{name} of {self.owner}"
        new = {"owner_username": self.owner, "name": self.name, **more}
        self.number = site.call("POST", "/v1/chatroom", new)["chatroom_id"]

    def hear(self, text):
        """Something that the owner says."""
        answer = httpx.post(
            f"{self.site.url}/client/v1/messages",
            headers={"Authorization": f"Bearer {self.token}"},
            json={
                "target_type": "chatroom",
                "target_id": str(self.number),
                "msg_type": "text",
                "msg_body": {"text": text},
            },
        )
        assert answer.is_success, answer.text


@pytest.fixture
def room(site):
    return Room(site, "Lounge", description="Come in")


@pytest.fixture
def there(site, at, room):
    """Two people in the room."""
    people = at(site.register("alice")), at(site.register("bob"))
    for one in people:
        one.sit_down_in(room.name)
    return people


def test_who_is_there_hears_and_is_heard_at_once(site, at, room):
    room.hear("before")
    alice, bob = at(site.register("alice")), at(site.register("bob"))
    alice.page.locator("#open-rooms").click()
    listed = alice.page.locator("#rooms-listed li").filter(has_text=room.name)
    expect(listed).to_contain_text("Come in · Here now: 1")
    expect_accessible(alice)
    alice.page.get_by_role("button", name=f"Enter {room.name}").click()
    bob.sit_down_in(room.name)

    alice.say("Anybody here?")
    bob.expect_said("before", "Anybody here?")
    bob.say("Me")
    alice.expect_said("before", "Anybody here?", "Me")
    alice.expect_status("Anybody here?", "sent")
    expect(alice.message("Me").locator(".from")).to_have_text(bob.username)
    expect(alice.page.locator("#rooms .conversation")).to_have_count(1)
    expect(alice.page.locator("#conversations .conversation")).to_have_count(0)
    expect(alice.page).to_have_title("Chat")  # nothing waits to be read
    expect_accessible(alice)


def test_nothing_waits_for_who_was_away_but_the_latest(site, there, room):
    alice, bob = there
    bob.page.close()
    for number in range(52):
        room.hear(f"Message {number}")
    alice.expect_said(*[f"Message {number}" for number in range(52)])

    bob.page = bob.context.new_page()
    bob.page.goto(f"{site.url}/chat/?appkey={site.credentials[0]}")
    bob.log_in()
    bob.open(room.name)

    expect(bob.message("Message 51")).to_be_visible()
    assert bob.page.locator(".message").count() >= 50
    bob.say("What did I miss?")
    expect(alice.message("What did I miss?")).to_be_visible()


class Cable:
    """What somebody's sockets go through from now on: it can be pulled."""

    def __init__(self, person, room):
        self.person = person
        self.lines: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        person.through(lambda route: self.lines.append((route, route.connect_to_server())))
        person.page.reload()
        person.expect_state("online")
        person.open(room.name)

    def pull(self):
        self.person.context.set_offline(True)
        for route, server in self.lines:
            server.close()
            route.close(code=1011)
        self.person.expect_state("reconnecting", "offline")

    def plug(self):
        self.lines.clear()
        self.person.context.set_offline(False)  # of which the browser tells the page
        self.person.expect_state("online")


def test_after_a_break_one_is_there_again_with_what_was_said_meanwhile(there, room):
    alice, bob = there
    cable = Cable(bob, room)
    room.hear("one")
    for one in there:
        one.expect_said("one")
    cable.pull()
    room.hear("two")
    alice.expect_said("one", "two")
    bob.expect_said("one")
    cable.plug()

    bob.expect_said("one", "two")
    room.hear("three")
    bob.expect_said("one", "two", "three")


def test_who_was_put_out_while_away_does_not_come_back_by_themselves(site, there, room):
    alice, bob = there
    cable = Cable(bob, room)
    cable.pull()
    site.call("DELETE", f"/v1/chatroom/{room.number}/members", [bob.username])
    expect(alice.page.locator(".event").last).to_contain_text(bob.username)
    cable.plug()

    expect(bob.page.locator("#composer-text")).to_be_disabled()
    members = site.call("GET", f"/v1/chatroom/{room.number}/members?start=0&count=10")["users"]
    assert len(members) == 2
    assert bob.username not in str(members)


def test_who_is_there_is_listed_and_one_goes_out(site, there, room):
    alice, bob = there
    alice.page.get_by_role("button", name="Members").click()
    people = alice.page.locator("#room-members strong")
    expect(people).to_have_text([room.owner, alice.username, bob.username])
    expect(alice.page.locator("#room-members li").first).to_contain_text("Owner")
    expect(alice.page.locator("#room-count")).to_have_text("Here now: 3")
    expect_accessible(alice)

    alice.page.get_by_role("button", name="Leave the chatroom").click()

    expect(alice.page.locator("#rooms .conversation")).to_have_count(0)
    expect(alice.page.locator("#no-thread")).to_be_visible()
    bob.say("Alone")
    bob.expect_status("Alone", "sent")
    alice.page.reload()
    alice.expect_state("online")
    expect(alice.page.locator("#rooms .conversation")).to_have_count(0)


def test_what_the_app_does_to_a_room_is_told_and_taken_up(site, there, room):
    alice, bob = there
    site.call("PUT", f"/v1/chatroom/{room.number}", {"name": f"{room.name}, anew"})
    for one in there:
        expect(one.page.locator("#thread-title")).to_have_text(f"{room.name}, anew")
        expect(one.page.locator(".event")).to_contain_text("details were changed")

    site.call("PUT", f"/v1/chatroom/{room.number}/forbidden/{bob.username}?status=1")
    expect(alice.page.locator(".event").last).to_contain_text(
        f"May not speak in the chatroom any more: {bob.username}"
    )
    bob.say("hello?")
    reason = bob.message("hello?").locator('[data-part="reason"]')
    expect(reason).to_contain_text("You may not speak in this chatroom")
    bob.page.get_by_role("button", name="Discard").click()

    site.call("DELETE", f"/v1/chatroom/{room.number}/members", [bob.username])
    expect(bob.page.locator("#composer-text")).to_be_disabled()
    expect(bob.page.locator(".event").last).to_contain_text(
        f"Removed from the chatroom: {bob.username}"
    )
    expect(alice.page.locator("#composer-text")).to_be_enabled()

    site.call("DELETE", f"/v1/chatroom/{room.number}")
    expect(alice.page.locator(".event").last).to_contain_text("The chatroom was closed.")
    expect(alice.page.locator("#composer-text")).to_be_disabled()


def test_a_busy_room_moves_no_conversation_in_the_list(site, there, room):
    alice, bob = there
    alice.begin_with(bob.username)
    alice.say("Between us")
    expect(bob.row(alice.username)).to_be_visible()
    room.hear("louder")

    expect(bob.row(room.name).locator('[data-part="preview"]')).to_have_text(
        f"{room.owner}: louder"
    )
    titles = bob.page.locator('#conversations [data-part="title"]')
    expect(titles).to_have_text([alice.username])
    expect(bob.row(alice.username).locator('[data-part="count"]')).to_have_text("1")
    bob.row(alice.username).focus()
    bob.page.keyboard.press("ArrowUp")
    expect(bob.row(room.name)).to_be_focused()
