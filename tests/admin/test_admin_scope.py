"""An operator sees and changes the rows of their apps, and nothing of others."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.accounts.models import Block, Operator, User
from apps.core.models import App
from apps.groups.models import Chatroom, Group, GroupMember
from apps.messaging.models import Message
from tests.admin.conftest import Browser, list_of, lists_of, looking, page_of, ticked_only
from tests.conftest import person

#: What can be done to one row, by the model; all are pages that ask first.
ACTIONS = {
    "app": ["new_secret", "suspend", "resume"],
    "appsecret": ["end"],
    "user": ["new_password", "log_out", "block", "enable", "disable", "delete"],
    "block": ["unblock"],
    "clientsession": ["end"],
    "group": ["add_members", "transfer", "dissolve"],
    "groupmember": ["remove"],
    "crossappgrant": ["revoke"],
}


def test_every_list_shows_the_rows_of_ones_own_apps_alone(browser, ours, theirs):
    for address in lists_of(ours):
        page = browser.page(address)

        assert "theirs-" not in page
        assert theirs.app.name not in page


def test_a_list_under_a_parent_of_another_app_is_empty(browser, ours, theirs):
    for address in lists_of(theirs):
        assert "theirs-" not in browser.page(address)


def test_a_superuser_sees_the_rows_of_all_apps(root, ours, theirs):
    for address in [*lists_of(ours), *lists_of(theirs)]:
        page = root.page(address)

        assert "No results found" not in page


def test_every_registered_model_is_in_the_matrix(ours):
    covered = {type(row) for row in ours.rows} | {Operator}

    assert set(admin.site._registry) == covered


def test_the_page_and_the_history_of_a_row_of_another_app_are_absent(browser, theirs):
    for row in theirs.rows:
        for action in ("change", "history"):
            response = browser.get(page_of(row, action))

            assert response.status_code == 302, row
            assert response.url == reverse("admin:index")


def test_the_page_and_the_history_of_ones_own_rows_are_there(browser, ours):
    for row in ours.rows:
        for action in ("change", "history"):
            assert browser.get(page_of(row, action)).status_code == 200, row


def test_no_action_reaches_a_row_of_another_app(browser, theirs):
    for row in theirs.rows:
        for action in ACTIONS.get(row._meta.model_name, []):
            response = browser.answer(page_of(row, action), usernames="theirs-friend")

            assert response.status_code == 302
            assert response.url == reverse("admin:index")
    assert_untouched(theirs)


def test_no_form_saves_a_row_of_another_app(browser, theirs):
    for row in theirs.rows:
        browser.post(page_of(row), {"name": "changed", "nickname": "changed"})

    assert_untouched(theirs)


def test_ticked_rows_of_another_app_are_passed_over(browser, ours, theirs):
    users = list_of(User)
    browser.run(users, "disable_selected", [theirs.user], confirmed="yes")
    browser.run(users, "delete_these", [theirs.user], confirmed="yes")
    members = f"{list_of(GroupMember)}?group={ours.group.pk}"
    friend = theirs.group.members.order_by("-pk")[0]
    browser.run(members, "remove_selected", [friend], confirmed="yes")
    blocks = f"{list_of(Block)}?owner={ours.user.pk}"
    browser.run(blocks, "unblock_selected", [theirs.user.blocks.get()], confirmed="yes")

    assert_untouched(theirs)


def assert_untouched(world) -> None:
    """Nothing in it has changed."""
    fresh = App.objects.get(pk=world.app.pk)
    assert fresh.name == "Rival"
    assert fresh.suspended_at is None
    assert fresh.secrets.count() == 1
    user = User.objects.get(pk=world.user.pk)
    assert user.disabled_at is None
    assert user.nickname == ""
    assert user.password_hash == world.user.password_hash
    assert user.blocks.count() == 1
    assert user.sessions.count() == 1
    group = Group.objects.get(pk=world.group.pk)
    assert (group.name, group.dissolved_at, group.owner_id) == ("theirs-group", None, user.pk)
    assert group.members.count() == 2


def test_nothing_can_be_added_to_another_app(browser, ours, theirs):
    user = {"app": theirs.app.pk, "username": "intruder", "password": "a-password", "star": "0"}
    group = {
        "app": theirs.app.pk,
        "name": "intruders",
        "kind": "1",
        "owner_username": "theirs-owner",
    }

    for model, data in ((User, user), (Group, group)):
        response = browser.post(
            reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_add"), data
        )

        assert response.status_code == 200
        assert "app" in response.context["adminform"].form.errors
    assert theirs.app.users.count() == 2
    assert theirs.app.groups.count() == 1


def test_the_forms_and_filters_offer_ones_own_apps_alone(browser, ours, theirs):
    for name in ("accounts_user_add", "groups_group_add"):
        assert theirs.app.name not in browser.page(reverse(f"admin:{name}"))
    assert "By app" not in browser.page(list_of(User))


@pytest.mark.parametrize("field", ["app", "owner", "blocked"])
def test_autocomplete_finds_ones_own_rows_alone(browser, root, ours, theirs, field):
    source = {"app": User, "owner": Group, "blocked": Block}[field]
    asked = {
        "app_label": source._meta.app_label,
        "model_name": source._meta.model_name,
        "field_name": field,
        "term": "",
    }
    address = reverse("admin:autocomplete")

    seen = [row["text"] for row in browser.get(address, asked).json()["results"]]
    all_of_them = [row["text"] for row in root.get(address, asked).json()["results"]]

    assert set(seen) < set(all_of_them)
    assert not [text for text in seen if "theirs" in text or text == theirs.app.name]


@pytest.mark.parametrize("model", [User, Group, Chatroom])
def test_the_app_that_the_list_showed_is_chosen_beforehand(browser, root, app, other_app, model):
    def chosen(visitor, query: str = "") -> object:
        page = visitor.get(f"{list_of(model)}add/", {"_changelist_filters": query})
        return page.context["adminform"].form["app"].value()

    assert chosen(browser) == app.pk  # the only one
    assert chosen(root) is None
    assert chosen(root, f"app={other_app.pk}&q=x") == other_app.pk
    assert chosen(browser, f"app={other_app.pk}") is None  # not hers
    assert chosen(root, "app=nonsense") is None


def test_a_filter_by_another_app_shows_nothing(browser, ours, theirs):
    for model in (User, Group, Message):
        page = browser.page(list_of(model), app=theirs.app.pk)

        assert "theirs-" not in page


def test_the_numbers_of_other_apps_rows_find_nothing(browser, ours, theirs):
    found = [
        browser.page(list_of(Message), conversation=theirs.conversation.pk),
        browser.page(list_of(Message), q=str(theirs.message.pk)),
        browser.page(list_of(Group), q=str(theirs.group.pk)),
    ]

    assert all("theirs-" not in page for page in found)


@pytest.mark.parametrize(
    "lookup",
    ["password_hash__startswith", "app__secrets__hint", "owner__password_hash", "username", "id"],
)
def test_no_value_can_be_guessed_at_by_a_lookup_of_ones_own(browser, ours, lookup):
    for model in (User, Group):
        assert browser.get(list_of(model), {lookup: "a"}).status_code in (302, 400)


def test_the_home_page_shows_ones_own_apps_alone(browser, ours, theirs):
    page = browser.page(reverse("admin:index"))

    assert ours.app.name in page
    assert theirs.app.name not in page


def test_operators_and_their_makings_are_for_superusers_alone(browser, root, olga):
    addresses = [
        list_of(Operator),
        reverse("admin:accounts_operator_add"),
        page_of(olga),
        page_of(olga, "history"),
        page_of(olga, "new_password"),
    ]

    assert [browser.get(address).status_code for address in addresses] == [403] * 5
    assert [root.get(address).status_code for address in addresses] == [200] * 5
    assert "Operators" not in browser.page(reverse("admin:index"))


def test_superusers_alone_create_apps(browser, root):
    assert browser.get(reverse("admin:core_app_add")).status_code == 403
    assert root.get(reverse("admin:core_app_add")).status_code == 200


def test_without_a_permission_neither_the_button_nor_the_page_is_there(olga, ours):
    ticked_only(olga, [])
    bare = Browser(olga)

    for address in lists_of(ours):
        assert bare.get(address).status_code == 403
    for row in ours.rows:
        assert bare.get(page_of(row)).status_code == 403
        for action in ACTIONS.get(row._meta.model_name, []):
            assert bare.answer(page_of(row, action)).status_code == 403
    index = bare.page(reverse("admin:index"))
    assert "/admin/accounts/user/" not in index


def test_who_may_only_look_has_no_button(olga, ours):
    ticked_only(olga, looking())
    watcher = Browser(olga)

    for row in ours.rows:
        page = watcher.page(page_of(row))
        for action in ACTIONS.get(row._meta.model_name, []):
            assert page_of(row, action) not in page, (row, action)
        assert 'name="_save"' not in page
    users = watcher.page(list_of(User))
    assert "disable_selected" not in users
    assert "delete_these" not in users


def test_a_nobody_is_asked_to_log_in(client, ours):
    for address in [*lists_of(ours), *(page_of(row) for row in ours.rows)]:
        response = client.get(address)

        assert response.status_code == 302
        assert response.url.startswith(reverse("admin:login"))


def test_users_of_two_of_ones_apps_can_be_disabled_at_once(olga, ours, theirs):
    olga.apps.add(theirs.app)
    both = Browser(olga)

    done = both.run(list_of(User), "disable_selected", [ours.user, theirs.user], confirmed="yes")

    assert "2 users disabled" in both.said(done)
    assert ours.app.users.disabled().count() == theirs.app.users.disabled().count() == 1


def test_a_user_of_the_same_name_in_the_other_app_is_not_meant(browser, app, other_app):
    mine, other = person(app, "twin"), person(other_app, "twin")

    browser.answer(page_of(mine, "disable"))

    mine.refresh_from_db()
    other.refresh_from_db()
    assert mine.disabled_at is not None
    assert other.disabled_at is None
