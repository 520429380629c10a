"""People of two apps on the page: names stand with their app; what passes within one passes between."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.chat.accessible import expect_accessible

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


@pytest.fixture(scope="module")
def rival(site):
    """Another app at the same site."""
    return site.another_app("Rival")


@pytest.fixture
def pair(site, rival, at):
    """Two people of the same name, each of an app of their own, in a conversation with each other."""
    name = site.register("robin")
    rival.call("POST", "/v1/users", [{"username": name, "password": "correct horse"}])
    here, there = at(name), at(name, of=rival)
    here.begin_with(name, app="Rival")
    here.say("Hello over there!")
    there.open(f"{name} · Demo")
    there.expect_said("Hello over there!")
    return here, there


def test_two_of_one_name_talk_and_are_told_apart(pair):
    here, there = pair
    name = here.username
    expect(here.page.locator("#thread-title")).to_have_text(f"{name} · Rival")
    here.expect_status("Hello over there!", "read")

    there.page.locator("#composer-text").press_sequentially("Well")
    expect(here.page.locator("#thread-note")).to_have_text(f"{name} · Rival is typing…")
    there.say("Well, hello")
    here.expect_said("Hello over there!", "Well, hello")
    there.expect_status("Well, hello", "read")
    assert here.message("Hello over there!").evaluate(
        "element => element.classList.contains('own')"
    )
    assert not here.message("Well, hello").evaluate("element => element.classList.contains('own')")
    for one in pair:
        expect(one.page.locator(".conversation")).to_have_count(1)
    here.page.reload()
    here.expect_state("online")
    here.open(f"{name} · Rival")
    here.expect_said("Hello over there!", "Well, hello")
    expect_accessible(here)


def test_what_is_unread_is_counted_and_what_was_read_stays_marked(pair):
    here, there = pair
    there.page.reload()
    there.expect_state("online")
    here.say("One more")
    row = there.row(f"{here.username} · Demo")
    expect(row.locator('[data-part="count"]')).to_have_text("1")
    here.expect_status("One more", "sent")
    row.click()
    here.expect_status("One more", "read")
    here.page.reload()
    here.expect_state("online")
    here.open(f"{here.username} · Rival")
    here.expect_status("One more", "read")


def test_a_group_names_those_of_another_app_with_it(site, rival, pair):
    here, there = pair
    owner = site.register("olga")
    new = {"owner_username": owner, "name": f"Both {owner}", "members_username": [here.username]}
    gid = site.call("POST", "/v1/groups", new)["gid"]
    change = [{"appkey": rival.credentials[0], "add": [there.username]}]
    site.call("POST", f"/v1/cross/groups/{gid}/members", change)
    for one in pair:
        one.open(f"Both {owner}")
    joined = here.page.locator(".event").last
    expect(joined).to_contain_text(f"Joined the group: {there.username} · Rival")

    there.page.locator("#composer-text").press_sequentially("H")
    expect(here.page.locator("#thread-note")).to_have_text(f"{there.username} · Rival is typing…")
    there.say("Hi all")
    said = here.message("Hi all").locator(".from")
    expect(said).to_have_text(f"{there.username} · Rival")
    preview = here.row(f"Both {owner}").locator('[data-part="preview"]')
    expect(preview).to_have_text(f"{there.username} · Rival: Hi all")
    there.expect_status("Hi all", "read")
    here.page.get_by_role("button", name="Members").click()
    people = here.page.locator("#group-members strong")
    expect(people).to_have_text([owner, here.username, f"{there.username} · Rival"])


def test_one_of_another_app_is_blocked_befriended_and_kept_quiet(pair):
    here, there = pair
    name = f"{here.username} · Rival"
    page = here.page
    page.get_by_role("button", name="About this conversation").click()
    for switch in ("Do not disturb", "Friend", "Block"):
        expect(here.turn(switch)).to_be_checked()
    page.keyboard.press("Escape")
    expect(here.row(name).locator('[data-part="quietly"]')).to_have_text("Do not disturb")
    there.say("No?")
    reason = there.message("No?").locator('[data-part="reason"]')
    expect(reason).to_contain_text("does not accept messages")

    page.locator("#open-account").click()
    for summary in page.locator("#account summary").all():
        summary.click()
    for name_of_list in ("quiet", "blocks", "friends"):
        expect(page.locator(f"#settings-{name_of_list}-list strong")).to_have_text([name])
    for button in (f"May disturb again: {name}", f"Unblock {name}", f"Remove {name}"):
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("button", name=button)).to_have_count(0)
    page.get_by_label("Block somebody").fill(here.username)
    page.locator("#settings-block-app").select_option("Rival")
    page.locator("#settings-block button").click()
    expect(page.locator("#settings-blocks-list strong")).to_have_text([name])
    expect_accessible(here)


def test_a_chatroom_with_people_of_another_app(site, rival, pair):
    here, there = pair
    owner = site.register("host")
    new = {
        "owner_username": owner,
        "name": f"Stage of {owner}",
        "members_username": [here.username],
    }
    number = site.call("POST", "/v1/chatroom", new)["chatroom_id"]
    change = [{"appkey": rival.credentials[0], "add": [there.username]}]
    site.call("POST", f"/v1/cross/chatroom/{number}/members", change)
    for one in pair:
        one.page.reload()
        one.expect_state("online")
        one.open(f"Stage of {owner}")

    there.say("From afar")
    expect(here.message("From afar").locator(".from")).to_have_text(f"{there.username} · Rival")
    here.page.get_by_role("button", name="Members").click()
    people = here.page.locator("#room-members strong")
    expect(people).to_have_text([owner, here.username, f"{there.username} · Rival"])
