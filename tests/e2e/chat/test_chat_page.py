"""What people do on the page."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>&amp;"


def test_typing_is_shown_while_it_lasts(pair):
    alice, bob = pair
    note = alice.page.locator("#thread-note")
    bob.page.locator("#composer-text").press_sequentially("Well")
    expect(note).to_have_text(f"{bob.username} is typing…")
    bob.page.locator("#composer-text").press("Enter")
    expect(note).to_have_text("")


def test_what_was_read_is_marked_and_what_was_not_is_counted(site, at):
    alice, bob = at(site.register("alice")), at(site.register("bob"))
    alice.begin_with(bob.username)
    alice.say("One")
    alice.say("Two")
    alice.expect_status("Two", "sent")

    expect(bob.row(alice.username).locator('[data-part="count"]')).to_have_text("2")
    expect(bob.row(alice.username).locator('[data-part="preview"]')).to_have_text("Two")
    expect(bob.page).to_have_title("(2) Chat")
    bob.open(alice.username)

    alice.expect_status("One", "read")
    alice.expect_status("Two", "read")
    expect(bob.row(alice.username).locator('[data-part="unread"]')).to_be_hidden()
    expect(bob.page).to_have_title("Chat")
    bob.page.reload()
    bob.expect_state("online")
    expect(bob.row(alice.username).locator('[data-part="preview"]')).to_have_text("Two")
    expect(bob.row(alice.username).locator('[data-part="unread"]')).to_be_hidden()


def test_a_group_is_created_talks_and_changes(site, at):
    alice, bob = at(site.register("alice")), at(site.register("bob"))
    carol = site.register("carol", nickname="Carol")
    page = alice.page
    page.get_by_role("button", name="New group").click()
    page.get_by_label("Name of the group").fill("Hikers")
    page.get_by_role("dialog").get_by_label("Members").fill(
        f"{bob.username}, {site.unused('nobody')}"
    )
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_have_text("There is no such user.")
    page.get_by_role("dialog").get_by_label("Members").fill(bob.username)
    page.get_by_role("button", name="Create").click()

    expect(page.locator(".event")).to_contain_text("The group was created.")
    bob.open("Hikers")
    alice.say("Off we go")
    bob.expect_said("Off we go")
    expect(bob.message("Off we go").locator(".from")).to_be_visible()
    expect(bob.message("Off we go").locator(".from")).to_have_text(alice.username)

    page.get_by_role("button", name="Members").click()
    people = page.locator("#group-members strong")
    expect(people).to_have_text([alice.username, bob.username])
    page.get_by_label("Add a member").fill(carol)
    page.get_by_role("button", name="Add").click()
    expect(people).to_have_text([alice.username, bob.username, "Carol"])
    expect(bob.page.locator(".event").last).to_contain_text(f"Joined the group: {carol}")
    page.get_by_role("button", name=f"Remove {bob.username}").click()
    expect(people).to_have_text([alice.username, "Carol"])

    expect(bob.page.locator("#composer-text")).to_be_disabled()
    expect(bob.page.locator("#composer-note")).to_have_text("You can no longer write here.")
    last = bob.page.locator(".event").last
    expect(last).to_contain_text(f"Removed from the group: {bob.username}")


def test_history_loads_as_one_scrolls_up_and_keeps_its_place(site, at):
    alice, bob = site.register("alice"), site.register("bob")
    texts = [f"Message {number}" for number in range(120)]
    for text in texts:
        site.say(bob, alice, text)
    reader = at(alice)
    reader.open(bob)
    expect(reader.message(texts[-1])).to_be_in_viewport()
    assert reader.page.locator(".message").count() < len(texts)

    for _ in itertools.count():
        before = reader.page.locator(".message").count()
        if before == len(texts):
            break
        first = reader.page.locator(".message .said").first.inner_text()
        reader.page.evaluate("document.getElementById('log').scrollTop = 0")
        expect(reader.page.locator(".message").nth(before)).to_be_attached()
        expect(reader.message(first)).to_be_in_viewport()

    reader.expect_said(*texts)
    reader.page.evaluate("document.getElementById('log').scrollTop = 0")
    expect(reader.page.locator("#log-top")).to_have_text("The conversation begins here.")
    site.say(bob, alice, "Look down")
    expect(reader.page.locator("#to-newest")).to_be_visible()
    reader.page.locator("#to-newest").click()
    expect(reader.message("Look down")).to_be_in_viewport()


def test_a_retracted_message_is_gone_for_both(site, pair):
    alice, bob = pair
    alice.say("I did not mean that")
    bob.expect_said("Hello, Bob!", "I did not mean that")
    hers = alice.message("I did not mean that")
    expect(bob.message("I did not mean that").locator('[data-part="retract"]')).to_be_hidden()
    hers.hover()
    hers.get_by_role("button", name="Retract").click()

    for person in pair:
        person.expect_said("Hello, Bob!", "This message was retracted.")
        person.page.reload()
        person.expect_state("online")
    bob.open(alice.username)
    bob.expect_said("Hello, Bob!", "This message was retracted.")
    assert "I did not mean that" not in bob.page.content()


def test_a_message_can_be_retracted_for_three_minutes(pair):
    alice, _ = pair
    retract = alice.message("Hello, Bob!").locator('[data-part="retract"]')
    alice.page.evaluate("window.now = Date.now; Date.now = () => window.now() + 170_000")
    alice.say("Much later")
    expect(retract).to_be_visible()
    alice.page.evaluate("Date.now = () => window.now() + 181_000")
    expect(retract).to_be_hidden()


def test_text_never_becomes_markup(site, at):
    alice = at(site.register("alice", nickname=MARKUP[:20]))
    bob = at(site.register("bob"))
    alice.begin_with(bob.username)
    alice.say(MARKUP)
    bob.open(MARKUP[:20])
    bob.expect_said(MARKUP)
    alice.begin_with(MARKUP)
    alice.page.locator("#open-new-group").click()
    alice.page.locator("#new-group-name").fill(MARKUP[:60])
    alice.page.locator("#new-group-members").fill(bob.username)
    alice.page.locator("#new-group-form [type=submit]").click()
    bob.open(MARKUP[:60])

    for person in (alice, bob):
        assert person.page.locator("img[src=x], #chat script").count() == 0


def test_the_policy_refuses_scripts_and_markup_even_to_the_pages_own_code(site, at):
    alice = at(site.register("alice"))
    assert (
        alice.page.evaluate(
            """() => {
          try {
            document.body.innerHTML = "<b>bold</b>";
            return "it became markup";
          } catch (error) {
            return error.name;
          }
        }"""
        )
        == "TypeError"
    )
    for added in ("img", "script"):
        alice.page.evaluate(
            """(name) => new Promise((resolve) => {
              const added = document.createElement(name);
              if (name === "img") added.src = "http://127.0.0.2:9/x.png";
              else added.append("window.ran = true");
              added.onerror = resolve;
              document.body.append(added);
              if (name === "script") resolve();
            })""",
            added,
        )

    refused = " ".join(alice.refused())
    assert "require-trusted-types-for" in refused
    assert "img-src http://127.0.0.2:9/x.png" in refused
    assert alice.page.evaluate("window.ran") is None
    alice.page.evaluate("window.refused = []")


def test_everything_can_be_done_by_keyboard(site, at):
    bob = at(site.register("bob"))
    alice = at(site.register("alice"), logged_in=False)
    keyboard = alice.page.keyboard
    expect(alice.page.get_by_label("Username").first).to_be_focused()
    keyboard.type(alice.username)
    keyboard.press("Tab")
    keyboard.type("correct horse")
    keyboard.press("Enter")
    alice.expect_state("online")
    expect(alice.page.get_by_role("button", name=alice.username)).to_be_focused()
    keyboard.press("Tab")
    expect(alice.page.get_by_role("button", name="New conversation")).to_be_focused()
    keyboard.press("Enter")
    keyboard.type(bob.username)
    keyboard.press("Enter")
    expect(alice.page.get_by_role("textbox")).to_be_focused()
    keyboard.type("First line")
    keyboard.press("Shift+Enter")
    keyboard.type("second line")
    keyboard.press("Enter")
    bob.open(alice.username)
    expect(bob.page.locator(".message .said")).to_have_text("First line\nsecond line")
    expect(alice.page.get_by_role("textbox")).to_have_value("")

    site.say(site.register("carol"), alice.username, "Me too")
    expect(alice.page.locator(".conversation")).to_have_count(2)
    keyboard.press("Escape")
    expect(alice.row(bob.username)).to_be_focused()
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    alice.expect_said("Me too")
    expect(alice.page.get_by_role("textbox")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(alice.page.get_by_role("button", name="Attach files")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(alice.page.get_by_role("log")).to_be_focused()


def test_a_phone_shows_the_list_or_a_conversation(site, at):
    phone = {"width": 390, "height": 760}
    bob = at(site.register("bob"), viewport=phone, has_touch=True, is_mobile=True)
    alice = at(site.register("alice"))
    alice.begin_with(bob.username)
    alice.say("W" * 300)
    page = bob.page
    expect(page.locator(".pane")).to_be_hidden()
    bob.open(alice.username)
    expect(page.locator(".side")).to_be_hidden()
    bob.expect_said("W" * 300)
    alice.expect_status("W" * 300, "read")
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    page.get_by_role("button", name="Back to the list").click()
    expect(page.locator(".side")).to_be_visible()
    expect(page.locator(".pane")).to_be_hidden()
    alice.say("Unseen")
    expect(bob.row(alice.username).locator('[data-part="count"]')).to_have_text("1")
    alice.expect_status("Unseen", "sent")
    bob.open(alice.username)
    alice.expect_status("Unseen", "read")
    page.go_back()
    expect(page.locator(".side")).to_be_visible()


def test_what_is_refused_says_why(site, at):
    alice = at(site.register("alice"))
    nobody = site.unused("nobody")
    alice.begin_with(nobody)
    alice.say("Hello?")
    refusal = alice.message("Hello?").locator('[data-part="reason"]')
    expect(refusal).to_have_text("Not sent: There is no such user.")
    site.call("POST", "/v1/users", [{"username": nobody, "password": "secret"}])
    alice.page.get_by_role("button", name="Send again").click()
    alice.expect_status("Hello?", "sent")
    alice.expect_said("Hello?")

    alice.begin_with(site.unused("nobody"))
    alice.say("Hello?")
    alice.page.get_by_role("button", name="Discard").click()
    alice.expect_said()
    alice.page.locator("#composer-text").fill("长" * 1400)
    expect(alice.page.locator("#composer-note")).to_have_text(re.compile("Too long by 1[0-9][0-9]"))
    alice.page.locator("#composer-text").press("Enter")
    alice.expect_said()


def test_a_session_outlives_a_reload_and_ends_where_it_is_told_to(site, at):
    username = site.register("alice")
    here = at(username, logged_in=False)
    here.page.get_by_label("Username").first.fill(username)
    here.page.get_by_label("Password").fill("wrong")
    here.page.get_by_role("button", name="Sign in").click()
    expect(here.page.get_by_role("alert")).to_have_text("Wrong username or password.")
    here.log_in()
    there = at(username)
    here.page.reload()
    here.expect_state("online")

    here.page.get_by_role("button", name=username).click()
    expect(here.page.locator("#sessions li")).to_have_count(2)
    here.page.get_by_role("button", name=re.compile("^Log out: ")).click()
    expect(here.page.locator("#sessions li")).to_have_count(1)
    expect(there.page.locator("#login-error")).to_contain_text("Your session has ended")
    here.page.get_by_role("button", name="Log out", exact=True).click()
    expect(here.page.get_by_label("Password")).to_be_focused()
    here.page.reload()
    expect(here.page.get_by_label("Username").first).to_have_value(username)
    expect(here.page.locator("#chat")).to_be_hidden()


def test_the_addresses_that_make_run_prints_ask_for_the_password_alone(site, at):
    reader = at("nobody", logged_in=False)
    assert len(site.links) == 2
    for link, username in zip(site.links, ["alice", "bobby"], strict=True):
        reader.page.goto(link)
        expect(reader.page.get_by_label("App key")).to_have_value(site.credentials[0])
        expect(reader.page.get_by_label("Username").first).to_have_value(username)
        expect(reader.page.get_by_label("Password")).to_be_focused()


def test_the_token_is_kept_in_the_tab_alone(site, at):
    alice = at(site.register("alice"))
    session = json.loads(alice.page.evaluate("sessionStorage.getItem('chat.session')"))
    token = session["token"]
    assert len(token) > 20
    alice.page.reload()
    alice.expect_state("online")

    kept = alice.page.evaluate("JSON.stringify(localStorage) + document.cookie")
    assert token not in kept
    assert any(address.startswith("ws://") for address in alice.addresses)
    assert not any(token in address for address in alice.addresses)


def test_it_speaks_chinese(site, at):
    alice = at(site.register("alice"))
    bob = site.register("bob")
    alice.begin_with(bob)
    alice.say("Hello")
    alice.page.get_by_role("button", name=alice.username).click()
    alice.page.get_by_role("dialog").get_by_role("button", name="中文").click()

    alice.expect_state("online")
    expect(alice.page.locator("#state")).to_have_text("在线")
    expect(alice.page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(alice.row(bob).locator('[data-part="preview"]')).to_contain_text("我")
    reader = at(site.register("carol"), logged_in=False, locale="zh-CN")
    expect(reader.page.get_by_role("button", name="登录")).to_be_visible()
