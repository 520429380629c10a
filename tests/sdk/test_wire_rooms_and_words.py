"""What the Java and the PHP SDK write about chatrooms and sensitive words."""

import pytest

from tests.sdk.wire import Wire

pytestmark = pytest.mark.slow


@pytest.fixture(params=["JPush-API-Java-Client", "JMessage-Api-PHP-Client"])
def wire(moved, request):
    return Wire(moved, request.param)


@pytest.fixture
def people(wire, request):
    stem = f"{abs(hash(request.node.nodeid)) % 10**10:010}"
    names = [f"{role}{stem}" for role in ("rob", "ray", "ron")]
    wire.register(*names)
    return names


@pytest.fixture
def room(wire, people):
    body = {"name": "square", "owner_username": people[0], "members_username": [], "flag": 0}
    answer = wire.send("POST /v1/chatroom/", body)
    assert answer.status == 201, answer
    return answer.json["chatroom_id"]


def test_a_room_lives_through_all_its_calls(wire, people, room):
    rob, ray, _ = people
    members = f"/v1/chatroom/{room}/members"

    assert len(str(room)) >= 4
    assert wire.send("POST /v1/chatroom/batch", [room]).json[0]["name"] == "square"
    assert wire.send("GET /v1/chatroom?start=0&count=5").status == 200
    assert wire.send(f"GET /v1/users/{rob}/chatroom").json[0]["id"] == room
    assert wire.send(f"PUT {members}", [ray]).status == 204
    assert wire.send(f"GET {members}?start=0&count=5").json["total"] == 2
    assert wire.send(f"PUT /v1/chatroom/{room}/forbidden/{ray}?status=1").status == 204
    change = {"owner_username": ray, "name": "circle", "description": "d"}
    assert wire.send(f"PUT /v1/chatroom/{room}", change).status == 204
    assert wire.send(f"DELETE {members}", [rob]).status == 204
    assert wire.send(f"DELETE /v1/chatroom/{room}").status == 204


def test_members_that_are_written_as_an_object_s_address_are_refused(wire, room):
    body = b"cn.jmessage.api.common.model.Members@1b2c3d"

    for method in ("PUT", "DELETE"):
        answer = wire.send(f"{method} /v1/chatroom/{room}/members", body)
        assert answer.code == (400, 899003)


def test_words_live_through_all_their_calls(wire):
    word, other = f"apple{wire.agent[:3]}"[:10], f"berry{wire.agent[:3]}"[:10]

    assert wire.send("POST /v1/sensitiveword", [word]).status == 204
    change = {"new_word": other, "old_word": word}
    assert wire.send("PUT /v1/sensitiveword", change).status == 204
    assert wire.send("GET /v1/sensitiveword?start=0&count=10").status == 200
    assert wire.send("DELETE /v1/sensitiveword", {"word": other}).status == 204
    assert wire.send("PUT /v1/sensitiveword/status?status=0").status == 204
    assert wire.send("GET /v1/sensitiveword/status").json == {"status": 0}
