"""The pages of users, their blocks and sessions."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from apps.accounts import passwords
from apps.accounts.admin.forms import PROFILE
from apps.accounts.models import Block, ClientSession, User
from apps.accounts.services.blocks import block_users
from apps.accounts.services.sessions import open_session
from apps.accounts.services.users import disable_users
from tests.admin.conftest import list_of, page_of
from tests.conftest import PASSWORD, person

PROFILE_DATA = {
    "nickname": "小爱",
    "avatar": "qiniu/image/1",
    "birthday": "1990-04-05",
    "gender": "2",
    "signature": "Two\nlines",
    "region": "上海",
    "address": "Road 1",
    "star": "5",
    "extras": '{"level": 3}',
}


def add(browser, of_app, **data):
    """Post the form that registers."""
    form = {"app": of_app.pk, "username": "newcomer", "password": "a password", **data}
    return browser.post(reverse("admin:accounts_user_add"), form)


def names_in(browser, **query) -> list[str]:
    """The usernames that the list shows."""
    response = browser.get(list_of(User), query)
    assert response.status_code == 200
    return [user.username for user in response.context["cl"].result_list]


def test_a_user_is_registered_with_a_profile(browser, app):
    response = add(browser, app, is_admin="on", **PROFILE_DATA)

    user = app.users.get()
    assert response.status_code == 302
    assert (user.username, user.is_admin) == ("newcomer", True)
    assert (user.nickname, user.birthday, user.gender) == ("小爱", date(1990, 4, 5), 2)
    assert (user.signature, user.star, user.extras) == ("Two\nlines", 5, {"level": 3})
    assert passwords.matches("a password", user.password_hash)
    assert "olga" in browser.page(page_of(user, "history"))


def test_a_name_that_is_taken_is_told_on_the_form(browser, app, bobby):
    response = add(browser, app, username="bobby")

    errors = response.context["adminform"].form.errors
    assert response.status_code == 200
    assert errors["__all__"] == ["A user of this name exists already."]
    assert app.users.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "abc"),
        ("username", "-dash"),
        ("username", "with space"),
        ("username", "用户名字"),
        ("username", "x" * 129),
        ("username", "nul\0nul"),
        ("password", "abc"),
        ("password", "密" * 43),
        ("nickname", "爱" * 22),
        ("nickname", "two\nlines"),
        ("avatar", "x" * 256),
        ("birthday", "1990-02-30"),
        ("gender", "3"),
        ("region", "海" * 84),
        ("star", "2147483648"),
        ("star", "many"),
        ("extras", "[1]"),
        ("extras", "{"),
        ("extras", '{"a": 1e999}'),
        ("extras", '{"a": NaN}'),
        ("extras", '{"a": "\\u0000"}'),
        ("extras", '{"a": "\\ud800"}'),
        ("extras", '{"\\u0000": [{"b": 1}]}'),
        ("extras", '{"a": "' + "x" * 510 + '"}'),
        ("extras", "[" * 100_000),
        ("app", "999999"),
        ("app", "x"),
    ],
)
def test_what_is_out_of_range_is_told_at_its_field(browser, app, field, value):
    response = add(browser, app, **{field: value})

    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert app.users.count() == 0


def test_a_profile_is_changed_and_nothing_else(browser, app, alice):
    form = {**PROFILE_DATA, "username": "eve", "is_admin": "", "app": "99", "disabled_at": "now"}
    response = browser.post(page_of(alice), form)

    changed = app.users.get()
    assert response.status_code == 302
    assert (changed.username, changed.is_admin, changed.disabled_at) == ("alice", True, None)
    assert (changed.nickname, changed.extras) == ("小爱", {"level": 3})
    assert changed.updated_at > alice.updated_at


def test_a_profile_is_emptied(browser, app, alice):
    browser.post(page_of(alice), PROFILE_DATA)
    browser.post(page_of(alice), {})

    emptied = app.users.get()
    fields = {name: getattr(emptied, name) for name in PROFILE}
    assert fields == {
        "nickname": "",
        "avatar": "",
        "birthday": None,
        "gender": None,
        "signature": "",
        "region": "",
        "address": "",
        "star": 0,
        "extras": None,
    }


def test_a_profile_left_as_it_was_is_left_as_it_was(browser, app, alice):
    browser.post(page_of(alice), PROFILE_DATA)
    before = app.users.get()
    shown = browser.get(page_of(alice)).context["adminform"].form
    same = {name: shown[name].value() for name in PROFILE}
    same["signature"] = same["signature"].replace("\n", "\r\n")  # as browsers do
    browser.post(page_of(alice), same)

    after = app.users.get()
    assert [getattr(after, name) for name in PROFILE] == [getattr(before, name) for name in PROFILE]


def test_users_are_found_by_the_beginning_of_their_name(browser, app):
    for name in ("anna", "annabel", "Anna", "hanna", "an_na", "an%na"):
        if "%" not in name:
            person(app, name)

    assert names_in(browser, q="anna") == ["anna", "annabel"]
    assert names_in(browser, q="an_") == ["an_na"]
    assert names_in(browser, q="%") == []
    assert names_in(browser, q=" anna ") == ["anna", "annabel"]


def test_users_are_filtered_by_state_role_and_app(root, app, other_app, alice, bobby, mallory):
    disable_users(app=app, users=app.users.filter(pk=bobby.pk))

    assert names_in(root) == ["mallory", "bobby", "alice"]
    assert names_in(root, state="disabled") == ["bobby"]
    assert names_in(root, state="enabled") == ["mallory", "alice"]
    assert names_in(root, role="admin") == ["alice"]
    assert names_in(root, app=app.pk) == ["bobby", "alice"]
    assert names_in(root, app=other_app.pk, state="enabled") == ["mallory"]
    assert names_in(root, state="sideways") == ["mallory", "bobby", "alice"]


def test_the_days_of_registration_are_whole_and_in_the_browsers_zone(browser, app, alice):
    browser.cookies["im_time_zone"] = "Asia%2FShanghai"
    # 2026-03-01 23:30 in Shanghai
    app.users.update(created_at="2026-03-01T15:30:00Z")

    assert names_in(browser, created_at_from="2026-03-01", created_at_to="2026-03-01") == ["alice"]
    assert names_in(browser, created_at_from="2026-03-02") == []
    assert names_in(browser, created_at_to="2026-02-28") == []
    assert names_in(browser, created_at_to="9999-12-31") == ["alice"]
    assert "2026-03-01 23:30:00" in browser.page(page_of(alice))


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-13-01", "\0", "1" * 500])
def test_what_is_no_day_is_told_and_finds_nothing(browser, alice, day):
    response = browser.get(list_of(User), {"created_at_from": day})

    assert response.status_code == 200
    assert response.context["cl"].result_list == []
    assert "day of registration" in " ".join(map(str, response.context["messages"]))


def test_one_user_is_disabled_and_enabled(browser, alice):
    asked = browser.page(page_of(alice, "disable"))
    disabled = browser.said(browser.answer(page_of(alice, "disable")))
    alice.refresh_from_db()
    was_disabled = alice.disabled_at is not None
    enabled = browser.said(browser.answer(page_of(alice, "enable")))
    alice.refresh_from_db()

    assert "alice" in asked
    assert "1 user disabled." in disabled
    assert was_disabled
    assert "1 user enabled." in enabled
    assert alice.disabled_at is None


def test_an_action_on_ticked_users_asks_first(browser, app, alice, bobby, carol):
    asked = browser.run(list_of(User), "disable_selected", [alice, bobby]).content.decode()

    assert app.users.disabled().count() == 0
    assert "alice" in asked
    assert "bobby" in asked
    assert "carol" not in asked


def test_ticked_users_are_disabled_enabled_and_deleted(browser, app, alice, bobby, carol):
    users = list_of(User)

    disabled = browser.run(users, "disable_selected", [alice, bobby], confirmed="yes")
    assert "2 users disabled." in browser.said(disabled)
    assert set(app.users.disabled()) == {alice, bobby}

    enabled = browser.run(users, "enable_selected", [alice, carol], confirmed="yes")
    assert "1 user enabled." in browser.said(enabled)
    assert set(app.users.disabled()) == {bobby}

    deleted = browser.run(users, "delete_these", [alice, bobby], confirmed="yes")
    assert "2 users deleted." in browser.said(deleted)
    assert [user.username for user in app.users.all()] == ["carol"]


def test_all_of_the_list_is_never_meant(browser, app, alice, bobby):
    browser.run(list_of(User), "delete_these", [alice], confirmed="yes", select_across="1")

    assert [user.username for user in app.users.all()] == ["bobby"]


def test_users_who_are_gone_meanwhile_are_told_on_the_page(browser, app, alice, monkeypatch):
    def gone(**_kwargs):
        app.users.by_username("alice-was-here")

    monkeypatch.setattr("apps.accounts.admin.users.delete_users", gone)

    response = browser.answer(page_of(alice, "delete"))

    assert response.status_code == 200
    assert (
        "There is no such user in this app. (No such user: alice-was-here)"
        in response.content.decode()
    )


def test_deleting_a_user_hands_their_group_on(browser, app, alice, bobby, group):
    browser.answer(page_of(alice, "delete"))

    group.refresh_from_db()
    assert group.owner == bobby


def test_a_password_is_replaced_and_devices_are_logged_out(browser, app, alice):
    open_session(app=app, user=alice, platform="a")

    done = browser.answer(page_of(alice, "new_password"), password="another password")

    alice.refresh_from_db()
    assert "The user has a new password." in browser.said(done)
    assert passwords.matches("another password", alice.password_hash)
    assert alice.sessions.count() == 0


@pytest.mark.parametrize("password", ["", "abc", "密" * 43, "x" * 129])
def test_a_password_out_of_range_is_told_and_not_shown_again(browser, alice, password):
    response = browser.answer(page_of(alice, "new_password"), password=password)

    alice.refresh_from_db()
    assert "password" in response.context["form"].errors
    assert passwords.matches(PASSWORD, alice.password_hash)
    assert not password or password not in response.content.decode()


def test_a_user_blocks_and_unblocks_others(browser, app, alice, bobby, carol):
    browser.answer(page_of(bobby, "block"), usernames="carol")
    block = bobby.blocks.get()
    page = browser.page(page_of(bobby))
    browser.answer(page_of(block, "unblock"))

    assert block.blocked == carol
    assert page_of(carol) in page
    assert bobby.blocks.count() == 0


@pytest.mark.parametrize(
    ("usernames", "said"),
    [
        ("carol nobody", "There is no such user in this app. (No such user: nobody)"),
        ("carol alice", "An API admin can't be blocked."),
        ("carol, dave1", "One of them is blocked already."),
        (" , ,", "This field is required."),
        (" ".join(f"name{number}" for number in range(501)), "At most 500 at once; these are 501."),
    ],
)
def test_a_block_that_is_refused_blocks_nobody(browser, app, alice, bobby, carol, usernames, said):
    person(app, "dave1")
    block_users(app=app, owner=bobby, usernames=["dave1"])

    response = browser.answer(page_of(bobby, "block"), usernames=usernames)

    problems = [text for texts in response.context["form"].errors.values() for text in texts]
    assert problems == [said]
    assert bobby.blocks.count() == 1


def test_ticked_blocks_are_ended(browser, app, bobby, carol):
    dave = person(app, "dave1")
    block_users(app=app, owner=bobby, usernames=["carol", "dave1"])
    blocks = list(bobby.blocks.all())
    address = f"{list_of(Block)}?owner={bobby.pk}"

    asked = browser.run(address, "unblock_selected", blocks).content.decode()
    still = bobby.blocks.count()
    done = browser.run(address, "unblock_selected", blocks, confirmed="yes")

    assert "carol" in asked
    assert dave.username in asked
    assert still == 2
    assert done.url == page_of(bobby)
    assert bobby.blocks.count() == 0


def test_devices_are_logged_out_one_by_one_ticked_or_all(browser, app, alice):
    for number in range(5):
        open_session(app=app, user=alice, platform="a", device_id=f"phone{number}")
    sessions = list(alice.sessions.order_by("pk"))
    page = browser.page(page_of(alice))

    browser.answer(page_of(sessions[0], "end"))
    after_one = alice.sessions.count()
    address = f"{list_of(ClientSession)}?user={alice.pk}"
    browser.run(address, "end_selected", sessions[1:3], confirmed="yes")
    after_three = alice.sessions.count()
    done = browser.answer(page_of(alice, "log_out"))

    assert "phone4" in page
    assert (after_one, after_three) == (4, 2)
    assert "2 sessions ended." in browser.said(done)
    assert alice.sessions.count() == 0


def test_the_page_of_a_user_shows_groups_blocks_and_sessions(browser, app, alice, bobby, group):
    block_users(app=app, owner=bobby, usernames=[person(app, "dave1").username])
    open_session(app=app, user=bobby, platform="i", device_id="tablet")

    page = browser.page(page_of(bobby))

    assert page_of(group) in page
    assert "dave1" in page
    assert "iOS tablet" in page
