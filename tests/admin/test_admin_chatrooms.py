"""What is chatrooms' own in the console; the rest is with `test_admin_gatherings`."""

from __future__ import annotations

from django.urls import reverse

from apps.groups.models import Chatroom
from tests.admin.conftest import list_of, page_of


def listed(browser, model, **query):
    """The rows of a list."""
    return list(browser.get(list_of(model), query).context["cl"].result_list)


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
    browser.post(page_of(room), {"name": "hall", "description": "for all", "max_members": "50"})

    room.refresh_from_db()
    assert (room.name, room.description, room.max_members) == ("hall", "for all", 50)


def test_rooms_are_found_by_the_beginning_of_their_name_or_their_number(browser, room):
    assert listed(browser, Chatroom, q="squ") == [room]
    assert listed(browser, Chatroom, q=str(room.pk)) == [room]
    assert listed(browser, Chatroom, q="quare") == []
