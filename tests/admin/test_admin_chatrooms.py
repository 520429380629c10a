"""Chatrooms in the console: opened, handed on, dissolved; members taken out and silenced."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.groups.models import Chatroom, ChatroomMember, GroupMember
from apps.groups.services.chatrooms import NewChatroom, create_chatroom
from tests.admin.conftest import list_of, page_of


@pytest.fixture
def room(app, alice, bobby) -> Chatroom:
    """Alice's room, with bobby in it."""
    new = NewChatroom(owner_username="alice", name="lobby", members_username=["bobby"])
    return create_chatroom(app=app, new=new)


def listed(browser, model, **query):
    """The rows of a list."""
    return list(browser.get(list_of(model), query).context["cl"].result_list)


def member(room, user) -> ChatroomMember:
    """The user's place in the room."""
    found: ChatroomMember = room.members.get(user=user)
    return found


def test_a_room_is_opened_with_its_people(browser, app, alice, bobby):
    answer = browser.post(
        reverse("admin:groups_chatroom_add"),
        {"app": app.pk, "name": "lobby", "owner_username": "alice", "members_username": "bobby"},
    )

    assert answer.status_code == 302
    room = app.chatrooms.get()
    assert (room.name, room.owner, room.member_count) == ("lobby", alice, 2)


def test_what_the_service_refuses_is_on_the_form(browser, app, alice):
    answer = browser.post(
        reverse("admin:groups_chatroom_add"),
        {"app": app.pk, "name": "lobby", "owner_username": "nobody"},
    )

    assert "There is no such user in this app." in answer.content.decode()
    assert not app.chatrooms.exists()


def test_a_room_is_renamed(browser, room):
    browser.post(page_of(room), {"name": "hall", "description": "for all"})

    room.refresh_from_db()
    assert (room.name, room.description) == ("hall", "for all")


def test_rooms_are_found_by_the_beginning_of_their_name_or_their_number(browser, room):
    assert listed(browser, Chatroom, q="lob") == [room]
    assert listed(browser, Chatroom, q=str(room.pk)) == [room]
    assert listed(browser, Chatroom, q="obby") == []


def test_a_room_is_handed_on(browser, room, bobby):
    browser.answer(page_of(room, "transfer"), username="bobby")

    room.refresh_from_db()
    assert room.owner == bobby


def test_a_room_is_dissolved_and_stays_to_be_seen(browser, room):
    browser.answer(page_of(room, "dissolve"))

    room.refresh_from_db()
    assert room.deleted_at is not None
    page = browser.page(page_of(room))
    assert 'name="_save"' not in page
    assert page_of(room, "transfer") not in page
    assert listed(browser, Chatroom, state="dissolved") == [room]
    assert listed(browser, Chatroom, state="standing") == []


def test_users_are_let_in_and_taken_out(browser, room, bobby, carol):
    browser.answer(page_of(room, "add_members"), usernames="carol")
    assert room.members.filter(user=carol).exists()

    browser.answer(page_of(member(room, carol), "remove"))
    browser.run(list_of(ChatroomMember), "remove_selected", [member(room, bobby)], confirmed="yes")

    assert room.members.count() == 1


def test_the_owner_stays(browser, room, alice):
    assert page_of(member(room, alice), "remove") not in browser.page(page_of(member(room, alice)))
    answer = browser.answer(page_of(member(room, alice), "remove"))

    assert answer.status_code == 200
    assert room.members.filter(user=alice).exists()


def test_members_are_silenced_and_heard_again(browser, room, bobby):
    place = member(room, bobby)
    browser.answer(page_of(place, "mute"))
    assert room.mutes.filter(user=bobby).exists()
    assert "silenced" in browser.page(f"{list_of(ChatroomMember)}?chatroom={room.pk}")

    browser.run(list_of(ChatroomMember), "unmute_selected", [place], confirmed="yes")
    assert not room.mutes.exists()

    browser.run(list_of(ChatroomMember), "mute_selected", [place], confirmed="yes")
    assert room.mutes.filter(user=bobby).exists()


def test_the_members_of_groups_are_silenced_and_heard_again(browser, group, bobby):
    place = group.members.get(user=bobby)
    browser.answer(page_of(place, "silence"))
    assert group.members.get(user=bobby).silenced
    assert "silenced" in browser.page(f"{list_of(GroupMember)}?group={group.pk}")

    browser.run(list_of(GroupMember), "let_speak_selected", [place], confirmed="yes")
    assert not group.members.get(user=bobby).silenced

    browser.run(list_of(GroupMember), "silence_selected", [place], confirmed="yes")
    assert group.members.get(user=bobby).silenced


def test_the_page_of_a_user_names_their_rooms(browser, room, bobby):
    panels = {str(panel.title): panel for panel in browser.get(page_of(bobby)).context["panels"]}

    assert [page_of(room) in str(row[0]) for row in panels["Chatrooms"].rows] == [True]
