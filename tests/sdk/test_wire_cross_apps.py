"""What the Java and the PHP SDK write about users and groups of another app."""

import pytest

from tests.sdk.wire import Wire

pytestmark = pytest.mark.slow


@pytest.fixture
def java(moved):
    return Wire(moved, "JPush-API-Java-Client")


@pytest.fixture
def php(moved):
    return Wire(moved, "JMessage-Api-PHP-Client")


@pytest.fixture
def key(moved):
    return moved.linked.app_key


@pytest.fixture
def people(java, moved, request):
    """Two of the app, and two of the other one."""
    stem = f"{abs(hash(request.node.nodeid)) % 10**10:010}"
    ours, theirs = [f"ours{stem}", f"more{stem}"], [f"them{stem}", f"else{stem}"]
    java.register(*ours)
    Wire(moved.linked, "other").register(*theirs)
    return ours, theirs


def test_members_come_across_and_go(java, key, people):
    (ours, _), (them, _) = people
    gid = java.send("POST /v1/groups", {"owner_username": ours, "name": "cross"}).json["gid"]
    members = f"/v1/cross/groups/{gid}/members"

    assert java.send(f"POST {members}", [{"appkey": key, "add": [them]}]).status == 204
    listed = java.send(f"GET {members}/").json
    assert {(one["username"], one["appkey"]) for one in listed} >= {(them, key)}
    assert java.send(f"POST {members}", [{"appkey": key, "remove": [them]}]).status == 204


def test_a_blacklist_across_apps(java, php, key, people):
    (ours, _), (them, other) = people
    path = f"/v1/cross/users/{ours}/blacklist"

    for wire in (java, php):
        assert wire.send(f"PUT {path}", [{"appkey": key, "usernames": [them, other]}]).status == 204
        assert {one["appkey"] for one in wire.send(f"GET {path}").json} == {key}
        body = [{"appkey": key, "usernames": [them, other]}]
        assert wire.send(f"DELETE {path}", body).status == 204


def test_friends_across_apps_under_either_spelling(java, php, key, people):
    (ours, _), (them, other) = people
    path = f"/v1/cross/users/{ours}/friends"

    assert java.send(f"POST {path}", {"appkey": key, "users": [them]}).status == 201
    assert php.send(f"POST {path}", {"appKey": key, "users": [other]}).status == 201
    note = {"appkey": key, "username": them, "note_name": "n", "others": "o"}
    assert php.send(f"PUT {path}", [note]).status == 204
    assert java.send(f"DELETE {path}", {"appkey": key, "users": [them, other]}).status == 204


def test_do_not_disturb_across_apps(java, php, key, people):
    (ours, _), (them, _) = people
    call = f"POST /v1/cross/users/{ours}/nodisturb"

    assert java.send(call, [{"appkey": key, "single": {"add": [them]}}]).status == 204
    assert java.send(call, [{"appkey": key, "single": {"remove": [them]}}]).status == 204
    lost = [{"appkey": key, "single": {"remove": None}}]  # what PHP makes of a list to add
    assert php.send(call, lost).code == (400, 899003)


def test_a_message_reaches_the_user_of_the_other_app(java, moved, key, people):
    (ours, _), (them, _) = people
    admin = f"a{ours}"
    assert java.send("POST /v1/admins", {"username": admin, "password": "secret"}).status == 201
    body = {
        "version": 1,
        "target_type": "single",
        "target_id": them,
        "target_appkey": key,
        "from_type": "admin",
        "from_id": admin,
        "msg_type": "text",
        "msg_body": {"text": "hello"},
    }

    assert java.send("POST /v1/messages", body).status == 201

    there = Wire(moved.linked, "other").send(f"GET /v1/users/{them}/sync").json["messages"]
    assert [(row["from_id"], row["from_appkey"], row["msg_level"]) for row in there] == [
        (admin, moved.app_key, 1)
    ]


def test_what_no_sdk_has_is_there(java, people):
    """Groups of a user across apps; members by version 2."""
    ours, more = people[0]
    gid = java.send("POST /v1/groups", {"owner_username": ours, "name": "cross"}).json["gid"]

    groups = java.send(f"GET /v1/cross/users/{ours}/groups").json
    assert [group["gid"] for group in groups] == [gid]
    for call in ("addMembers", "delMembers"):
        assert java.send(f"POST /v2/groups/{gid}/{call}", [more]).status == 204


def test_members_of_another_app_come_into_a_chatroom(java, key, people):
    """Which no SDK has a call for: with and without the version."""
    (ours, _), (them, _) = people
    body = {"owner_username": ours, "name": "square"}
    room = java.send("POST /v1/chatroom/", body).json["chatroom_id"]

    for path in (f"/cross/chatroom/{room}/members", f"/v1/cross/chatroom/{room}/members"):
        assert java.send(f"POST {path}", [{"appkey": key, "add": [them]}]).status == 204
        assert java.send(f"POST {path}", [{"appkey": key, "remove": [them]}]).status == 204
