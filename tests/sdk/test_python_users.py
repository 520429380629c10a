"""The official Python SDK 2.0.0: users and admins."""

import pytest

pytestmark = pytest.mark.slow


def codes(reply):
    return reply.status_code, reply.json()["error"]["code"]


def test_users_are_registered_and_read(sdk, people):
    tom = people[0]
    name = f"{tom}x"

    made = sdk.users.create(
        name, "secret", nickname="Tom", birthday="1990-01-24", gender=1, signature="hi"
    )

    assert (made.status_code, made.json()) == (201, [{"username": name}])
    read = sdk.users.get(name)
    assert read.status_code == 200
    told = read.json()
    assert (told["nickname"], told["birthday"]) == ("Tom", "1990-01-24 00:00:00")
    assert (told["gender"], told["signature"]) == (1, "hi")
    assert {"username", "mtime", "ctime"} <= told.keys()


def test_one_that_is_there_is_refused_as_the_live_service_did(sdk, people):
    reply = sdk.users.create(people[0], "secret")

    assert reply.status_code == 403
    assert reply.json()[0]["error"] == {"code": 899001, "message": "User exist"}
    assert codes(sdk.users.create(people[0], "secret", admin=True)) == (403, 899001)


def test_lists_are_paged(sdk, people):
    page = sdk.users.all(2).json()

    assert (page["start"], page["count"]) == (0, 2)
    assert page["total"] >= 5
    assert len(sdk.users.all(2, start=2).json()["users"]) == 2
    admins = [user["username"] for user in sdk.users.all(500, admin=True).json()["users"]]
    assert people[-1] in admins
    assert people[0] not in admins


def test_whether_somebody_is_online(sdk, people):
    tom, dick, *_ = people

    assert sdk.users.stat(tom).json() == {"login": False, "online": False}
    assert sdk.users.stat([tom, dick]).json() == [
        {"username": tom, "devices": []},
        {"username": dick, "devices": []},
    ]


def test_a_user_is_deleted(sdk, people):
    assert sdk.users.delete(people[0]).status_code == 204
    assert codes(sdk.users.get(people[0])) == (403, 899002)


@pytest.mark.parametrize(
    "call",
    [
        lambda sdk, tom, _: sdk.users.update(tom, nickname="Tommy"),
        lambda sdk, tom, _: sdk.users.update_password(tom, "new secret"),
        lambda sdk, tom, dick: sdk.users.delete([tom, dick]),
        lambda sdk, tom, dick: sdk.users.remove_friends(tom, dick),
        lambda sdk, tom, dick: sdk.users.update_friend(tom, dick, remark="Dick"),
        lambda sdk, tom, dick: sdk.users.add_blacklist(tom, dick),
        lambda sdk, tom, dick: sdk.users.remove_blacklist(tom, dick),
        lambda sdk, *_: sdk.groups.update(10000000, name="x"),
        lambda sdk, _, dick: sdk.groups.add_silence(10000000, dick),
        lambda sdk, tom, _: sdk.rooms.update(10000000, owner=tom, name="x", desc="y"),
        lambda sdk, tom, _: sdk.rooms.add_members(10000000, tom),
        lambda sdk, *_: sdk.im.change_word(old="a", new="b"),
        lambda sdk, *_: sdk.im.remove_word("a"),
    ],
)
def test_what_the_sdk_itself_cannot_send(call, sdk, people):
    with pytest.raises(UnboundLocalError):
        call(sdk, people[0], people[1])


@pytest.mark.parametrize("module", ["report", "sensitiveword"])
def test_what_the_sdk_itself_cannot_import(module):
    with pytest.raises(SyntaxError):
        __import__(f"jmessage.{module}")


def test_what_it_means_to_send_with_a_body_is_taken(mended, people):
    tom, dick, harry, *_ = people

    assert mended.users.update(tom, nickname="Tommy").status_code == 204
    assert mended.users.get(tom).json()["nickname"] == "Tommy"
    assert mended.users.update_password(tom, "new secret").status_code == 204
    assert mended.users.delete([dick, harry]).status_code == 200
    assert codes(mended.users.get(harry)) == (403, 899002)


def test_wrong_keys_are_told(pointed, sdk):
    sdk.client._session.auth = (pointed.app_key, "x" * 24)
    assert codes(sdk.users.get("anybody")) == (401, 899008)
    sdk.client._session.auth = None
    assert codes(sdk.users.get("anybody")) == (401, 899007)
