"""The official Python SDK 2.0.0: groups."""

import pytest

from tests.sdk.test_python_users import codes

pytestmark = pytest.mark.slow


@pytest.fixture
def gid(sdk, people):
    tom, dick, *_ = people
    made = sdk.groups.create(tom, "friends", members=[dick], desc="d", flag=2)
    assert made.status_code == 201
    told = made.json()
    assert (told["owner_username"], told["name"], told["desc"]) == (tom, "friends", "d")
    assert told["members_username"] == [dick]
    assert told["MaxMemberCount"] == 500
    return told["gid"]


def test_a_group_is_read_and_listed(sdk, people, gid):
    told = sdk.groups.get(gid).json()

    assert (told["gid"], told["name"], told["desc"]) == (gid, "friends", "d")
    page = sdk.groups.all(500).json()
    assert gid in [group["gid"] for group in page["groups"]]
    assert [group["gid"] for group in sdk.users.groups(people[0]).json()] == [gid]


def test_members_come_and_go(sdk, people, gid):
    tom, dick, harry, jane, _ = people

    assert sdk.groups.add_members(gid, [harry, jane]).status_code == 204
    assert sdk.groups.remove_members(gid, dick).status_code == 204

    members = {one["username"]: one["flag"] for one in sdk.groups.members(gid).json()}
    assert members == {tom: 1, harry: 0, jane: 0}
    assert codes(sdk.groups.add_members(gid, harry)) == (400, 899011)
    assert codes(sdk.groups.remove_members(gid, dick)) == (400, 899014)


def test_the_sdk_hands_a_group_to_nobody_and_is_told_so(sdk, people, gid):
    assert codes(sdk.groups.update_owner(gid, people[1])) == (400, 899003)


def test_a_group_is_dissolved_once(sdk, gid):
    assert sdk.groups.delete(gid).status_code == 204
    assert codes(sdk.groups.delete(gid)) == (403, 899006)


def test_what_it_means_to_send_with_a_body_is_taken(mended, gid):
    assert mended.groups.update(gid, name="foes", desc="e").status_code == 204
    told = mended.groups.get(gid).json()
    assert (told["name"], told["desc"]) == ("foes", "e")
