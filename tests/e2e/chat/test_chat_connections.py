"""What is lost, cut and begun again on the way to the page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import WebSocketRoute, expect

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


def test_two_browsers_chat_and_the_server_restarts_in_between(site, pair):
    alice, bob = pair
    bob.say("Hello, Alice!")
    alice.expect_said("Hello, Bob!", "Hello, Alice!")

    site.stop()
    alice.expect_state("reconnecting", "offline")
    bob.expect_state("reconnecting", "offline")
    expect(alice.page.locator("#banner")).to_be_visible()
    alice.say("Are you there?")
    alice.say("I can't see you.")
    alice.expect_status("Are you there?", "sending")
    site.start()
    alice.expect_state("online")
    bob.expect_state("online")
    expect(alice.page.locator("#banner")).to_be_hidden()

    told = ["Hello, Bob!", "Hello, Alice!", "Are you there?", "I can't see you."]
    bob.expect_said(*told)
    bob.say("Here I am.")
    for person in pair:
        person.expect_said(*told, "Here I am.")
        assert site.stored(person.username) == [*told, "Here I am."]
    alice.expect_status("I can't see you.", "read")


def test_who_does_not_want_to_wait_tries_now(pair):
    alice, bob = pair
    lines: list[WebSocketRoute] = []

    def passes(route: WebSocketRoute) -> None:
        lines.append(route)
        route.connect_to_server()

    alice.through(passes)
    alice.page.clock.install()
    alice.page.reload()
    alice.expect_state("online")
    alice.open(bob.username)
    later = datetime.now(UTC) + timedelta(hours=1)
    alice.page.clock.pause_at(later)  # none of the page's pauses ends from now on
    lines[0].close(code=1011)
    alice.expect_state("reconnecting", "offline")
    bob.say("Are you back?")
    alice.expect_said("Hello, Bob!")

    alice.page.get_by_role("button", name="Try now").click()

    alice.expect_state("online")
    alice.expect_said("Hello, Bob!", "Are you back?")
    assert len(lines) == 2


def test_a_send_whose_answer_was_lost_is_stored_and_shown_once(site, pair):
    alice, bob = pair
    cut = 0

    def passes(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def from_server(frame: str | bytes) -> None:
            nonlocal cut
            if json.loads(frame)["type"] == "sent" and cut < 2:
                cut += 1
                server.close()
                route.close(code=1011)
            else:
                route.send(frame)

        server.on_message(from_server)

    alice.through(passes)
    alice.page.reload()
    alice.expect_state("online")
    alice.open(bob.username)
    alice.say("Only once!")

    alice.expect_nothing_waits()
    alice.expect_status("Only once!", "read")
    assert cut == 2
    for person in pair:
        person.expect_said("Hello, Bob!", "Only once!")
        assert site.stored(person.username) == ["Hello, Bob!", "Only once!"]


def test_what_was_not_sent_outlives_a_reload(site, pair):
    alice, bob = pair
    is_open = False

    def passes(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def from_page(frame: str | bytes) -> None:
            if is_open or json.loads(frame)["type"] != "send":
                server.send(frame)

        route.on_message(from_page)

    alice.through(passes)
    alice.page.reload()
    alice.expect_state("online")
    alice.open(bob.username)
    alice.say("Later, then.")
    alice.expect_status("Later, then.", "sending")
    is_open = True
    alice.page.reload()

    bob.expect_said("Hello, Bob!", "Later, then.")
    alice.open(bob.username)
    alice.expect_status("Later, then.", "read")
    alice.expect_said("Hello, Bob!", "Later, then.")


def test_an_outlived_cursor_is_answered_by_reading_everything_anew(site, pair):
    alice, bob = pair
    begun: list[str | None] = []

    def passes(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def from_server(frame: str | bytes) -> None:
            if json.loads(frame)["type"] == "ready" and len(begun) == 1:
                server.close()
                route.close(code=4410)
            else:
                route.send(frame)

        def from_page(frame: str | bytes) -> None:
            if json.loads(frame)["type"] == "auth":
                begun.append(json.loads(frame)["after"])
            server.send(frame)

        server.on_message(from_server)
        route.on_message(from_page)

    alice.through(passes)
    alice.page.reload()
    alice.expect_state("online")
    alice.open(bob.username)
    alice.expect_said("Hello, Bob!")
    lists = [address for address in alice.addresses if "/conversations?" in address]

    bob.say("Still here?")

    alice.expect_said("Hello, Bob!", "Still here?")
    assert len(begun) == 2
    # At the first start, at the reload, and when the cursor turned out to be outlived.
    assert len(lists) >= 3


def test_without_sockets_long_polls_do(site, pair):
    alice, bob = pair
    alice.through(lambda route: route.close(code=1011))
    alice.page.reload()
    alice.expect_state("online")
    alice.open(bob.username)

    bob.say("Do you hear me?")
    alice.expect_said("Hello, Bob!", "Do you hear me?")
    alice.say("By and by.")
    bob.expect_said("Hello, Bob!", "Do you hear me?", "By and by.")
    alice.expect_said("Hello, Bob!", "Do you hear me?", "By and by.")
    assert any("/client/v1/sync?" in address for address in alice.addresses)
    bob.expect_status("Do you hear me?", "read")
