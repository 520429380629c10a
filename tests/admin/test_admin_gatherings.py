"""What the console does alike for groups and chatrooms, and that whoever is in them hears of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.services.users import update_user
from apps.core.services.apps import update_app
from apps.core.services.cross_app_grants import grant_cross_app
from apps.groups.models import Group
from apps.groups.services.chatrooms import NewChatroom, create_chatroom
from apps.groups.services.groups import NewGroup, create_group
from tests.admin.conftest import list_of, member_of, members_url, page_of
from tests.conftest import person

FORM = {"name": "renamed", "kind": "1", "max_members": "500"}


def names_in(place) -> set[str]:
    """Who is there."""
    return set(place.members.values_list("user__username", flat=True))


def complaints(response) -> list[str]:
    """What the form complains of."""
    return [text for texts in response.context["form"].errors.values() for text in texts]


class TestWhoFollowsHears:
    def told(self, place, of_group: str, of_room: str) -> list[str]:
        return [of_group if isinstance(place, Group) else of_room]

    def test_that_it_was_renamed(self, browser, place, bobby, follow):
        events = follow(bobby)

        browser.post(page_of(place), FORM)

        assert events() == self.told(place, "update_group", "update_chatroom")

    def test_who_came_to_a_group(self, browser, group, bobby, carol, follow):
        both = follow(bobby), follow(carol)

        browser.answer(page_of(group, "add_members"), usernames="carol")

        assert [events() for events in both] == [["add_members"], ["add_members"]]

    def test_what_is_told_after_they_came_to_a_room(self, browser, room, carol, follow):
        events = follow(carol)

        browser.answer(page_of(room, "add_members"), usernames="carol")
        browser.post(page_of(room), FORM)

        assert events() == ["update_chatroom"]

    @pytest.mark.parametrize("way", ["transfer", "make_owner"])
    def test_whose_it_is_now(self, browser, place, bobby, follow, way):
        events = follow(bobby)
        member = member_of(place, bobby)

        if way == "transfer":
            browser.answer(page_of(place, "transfer"), member=member.pk)
        else:
            browser.answer(page_of(member, "make_owner"))

        place.refresh_from_db()
        assert place.owner == bobby
        assert events() == ["change_owner"]

    @pytest.mark.parametrize("way", ["page", "list"])
    def test_who_was_taken_out_and_they_hear_it_last(
        self, browser, place, alice, bobby, follow, way
    ):
        both = follow(alice), follow(bobby)
        member = member_of(place, bobby)

        if way == "page":
            browser.answer(page_of(member, "remove"))
        else:
            browser.run(members_url(place), "remove_selected", [member], confirmed="yes")
        browser.post(page_of(place), FORM)

        renamed = self.told(place, "update_group", "update_chatroom")
        assert [events() for events in both] == [["remove_members", *renamed], ["remove_members"]]

    @pytest.mark.parametrize("way", ["page", "list"])
    def test_who_may_not_speak_and_who_may_again(self, browser, place, bobby, follow, way):
        events = follow(bobby)
        member = member_of(place, bobby)

        for action in ("silence", "let_speak"):
            if way == "page":
                browser.answer(page_of(member, action))
            else:
                browser.run(members_url(place), f"{action}_selected", [member], confirmed="yes")

        silenced, heard = ("silence_members", "mute_member"), ("unsilence_members", "unmute_member")
        assert events() == [*self.told(place, *silenced), *self.told(place, *heard)]

    def test_that_it_was_dissolved(self, browser, place, bobby, follow):
        events = follow(bobby)

        browser.answer(page_of(place, "dissolve"))

        assert events() == self.told(place, "dissolve_group", "delete_chatroom")

    def test_that_a_group_was_made(self, browser, app, alice, bobby, follow):
        events = follow(bobby)
        form = {"app": app.pk, "name": "fresh", "kind": "1", "owner_username": "alice"}

        browser.post(reverse("admin:groups_group_add"), {**form, "members_username": "bobby"})

        assert events() == ["create_group"]


class TestAdding:
    def test_several_come_at_once_and_are_counted(self, browser, app, place, carol):
        person(app, "david")

        done = browser.answer(page_of(place, "add_members"), usernames="carol, david\ncarol")

        assert "2 members added." in browser.said(done)
        assert names_in(place) == {"alice", "bobby", "carol", "david"}

    def test_each_name_that_cannot_be_added_is_told_and_nobody_is(self, browser, place, carol):
        response = browser.answer(
            page_of(place, "add_members"), usernames="nobody carol nul\0no-one bobby"
        )

        assert complaints(response) == ["Null characters are not allowed."]
        response = browser.answer(
            page_of(place, "add_members"), usernames="nobody carol no-one bobby"
        )
        there_already = ["bobby: Is a member already."] if isinstance(place, Group) else []
        assert complaints(response) == [
            "nobody: There is no such user.",
            "no-one: There is no such user.",
            *there_already,
        ]
        assert "nobody carol no-one bobby" in response.content.decode()
        assert names_in(place) == {"alice", "bobby"}

    def test_they_are_passed_over_if_one_wants_it(self, browser, place, carol):
        url = page_of(place, "add_members")

        nobody = browser.answer(url, usernames="nobody", pass_over="on")
        done = browser.answer(url, usernames="nobody carol", pass_over="on")

        assert "1 member added. Passed over: nobody." in browser.said(done)
        assert complaints(nobody) == ["nobody: There is no such user."]
        assert names_in(place) == {"alice", "bobby", "carol"}

    def test_who_is_in_too_many_already_is_named(self, browser, app, place, carol, settings):
        create_group(app=app, new=NewGroup(owner_username="carol", name="one"))
        create_chatroom(app=app, new=NewChatroom(owner_username="carol", name="one"))
        app.max_groups_per_user = 1
        update_app(app=app)
        settings.IM_CHATROOMS_PER_USER = 1

        (told,) = complaints(browser.answer(page_of(place, "add_members"), usernames="carol"))

        assert told.startswith("carol: Is in as many ")
        assert names_in(place) == {"alice", "bobby"}

    def test_of_very_many_the_first_are_named(self, browser, place):
        names = [f"nobody{number}" for number in range(30)]

        told = complaints(browser.answer(page_of(place, "add_members"), usernames=" ".join(names)))

        assert told[0] == "nobody0: There is no such user."
        assert told[20:] == ["and 10 more"]

    def test_beyond_the_limit_nobody_comes(self, browser, app, place, carol):
        browser.post(page_of(place), {**FORM, "max_members": "2"})

        response = browser.answer(page_of(place, "add_members"), usernames="carol")

        assert "has no room for that many members." in complaints(response)[0]
        assert names_in(place) == {"alice", "bobby"}

    def test_as_many_as_a_call_of_the_api_takes_are_named(self, browser, place):
        most = 500 if isinstance(place, Group) else 3000
        names = " ".join(f"nobody{number}" for number in range(most + 1))

        told = complaints(browser.answer(page_of(place, "add_members"), usernames=names))

        assert told == [f"At most {most} at once; these are {most + 1}."]


class TestOfSeveralApps:
    @pytest.fixture
    def shared(self, browser, app, other_app, place, mallory) -> Any:
        """It has mallory in it, of another app, and a namesake of bobby's from there."""
        person(other_app, "bobby")
        grant_cross_app(app=app, target=other_app)
        browser.answer(page_of(place, "add_members"), app=other_app.pk, usernames="mallory bobby")
        place.refresh_from_db()
        return place

    def test_users_come_from_an_app_that_this_one_may_operate_on(self, shared, other_app):
        assert shared.spans_apps
        assert shared.members.filter(user__app=other_app).count() == 2

    def test_they_do_not_without_a_grant(self, browser, other_app, place, mallory):
        response = browser.answer(
            page_of(place, "add_members"), app=other_app.pk, usernames="mallory"
        )

        assert complaints(response) == ["mallory: There is no such user."]

    def test_members_are_told_with_their_apps_where_there_are_several(
        self, browser, app, shared, other_app
    ):
        alone = create_group(app=app, new=NewGroup(owner_username="alice", name="alone"))

        for page in (browser.page(page_of(shared)), browser.page(members_url(shared))):
            assert other_app.name in page
        assert app.name not in browser.page(members_url(alone))

    def test_one_of_another_app_is_taken_out_and_not_their_namesake(
        self, browser, shared, bobby, other_app
    ):
        stranger = shared.members.get(user__username="bobby", user__app=other_app)

        browser.answer(page_of(stranger, "remove"))

        assert shared.members.filter(user=bobby).exists()
        assert not shared.members.filter(pk=stranger.pk).exists()

    def test_one_of_another_app_is_silenced_and_not_their_namesake(
        self, browser, shared, bobby, other_app, follow
    ):
        stranger = shared.members.get(user__username="bobby", user__app=other_app)

        browser.answer(page_of(stranger, "silence"))

        page = browser.get(f"{members_url(shared)}&voice=silenced")
        assert [member.user for member in page.context["cl"].result_list] == [stranger.user]


class TestHandingOn:
    def found(self, browser, place, term: str) -> list[str]:
        answer = browser.get(page_of(place, "heirs"), {"term": term})
        return [each["text"] for each in answer.json()["results"]]

    def test_the_new_owner_is_found_among_the_members_by_how_the_name_begins(
        self, browser, app, place, bobby, carol
    ):
        update_user(app=app, username="bobby", changes={"nickname": "Bob"})

        assert self.found(browser, place, "bo") == ["bobby (Bob)"]
        assert self.found(browser, place, "") == ["bobby (Bob)"]
        assert self.found(browser, place, "alice") == []  # the owner
        assert self.found(browser, place, "carol") == []  # not a member
        assert self.found(browser, place, "\0") == []

    def test_a_member_who_left_meanwhile_is_no_choice(self, browser, place, alice, bobby):
        member = member_of(place, bobby)
        browser.answer(page_of(member, "remove"))

        told = complaints(browser.answer(page_of(place, "transfer"), member=member.pk))

        place.refresh_from_db()
        assert told == ["Select a valid choice. That choice is not one of the available choices."]
        assert place.owner == alice

    def test_members_of_others_are_no_choice(self, browser, app, place, alice):
        other = create_group(app=app, new=NewGroup(owner_username="alice", name="other"))

        for chosen in (member_of(other, alice).pk, "", "bobby", "9" * 30):
            assert complaints(browser.answer(page_of(place, "transfer"), member=chosen))

    def test_of_another_app_none_owns_a_room_but_one_may_own_a_group(
        self, browser, app, other_app, place, mallory
    ):
        grant_cross_app(app=app, target=other_app)
        browser.answer(page_of(place, "add_members"), app=other_app.pk, usernames="mallory")

        found = self.found(browser, place, "mall")

        assert found == (["mallory – Rival"] if isinstance(place, Group) else [])  # noqa: RUF001

    def test_what_is_of_another_app_has_no_heirs(self, browser, other_app, mallory):
        theirs = create_group(app=other_app, new=NewGroup(owner_username="mallory", name="t"))

        assert browser.get(page_of(theirs, "heirs")).status_code == 404

    def test_the_owner_is_neither_made_so_again_nor_removed(self, browser, place, alice):
        owner = member_of(place, alice)

        page = browser.page(page_of(owner))

        assert page_of(owner, "make_owner") not in page
        assert page_of(owner, "remove") not in page
        ticked = list(place.members.all())
        response = browser.run(members_url(place), "remove_selected", ticked, confirmed="yes")
        assert "The owner can&#x27;t be removed" in response.content.decode() or (
            "the owner can&#x27;t be removed" in response.content.decode()
        )
        assert names_in(place) == {"alice", "bobby"}


class TestDissolving:
    def test_it_is_asked_with_the_number_of_members(self, browser, place):
        assert "Members: 2." in browser.page(page_of(place, "dissolve"))

    def test_what_is_dissolved_is_there_to_be_read_alone(self, browser, place):
        browser.answer(page_of(place, "dissolve"))

        page = browser.page(page_of(place))
        saved = browser.post(page_of(place), FORM)
        late = browser.answer(page_of(place, "add_members"), usernames="bobby")
        assert 'name="_save"' not in page
        assert page_of(place, "transfer") not in page
        assert saved.status_code == 403
        assert "does not exist, or was dissolved." in late.content.decode()
        assert browser.get(page_of(place, "transfer")).status_code == 403
        found = browser.get(list_of(type(place)), {"state": "dissolved"}).context["cl"]
        assert list(found.result_list) == [place]
        standing = browser.get(list_of(type(place)), {"state": "standing"}).context["cl"]
        assert list(standing.result_list) == []
