"""The official Python SDK 2.0.0: friends, blacklists, do-not-disturb, shields, silence, and who is barred."""

import jmessage.message
import pytest

from tests.sdk.test_python_users import codes

pytestmark = pytest.mark.slow


@pytest.fixture
def gid(sdk, people):
    tom, dick, *_ = people
    return sdk.groups.create(tom, "friends", members=[dick]).json()["gid"]


def test_friends_are_added_and_listed(sdk, people):
    tom, dick, harry, *_ = people

    assert sdk.users.add_friends(tom, [dick, harry]).status_code == 201

    friends = sdk.users.friends(tom).json()
    assert [friend["username"] for friend in friends] == [dick, harry]
    assert [friend["username"] for friend in sdk.users.friends(dick).json()] == [tom]
    assert codes(sdk.users.add_friends(tom, dick)) == (400, 899070)


def test_friends_are_noted_and_removed_by_what_it_means_to_send(mended, people):
    tom, dick, *_ = people
    mended.users.add_friends(tom, dick)

    assert mended.users.update_friend(tom, dick, remark="Dick", others="小学").status_code == 204
    (friend,) = mended.users.friends(tom).json()
    assert (friend["note_name"], friend["others"]) == ("Dick", "小学")
    assert mended.users.remove_friends(tom, [dick]).status_code == 204
    assert mended.users.friends(tom).json() == []
    assert codes(mended.users.update_friend(tom, dick, remark="D", others="o")) == (403, 899071)


def test_a_blacklist_is_kept_by_what_it_means_to_send(mended, people):
    tom, dick, _, _, admin = people

    assert mended.users.add_blacklist(tom, [dick]).status_code == 204
    assert [user["username"] for user in mended.users.blacklist(tom).json()] == [dick]
    assert codes(mended.users.add_blacklist(tom, [dick])) == (400, 899017)
    assert codes(mended.users.add_blacklist(tom, [admin])) == (403, 899018)
    assert mended.users.remove_blacklist(tom, [dick]).status_code == 204
    assert codes(mended.users.remove_blacklist(tom, [dick])) == (400, 899019)


def test_an_empty_blacklist_is_an_empty_array(sdk, people):
    assert sdk.users.blacklist(people[0]).json() == []


def test_groups_are_shielded(sdk, people, gid):
    dick = people[1]

    assert sdk.users.add_groups_shield(dick, gid).status_code == 204
    assert codes(sdk.users.add_groups_shield(dick, [gid])) == (400, 899052)
    assert sdk.users.remove_groups_shield(dick, gid).status_code == 204
    assert codes(sdk.users.remove_groups_shield(dick, gid)) == (400, 899053)
    assert codes(sdk.users.add_groups_shield(dick, 99999999)) == (403, 899051)


def test_nobody_disturbs(sdk, people, gid):
    tom, dick, *_ = people
    users = sdk.users

    assert users.add_sigle_nodisturb(tom, dick).status_code == 204
    assert codes(users.add_sigle_nodisturb(tom, dick)) == (400, 899043)
    assert users.remove_sigle_nodisturb(tom, dick).status_code == 204
    assert codes(users.remove_sigle_nodisturb(tom, dick)) == (400, 899044)
    assert users.add_group_nodisturb(tom, gid).status_code == 204
    assert codes(users.add_group_nodisturb(tom, gid)) == (400, 899047)
    assert users.remove_group_nodisturb(tom, gid).status_code == 204
    assert codes(users.remove_group_nodisturb(tom, gid)) == (400, 899049)
    assert users.open_global_nodisturb(tom).status_code == 204
    assert codes(users.open_global_nodisturb(tom)) == (400, 899048)
    assert users.close_global_nodisturb(tom).status_code == 204
    assert codes(users.close_global_nodisturb(tom)) == (400, 899050)


def test_a_barred_user_is_kept_out_until_restored(sdk, pointed, people):
    tom, _, _, _, admin = people
    login = {"appkey": pointed.app_key, "username": tom, "password": "secret", "platform": "a"}
    door = f"{pointed.host}/client/v1/sessions"

    assert sdk.users.block(tom).status_code == 204
    assert codes(sdk.client.post(door, data=login)) == (403, 801006)
    assert sdk.users.active(tom).status_code == 204
    assert sdk.client.post(door, data=login).status_code == 201

    assert sdk.users.block(admin).status_code == 204
    text = jmessage.message.Model().text("x").set_target(tom, "single").set_from(admin, "admin")
    assert codes(sdk.messages.send(text)) == (403, 899016)


def test_members_are_silenced_by_what_it_means_to_send(mended, people, gid):
    dick = people[1]

    assert mended.groups.add_silence(gid, [dick]).status_code == 204
    assert mended.groups.remove_silence(gid, dick).status_code == 204
    assert codes(mended.groups.add_silence(gid, ["nobody"])) == (403, 899002)
