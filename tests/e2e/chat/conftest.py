"""The web chat in real browsers, against a real server."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.chat.people import Person, Site
from tests.infra.conftest import another

At = Callable[..., Person]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """One site for all of these tests; each brings its own people."""
    home = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    home.chmod(0o755)
    running = Site(home)
    running.start()
    yield running
    running.stop()
    another(home).postmaster.halt()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield running
        running.close()


@pytest.fixture
def at(site: Site, browser: Browser) -> Iterator[At]:
    """Put somebody in front of the page; afterwards nothing may have gone wrong in it."""
    there: list[Person] = []

    def put(
        username: str, *, of: Site | None = None, logged_in: bool = True, **options: Any
    ) -> Person:
        person = Person.at(browser, of or site, username, **options)
        there.append(person)
        if logged_in:
            person.log_in()
        return person

    yield put
    for person in there:
        refused = person.refused()
        person.context.close()
        assert refused == []
        assert person.trouble == []


@pytest.fixture
def pair(site: Site, at: At) -> tuple[Person, Person]:
    """Two people, logged in, in a conversation with each other."""
    alice, bob = at(site.register("alice")), at(site.register("bob"))
    alice.begin_with(bob.username)
    alice.say("Hello, Bob!")
    bob.open(alice.username)
    bob.expect_said("Hello, Bob!")
    return alice, bob


@pytest.fixture
def gid(site: Site, pair: tuple[Person, Person]) -> int:
    """A group of the two, which both have before them."""
    alice, bob = pair
    members = {"owner_username": alice.username, "members_username": [bob.username]}
    gid: int = site.call("POST", "/v1/groups", {"name": "Hikers", **members})["gid"]
    for one in pair:
        one.open("Hikers")
        expect(one.page.locator(".event")).to_have_count(1)
    return gid
