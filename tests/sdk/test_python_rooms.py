"""The official Python SDK 2.0.0: chatrooms."""

import jmessage.message
import pytest

from tests.sdk.test_python_users import codes

pytestmark = pytest.mark.slow


@pytest.fixture
def room(sdk, people):
    tom, dick, *_ = people
    made = sdk.rooms.create(tom, "square", members=[dick], desc="d")
    assert made.status_code == 201
    return made.json()["chatroom_id"]


def test_a_room_is_read_and_listed(sdk, people, room):
    tom, dick, *_ = people

    (told,) = sdk.rooms.get(room).json()

    assert (told["id"], told["owner_username"], told["name"]) == (room, tom, "square")
    assert (told["description"], told["total_member_count"]) == ("d", 2)
    page = sdk.rooms.all(500).json()
    assert room in [one["id"] for one in page["rooms"]]
    assert [one["id"] for one in sdk.users.chatrooms(dick).json()] == [room]


def test_its_members_are_listed(sdk, people, room):
    page = sdk.rooms.members(room, 10).json()

    assert [one["username"] for one in page["users"]] == people[:2]
    assert (page["total"], page["start"], page["count"]) == (2, 0, 2)


def test_a_member_is_muted_and_may_speak_again(sdk, people, room):
    dick = people[1]

    for call, flag in ((sdk.rooms.add_silence, 1), (sdk.rooms.remove_silence, 0)):
        assert call(room, dick).status_code == 204
        page = sdk.rooms.members(room, 1, start=1).json()
        assert page["users"][0]["flag"] == flag


def test_it_is_sent_to(sdk, people, room):
    model = jmessage.message.Model().text("Hello").set_from(people[-1], "admin")

    assert sdk.messages.send(model.set_target(str(room), "chatroom")).status_code == 201
    assert codes(sdk.messages.send(model.set_target("99999999", "chatroom"))) == (403, 899081)


def test_it_is_deleted_once(sdk, room):
    assert sdk.rooms.delete(room).status_code == 204
    assert codes(sdk.rooms.delete(room)) == (403, 899081)


def test_what_it_means_to_send_with_a_body_is_taken(mended, people, room):
    _, dick, harry, *_ = people

    assert mended.rooms.add_members(room, [harry]).status_code == 204
    assert mended.rooms.update(room, owner=dick, name="circle", desc="e").status_code == 204
    assert mended.rooms.remove_members(room, harry).status_code == 204

    (told,) = mended.rooms.get([room]).json()
    assert (told["owner_username"], told["name"], told["description"]) == (dick, "circle", "e")
    assert told["total_member_count"] == 2
