"""The pages of groups and their members."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.core.services.apps import update_app
from apps.groups.models import Group, GroupKind, GroupMember
from apps.groups.services.groups import NewGroup, create_group, dissolve_group
from tests.admin.conftest import list_of, page_of
from tests.conftest import person

FORM = {"name": "friends", "kind": "1", "max_members": "500"}


def add(browser, of_app, **data):
    """Post the form that creates."""
    form = {"app": of_app.pk, "name": "fresh", "kind": "1", "owner_username": "alice", **data}
    return browser.post(reverse("admin:groups_group_add"), form)


def names_in(browser, **query) -> list[str]:
    """The names of the groups that the list shows."""
    response = browser.get(list_of(Group), query)
    assert response.status_code == 200
    return [group.name for group in response.context["cl"].result_list]


def members_of(group) -> set[str]:
    """Who is in the group."""
    return set(group.members.values_list("user__username", flat=True))


def events_of(group) -> list[str]:
    """What the log tells of the group."""
    rows = group.conversations.get().messages.order_by("pk")
    return [row.body["event_type"] for row in rows if row.msg_type == "event"]


def test_a_group_is_created_with_its_people(browser, app, alice, bobby, carol):
    response = add(
        browser,
        app,
        description="What for",
        avatar="media",
        kind="2",
        members_username="bobby, carol\nbobby，alice",  # noqa: RUF001 as typed in Chinese
    )

    group = app.groups.get()
    assert response.status_code == 302
    assert (group.name, group.description, group.avatar) == ("fresh", "What for", "media")
    assert (group.kind, group.owner) == (GroupKind.PUBLIC, alice)
    assert members_of(group) == {"alice", "bobby", "carol"}
    assert events_of(group) == ["create_group"]
    assert "olga" in browser.page(page_of(group, "history"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"owner_username": "nobody"}, "There is no such user in this app. (No such user: nobody)"),
        (
            {"members_username": "nobody"},
            "There is no such user in this app. (No such user: nobody)",
        ),
        ({"members_username": "bobby carol"}, "The group has no room for that many members."),
        ({"owner_username": "nul\0"}, "Null characters are not allowed."),
        ({"owner_username": ""}, "This field is required."),
        ({"name": ""}, "This field is required."),
        ({"name": "名" * 22}, "At most 64 bytes in UTF-8; these are 66."),
        ({"name": "two\r\nlines"}, "A single line, please."),
        ({"description": "描" * 84}, "At most 250 bytes in UTF-8; these are 252."),
        ({"kind": "3"}, "Select a valid choice. 3 is not one of the available choices."),
    ],
)
def test_a_group_that_is_refused_is_not_created(browser, app, alice, bobby, carol, data, said):
    app.max_group_members = 2
    update_app(app=app)

    response = add(browser, app, **data)

    errors = response.context["adminform"].form.errors
    assert response.status_code == 200
    assert [text for texts in errors.values() for text in texts] == [said]
    assert app.groups.count() == 0


def test_someone_in_too_many_groups_is_told_on_the_form(browser, app, alice, group):
    app.max_groups_per_user = 1
    update_app(app=app)

    response = add(browser, app)

    assert "One of them is in as many groups as the app allows." in response.content.decode()
    assert app.groups.count() == 1


def test_the_description_of_a_group_is_changed_and_told(browser, app, group):
    form = {"name": "new name", "description": "d", "avatar": "a", "kind": "2", "max_members": "7"}
    response = browser.post(page_of(group), {**form, "owner": "9"})

    changed = app.groups.get()
    assert response.status_code == 302
    assert (changed.name, changed.description, changed.avatar) == ("new name", "d", "a")
    assert (changed.kind, changed.max_members) == (GroupKind.PUBLIC, 7)
    assert changed.owner_id == group.owner_id
    assert events_of(group) == ["create_group", "update_group"]


def test_a_group_dissolved_meanwhile_is_told_on_the_form(browser, app, group, monkeypatch):
    def dissolved(**_kwargs):
        app.groups.by_gid(group.pk + 1)

    monkeypatch.setattr("apps.groups.admin.groups.update_group", dissolved)

    response = browser.post(page_of(group), {**FORM, "name": "late"})

    assert response.status_code == 200
    assert "The group does not exist, or was dissolved." in response.content.decode()
    assert app.groups.get().name == "friends"


def test_ticked_members_are_removed(browser, app, group, bobby, carol):
    browser.answer(page_of(group, "add_members"), usernames="carol")
    address = f"{list_of(GroupMember)}?group={group.pk}"
    ticked = list(group.members.filter(user__in=[bobby, carol]))

    asked = browser.run(address, "remove_selected", ticked).content.decode()
    still = members_of(group)
    done = browser.run(address, "remove_selected", ticked, confirmed="yes")

    assert "bobby" in asked
    assert "carol" in asked
    assert still == {"alice", "bobby", "carol"}
    assert "Removed." in browser.said(done)
    assert members_of(group) == {"alice"}


def test_groups_are_found_by_the_beginning_of_their_name_or_their_number(browser, app, alice):
    groups = {
        name: create_group(app=app, new=NewGroup(owner_username="alice", name=name))
        for name in ("walks", "walkers", "Walks", "12345678")
    }

    assert names_in(browser, q="walk") == ["walkers", "walks"]
    assert names_in(browser, q=str(groups["Walks"].pk)) == ["Walks"]
    assert names_in(browser, q="1234") == ["12345678"]
    assert names_in(browser, q="9" * 400) == []


def test_groups_are_filtered_by_state_and_app(root, app, other_app, group):
    person(other_app, "owner")
    create_group(app=other_app, new=NewGroup(owner_username="owner", name="far"))
    dissolve_group(app=app, gid=group.pk)

    assert names_in(root) == ["far", "friends"]
    assert names_in(root, state="dissolved") == ["friends"]
    assert names_in(root, state="standing") == ["far"]
    assert names_in(root, app=app.pk) == ["friends"]


def test_the_members_of_a_group_are_listed_under_it_alone(browser, group):
    without = browser.page(list_of(GroupMember))
    under = browser.get(list_of(GroupMember), {"group": group.pk})

    assert "one row at a time" in without
    assert "bobby" not in without
    assert len(under.context["cl"].result_list) == 2
    assert page_of(group) in under.content.decode()


@pytest.mark.parametrize("parent", ["", "0", "-1", "abc", "\0", "9" * 40, "1.5", "１"])  # noqa: RUF001
def test_a_parent_that_is_none_shows_nothing(browser, group, parent):
    response = browser.get(list_of(GroupMember), {"group": parent}, follow=True)

    assert response.status_code == 200
    assert "bobby" not in response.content.decode()


def test_the_page_of_a_group_tells_how_many_are_in_it(browser, app, group):
    assert "2 of at most 500." in browser.page(page_of(group))
