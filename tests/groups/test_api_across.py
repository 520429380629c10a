"""Groups of several apps over HTTP."""

import pytest

from apps.core.services.cross_app_grants import grant_cross_app
from apps.groups.services.groups import NewGroup, create_group, transfer_group
from apps.groups.services.members import MemberChange, change_members_across
from tests.conftest import person, session_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(final_app, other_app):
    """A v1 app with a grant for the other one; tom's group, which `pat` of either app could be in."""
    grant_cross_app(app=final_app, target=other_app)
    for app in (final_app, other_app):
        person(app, "tom1")
        person(app, "pat1")
    group = create_group(app=final_app, new=NewGroup(owner_username="tom1", name="cross"))
    return group.pk


def path(gid):
    return f"/v1/cross/groups/{gid}/members"


def code(reply):
    return reply.json()["error"]["code"]


def rows(app, *names):
    return [{"appkey": app.app_key, "add": list(names)}]


def test_members_of_both_apps_are_listed_with_their_apps(final_api, final_app, other_app, world):
    reply = final_api.call("post", path(world), rows(other_app, "pat1") + rows(final_app, "pat1"))
    assert (reply.status_code, reply.content) == (204, b"")

    listed = final_api.call("get", path(world)).json()

    assert [(row["username"], row["appkey"], row["flag"]) for row in listed] == [
        ("tom1", final_app.app_key, 1),
        ("pat1", other_app.app_key, 0),
        ("pat1", final_app.app_key, 0),
    ]


def test_the_plain_calls_send_to_the_cross_app_ones_where_apps_meet(
    final_api, stranger_api, other_app, world
):
    assert final_api.call("get", f"/v1/groups/{world}/members").status_code == 200
    assert stranger_api.call("get", "/v1/users/pat1/groups").status_code == 200
    final_api.call("post", path(world), rows(other_app, "pat1"))

    for reply in (
        final_api.call("get", f"/v1/groups/{world}/members"),
        stranger_api.call("get", "/v1/users/pat1/groups"),
    ):
        assert (reply.status_code, code(reply)) == (403, 899021)


def test_a_user_sees_groups_of_other_apps_with_their_app(
    final_api, final_app, stranger_api, other_app, world
):
    final_api.call("post", path(world), rows(other_app, "pat1"))

    (group,) = stranger_api.call("get", "/v1/cross/users/pat1/groups").json()

    assert group["gid"] == world
    assert group["appkey"] == final_app.app_key
    assert group["max_member_count"] == 500
    assert "MaxMemberCount" not in group


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (None, "body"),
        ({}, "body"),
        ([], "body"),
        ([1], "body[0]"),
        ([{"add": ["pat1"]}], "body[0].appkey"),
        ([{"appkey": 5, "add": ["pat1"]}], "body[0].appkey"),
        ([{"appkey": "@"}], "body[0].add"),
        ([{"appkey": "@", "add": None, "remove": []}], "body[0].add"),
        ([{"appkey": "@", "add": "pat1"}], "body[0].add"),
        ([{"appkey": "@", "add": ["pat1", "pat1"]}], "body[0].add"),
        ([{"appkey": "@", "add": [1]}], "body[0].add[0]"),
        ([{"appkey": "@", "add": ["pat1"]}, {"appKey": "@", "add": ["tom1"]}], "body[1].appkey"),
        ([{"appkey": "@", "add": [f"name{i:04}" for i in range(501)]}], "body"),
    ],
)
def test_bad_bodies_are_told_where_they_are_wrong(final_api, other_app, world, body, says):
    if isinstance(body, list):
        body = [
            {key: other_app.app_key if value == "@" else value for key, value in row.items()}
            if isinstance(row, dict)
            else row
            for row in body
        ]

    reply = final_api.call("post", path(world), body)

    assert (reply.status_code, code(reply)) == (400, 899003)
    assert reply.json()["error"]["message"].startswith(says)
    assert len(final_api.call("get", path(world)).json()) == 1


def test_names_are_counted_over_all_apps(final_api, final_app, other_app, world):
    many = [f"name{i:04}" for i in range(300)]

    reply = final_api.call("post", path(world), rows(other_app, *many) + rows(final_app, *many))

    assert (reply.status_code, code(reply)) == (400, 899003)


def test_without_a_grant_it_is_refused_in_the_other_direction(
    stranger_api, final_app, other_app, world
):
    own = create_group(app=other_app, new=NewGroup(owner_username="tom1", name="mine"))

    reply = stranger_api.call("post", path(own.pk), rows(final_app, "pat1"))

    assert (reply.status_code, code(reply)) == (403, 899020)


def test_the_owner_is_handed_on_to_another_app_in_either_spelling(
    final_api, final_app, other_app, world
):
    final_api.call("post", path(world), rows(other_app, "pat1"))
    put = {"username": "pat1", "appKey": other_app.app_key}

    assert final_api.call("put", f"/v1/groups/owner/{world}", put).status_code == 204

    shown = final_api.call("get", f"/v1/groups/{world}").json()
    assert (shown["owner_username"], shown["owner_appkey"]) == ("pat1", other_app.app_key)
    back = {"username": "tom1", "appkey": final_app.app_key}
    assert final_api.call("put", f"/v1/groups/owner/{world}", back).status_code == 204
    assert "owner_appkey" not in final_api.call("get", f"/v1/groups/{world}").json()


def test_a_client_sees_the_groups_of_other_apps_that_they_are_in(final_app, other_app, world):
    change = MemberChange(app=other_app, add=["pat1"])
    change_members_across(app=final_app, gid=world, changes=[change])
    client = session_of(other_app.users.get(username="pat1"))

    (listed,) = client.call("get", "/client/v1/groups").json()["groups"]
    assert (listed["gid"], listed["appkey"]) == (world, final_app.app_key)
    assert client.call("get", f"/client/v1/groups/{world}").status_code == 200
    members = client.call("get", f"/client/v1/groups/{world}/members").json()["members"]
    assert [member.get("appkey") for member in members] == [final_app.app_key, None]
    assert client.call("post", f"/client/v1/groups/{world}/leave").status_code == 204
    assert client.call("get", f"/client/v1/groups/{world}").status_code == 403


def test_a_client_who_owns_a_group_of_another_app_rules_it(final_app, other_app, world):
    change = MemberChange(app=other_app, add=["pat1"])
    change_members_across(app=final_app, gid=world, changes=[change])
    transfer_group(app=final_app, gid=world, username="pat1", of=other_app)
    client = session_of(other_app.users.get(username="pat1"))

    assert client.call("put", f"/client/v1/groups/{world}", {"name": "ours"}).status_code == 204
    added = client.call("post", f"/client/v1/groups/{world}/members", {"add": ["tom1"]})
    assert added.status_code == 204
    members = client.call("get", f"/client/v1/groups/{world}/members").json()["members"]
    assert [member.get("appkey") for member in members] == [None, final_app.app_key, None]
    assert client.call("delete", f"/client/v1/groups/{world}").status_code == 204
