"""What an operator does in the console of a running server, and what comes of it in the web chat."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.e2e.chat.people import PATIENCE, Site

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


@pytest.fixture
def console(site: Site, browser: Browser) -> Iterator[Page]:
    """The operator's page, logged in; nothing may go wrong in it."""
    trouble: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(2 * PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    page.goto(f"{site.url}/admin/")
    name, password = site.operator
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.click("#login-form button[type=submit]")
    expect(page.locator("#nav-sidebar")).to_be_attached()
    yield page
    context.close()
    assert trouble == []


def agree(page: Page) -> None:
    """Press the button of a page that asks."""
    page.click(".im-ask #content form button[type=submit]")


def expect_job(page: Page, *texts: str) -> None:
    """Wait until the job's page, which moves by itself, says all of this."""
    for text in texts:
        expect(page.locator("#main")).to_contain_text(text, ignore_case=True, timeout=90_000)


def write(page: Page, to: str, target: str, sender: str, text: str) -> None:
    """Fill in the form for sending, and look at the preview."""
    page.click("#nav-sidebar >> text=Send a message")
    page.check(f"[name=to][value={to}]")
    if target:
        page.fill(f"[name={to}]", target)
    page.fill("[name=sender]", sender)
    page.fill("[name=text]", text)
    agree(page)
    expect(page.locator(".im-preview")).to_have_text(text)


def send(page: Page) -> None:
    """Press the button of the preview."""
    page.click("[name=step][value=send]")


def upload(page: Page, text: str) -> None:
    """Import that file of users."""
    page.click("#nav-sidebar >> text=Users")
    page.click("text=Import users")
    file = FilePayload(name="users.csv", mimeType="text/csv", buffer=text.encode())
    page.set_input_files("[name=file]", file)
    agree(page)


def test_a_thousand_users_are_imported_and_ten_bad_rows_told(site, console):
    good = [f"{site.unused('row-')},Imported\n" for _ in range(990)]
    bad = [f"x{number},too short\n" for number in range(10)]
    upload(console, "username,nickname\n" + "".join(good[:500] + bad + good[500:]))

    expect_job(console, "1,000 of 1,000 (10 refused)", "Download the result")
    with console.expect_download() as caught:
        console.click("text=Download the result")
    told = list(csv.DictReader(io.StringIO(Path(caught.value.path()).read_text())))
    assert len(told) == 1000
    assert [int(line["row"]) for line in told if line["result"] == "error"] == list(range(501, 511))
    assert site.call("GET", f"/v1/users/{good[0].split(',')[0]}")["nickname"] == "Imported"


def test_who_is_disabled_loses_the_open_connection_at_once(site, console, at):
    victim = at(site.register("victim"))
    victim.expect_state("online")
    console.click("#nav-sidebar >> text=Users")
    console.fill("#searchbar", victim.username)
    console.press("#searchbar", "Enter")
    console.click(f"#result_list >> text={victim.username}")
    console.click("text=Disable")
    agree(console)

    expect(console.locator("#main")).to_contain_text("1 user disabled.")
    expect(victim.page.locator("#login-error")).to_contain_text("Your session has ended")


def test_what_is_sent_to_a_group_arrives_in_the_web_chat(site, console, at):
    owner, member = site.register("owner"), site.register("member")
    group = site.call(
        "POST",
        "/v1/groups/",
        {"owner_username": owner, "name": f"group of {owner}", "members_username": [member]},
    )
    person = at(member)
    write(console, "group", str(group["gid"]), owner, "From the console")
    send(console)

    expect(console.locator("#main")).to_contain_text(f"Sent to group of {owner}")
    person.open(f"group of {owner}")
    expect(person.message("From the console")).to_be_visible()


def test_a_broadcast_reaches_those_who_are_there_and_stops_when_it_is_cancelled(site, console, at):
    crowd = "".join(f"{site.unused('crowd-')},Crowd\n" for _ in range(1500))
    early = at(site.register("early"))
    upload(console, "username,nickname\n" + crowd)
    expect_job(console, "1,500 of 1,500", "Download the result")
    sender = site.register("sender")
    late = site.register("late")

    write(console, "everyone", "", sender, "To all of you")
    expect(console.locator(".im-details")).to_contain_text("everyone in the app")
    send(console)
    early.open(sender)
    early.expect_said("To all of you")
    worker = worker_of(site)
    worker.suspend()  # somewhere in the middle of it
    try:
        console.click("text=Cancel the job")
        agree(console)
        expect_job(console, "being cancelled")
    finally:
        worker.resume()

    main = console.locator("#main")
    expect(main).not_to_contain_text("being cancelled", ignore_case=True, timeout=60_000)
    expect_job(console, "cancelled")
    assert site.stored(late) == []


def worker_of(site: Site) -> psutil.Process:
    """The process that does the background work."""
    assert site.process is not None
    children = psutil.Process(site.process.pid).children(recursive=True)
    (found,) = [child for child in children if "work" in child.cmdline()]
    return found
