"""What one sets for oneself on the page: what disturbs, what is shielded, whom one blocks, one's friends."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.chat.accessible import expect_accessible

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


def about(person):
    """The dialog about the open conversation."""
    person.page.get_by_role("button", name="About this conversation").click()
    return person.page.locator("#relation")


def settings(person, *lists):
    """The dialog about oneself, with some of its lists unfolded."""
    person.page.locator("#open-account").click()
    for name in lists:
        person.page.locator(f"details:has(#settings-{name}-list) summary").click()
    return person.page.locator("#account")


def close(person):
    person.page.keyboard.press("Escape")


def expect_counted(person, title, kind):
    """One message is unread there, and looks like that."""
    count = person.row(title).locator('[data-part="unread"]')
    expect(count.locator('[data-part="count"]')).to_have_text("1")
    expect(count).to_be_visible()
    expect(count).to_have_class(kind)


def test_a_person_who_does_not_disturb_is_counted_quietly(site, pair):
    alice, bob = pair
    about(bob)
    expect(bob.turn("Do not disturb")).to_be_checked()
    expect_accessible(bob)
    close(bob)
    bob.begin_with(site.register("carol"))  # so that what comes is not read

    alice.say("quietly")

    expect_counted(bob, alice.username, "count calm")
    expect(bob.page).to_have_title("Chat")
    dialog = settings(bob, "quiet")
    expect(dialog.locator("#settings-quiet-list strong")).to_have_text([alice.username])
    dialog.get_by_role("button", name=f"May disturb again: {alice.username}").click()
    expect(dialog.locator("#settings-quiet-none")).to_be_visible()
    expect(bob.page).to_have_title("(1) Chat")
    close(bob)
    expect_counted(bob, alice.username, "count")


def test_a_group_that_does_not_disturb_or_is_shielded(site, pair, gid):
    alice, bob = pair
    about(bob)
    bob.turn("Do not disturb")
    expect(bob.turn("Shield this group")).to_be_checked()
    expect_accessible(bob)
    close(bob)
    expect(bob.row("Hikers").locator('[data-part="quietly"]')).to_have_text("Shielded")

    alice.say("unheard")
    alice.expect_status("unheard", "sent")
    dialog = settings(bob, "quiet", "shields")
    for name in ("quiet", "shields"):
        expect(dialog.locator(f"#settings-{name}-list strong")).to_have_text(["Hikers"])
    dialog.get_by_role("button", name="Hear again: Hikers").click()
    expect(dialog.locator("#settings-shields-none")).to_be_visible()
    close(bob)
    alice.say("heard")

    bob.expect_said("heard")
    about(bob)
    expect(bob.page.get_by_role("switch", name="Do not disturb")).to_be_checked()
    expect(bob.page.get_by_role("switch", name="Shield this group")).not_to_be_checked()


def test_nothing_at_all_disturbs_on_any_of_one_s_devices(site, at, pair):
    alice, bob = pair
    elsewhere = at(bob.username)
    settings(bob)
    expect(bob.turn("Do not disturb")).to_be_checked()
    close(bob)

    for one in (bob, elsewhere):
        expect(one.page.locator("#own-quiet")).to_be_visible()
    alice.say("all the same")
    expect_counted(elsewhere, alice.username, "count calm")
    expect(elsewhere.page).to_have_title("Chat")
    elsewhere.page.reload()
    elsewhere.expect_state("online")
    expect(elsewhere.page.locator("#own-quiet")).to_be_visible()

    settings(elsewhere)
    expect(elsewhere.turn("Do not disturb")).not_to_be_checked()
    expect(bob.page.locator("#own-quiet")).to_be_hidden()


def test_who_is_blocked_is_refused_until_one_thinks_better_of_it(pair):
    alice, bob = pair
    about(bob)
    expect(bob.turn("Block")).to_be_checked()
    close(bob)

    alice.say("Are you there?")
    reason = alice.message("Are you there?").locator('[data-part="reason"]')
    expect(reason).to_contain_text("does not accept messages from you")

    dialog = settings(bob, "blocks")
    expect(dialog.locator("#settings-blocks-count")).to_have_text("1")
    expect_accessible(bob)
    dialog.get_by_role("button", name=f"Unblock {alice.username}").click()
    expect(dialog.locator("#settings-blocks-none")).to_be_visible()
    close(bob)
    alice.page.get_by_role("button", name="Send again").click()
    bob.expect_said("Hello, Bob!", "Are you there?")


def test_friends_are_added_noted_written_to_and_removed(site, pair):
    alice, bob = pair
    carol = site.register("carol", nickname="Carol")
    about(bob)
    expect(bob.turn("Friend")).to_be_checked()
    bob.page.get_by_label("Your note about this friend").fill("From the choir")
    bob.page.get_by_role("button", name="Save").click()
    expect(bob.page.locator("#relation-saved")).to_have_text("Saved.")
    close(bob)

    dialog = settings(alice, "friends")  # each is on the other's list
    expect(dialog.locator("#settings-friends-list strong")).to_have_text([bob.username])
    close(alice)
    dialog = settings(bob, "friends")
    dialog.get_by_label("Add a friend").fill(site.unused("nobody"))
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.locator("#settings-error")).to_have_text("There is no such user.")
    dialog.get_by_label("Add a friend").fill(carol)
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.locator("#settings-friends-list strong")).to_have_text(
        ["From the choir", "Carol"]
    )
    dialog.get_by_role("button", name="Message to Carol").click()
    expect(bob.page.locator("#thread-title")).to_have_text(carol)
    bob.say("Hello, Carol!")
    bob.expect_status("Hello, Carol!", "sent")

    dialog = settings(bob)
    dialog.get_by_role("button", name="Remove From the choir").click()
    expect(dialog.locator("#settings-friends-list strong")).to_have_text(["Carol"])


def test_what_is_set_elsewhere_is_seen_here_at_once(site, pair):
    alice, bob = pair
    dialog = settings(bob, "friends")
    expect(dialog.locator("#settings-friends-none")).to_be_visible()
    site.call("POST", f"/v1/users/{alice.username}/friends", [bob.username])

    expect(dialog.locator("#settings-friends-list strong")).to_have_text([alice.username])


def test_on_a_phone_the_settings_fit_and_speak_chinese(site, at):
    phone = {"width": 390, "height": 760}
    bob = at(site.register("bob"), viewport=phone, has_touch=True, is_mobile=True, locale="zh-CN")
    dialog = settings(bob, "quiet", "shields", "blocks", "friends")

    expect(dialog.get_by_role("switch", name="免打扰")).to_be_visible()
    expect(dialog.locator("summary").first).to_contain_text("不打扰你的人和群")
    assert bob.page.evaluate("document.documentElement.scrollWidth") == 390
    assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    expect_accessible(bob)
