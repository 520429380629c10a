"""Groups over the wire: limits, sizes, filters, ids."""

from datetime import UTC, datetime

import pytest

from apps.accounts.services.users import Registration, delete_users, register_users
from apps.core.services.apps import update_app
from apps.groups.services.groups import NewGroup, create_group
from tests.conftest import PASSWORD, person

LONG = "组" * 21  # 63 bytes


def refusal(reply):
    error = reply.json()["error"]
    return reply.status_code, error["code"], error["message"]


def crowd(app, count):
    names = [f"member{place:03}" for place in range(count)]
    register_users(
        app=app,
        registrations=[Registration(username=name, password=PASSWORD) for name in names],
    )
    return names


def members(api, gid):
    return [member["username"] for member in api.call("get", f"/groups/{gid}/members").json()]


class TestBytes:
    @pytest.mark.parametrize(
        ("field", "fits"),
        [
            ("name", "n"),
            ("name", "n" * 64),
            ("name", LONG + "n"),
            ("name", " "),
            ("desc", ""),
            ("desc", "d" * 250),
            ("desc", "一\n二" + "描" * 81),
            ("avatar", "a" * 255),
            ("flag", 0),
            ("flag", 1),
            ("flag", 2),
        ],
    )
    def test_what_fits_is_taken(self, field, fits, api, alice):
        body = {"owner_username": "alice", "name": "name", field: fits}

        reply = api.call("post", "/groups", body)

        assert reply.status_code == 201
        assert reply.json().get(field, "") == (fits or (1 if field == "flag" else ""))

    @pytest.mark.parametrize(
        ("field", "wrong", "why"),
        [
            ("name", "", "must be at least 1 bytes in UTF-8"),
            ("name", "n" * 65, "must be at most 64 bytes in UTF-8"),
            ("name", LONG + "no", "must be at most 64 bytes in UTF-8"),
            ("name", "one\rtwo", "must be a single line"),
            ("desc", "d" * 251, "must be at most 250 bytes in UTF-8"),
            ("desc", "描" * 84, "must be at most 250 bytes in UTF-8"),
            ("avatar", "a" * 256, "must be at most 255 bytes in UTF-8"),
        ],
    )
    def test_what_does_not_is_refused(self, field, wrong, why, app, api, group):
        new = {"owner_username": "alice", "name": "name", field: wrong}

        assert refusal(api.call("post", "/groups", new)) == (400, 899003, f"{field}: {why}")
        change = api.call("put", f"/groups/{group.pk}", {field: wrong})
        assert refusal(change) == (400, 899003, f"{field}: {why}")
        assert app.groups.get().name == "friends"

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("name", 7),
            ("flag", 3),
            ("flag", -1),
            ("flag", "1"),
            ("flag", True),
            ("owner_username", 7),
            ("owner_username", "o" * 129),
            ("members_username", "bobby"),
            ("members_username", {"0": "bobby"}),
            ("members_username", [["bobby"]]),
            ("members_username", [None]),
        ],
    )
    def test_a_value_of_another_kind_is_refused_and_named(self, field, wrong, api, alice):
        body = {"owner_username": "alice", "name": "name", field: wrong}

        status, code, message = refusal(api.call("post", "/groups", body))

        assert (status, code) == (400, 899003)
        assert message.startswith(field)


@pytest.mark.usefixtures("alice")
class TestSizes:
    def test_a_group_of_five_hundred_is_full(self, app, api):
        names = crowd(app, 500)
        new = {"owner_username": "alice", "name": "crowd", "members_username": names[:499]}

        created = api.call("post", "/groups", new)

        assert created.status_code == 201
        assert created.json()["members_username"] == names[:499]
        full = api.call("post", f"/groups/{created.json()['gid']}/members", [names[499]])
        assert refusal(full) == (403, 899012, "No enough space for members")
        new["members_username"] = names
        assert refusal(api.call("post", "/groups", new))[:2] == (403, 899012)

    def test_the_app_says_how_many_a_group_holds(self, app, api, bobby, carol):
        app.max_group_members = 2
        update_app(app=app)
        new = {"owner_username": "alice", "name": "pair", "members_username": ["bobby"]}

        created = api.call("post", "/groups", new).json()

        assert created["MaxMemberCount"] == 2
        reply = api.call("post", f"/groups/{created['gid']}/members", ["carol"])
        assert refusal(reply)[:2] == (403, 899012)

    def test_the_app_says_in_how_many_groups_a_user_is(self, app, api, group, bobby):
        app.max_groups_per_user = 1
        update_app(app=app)
        new = {"owner_username": "bobby", "name": "another"}

        reply = api.call("post", "/groups", new)

        assert refusal(reply) == (403, 899015, "User 's group are full can not continue")

    def test_the_final_api_refuses_with_the_same_codes(self, final_app, final_api):
        for name in ("alice", "bobby", "carol"):
            person(final_app, name)
        final_app.max_group_members = 2
        final_app.max_groups_per_user = 1
        update_app(app=final_app)
        new = {"owner_username": "alice", "name": "x", "members_username": ["bobby"]}
        gid = final_api.call("post", "/v1/groups", new).json()["gid"]
        path = f"/v1/groups/{gid}/members"

        assert refusal(final_api.call("post", path, {"add": ["carol"]}))[:2] == (403, 899012)
        assert refusal(final_api.call("post", "/v1/groups", new))[:2] == (403, 899015)
        new["members_username"] = ["bobby", "carol"]
        assert refusal(final_api.call("post", "/v1/groups", new))[:2] == (403, 899012)
        final_api.call("post", path, {"remove": ["bobby"]})
        new = {"owner_username": "bobby", "name": "y"}
        assert final_api.call("post", "/v1/groups", new).status_code == 201
        assert refusal(final_api.call("post", path, {"add": ["bobby"]}))[:2] == (403, 899015)

    def test_a_list_of_changes_holds_five_hundred(self, api, group):
        names = [f"nobody{place:03}" for place in range(501)]

        for body in ({"add": names}, {"remove": names}, names):
            status, code, message = refusal(api.call("post", f"/groups/{group.pk}/members", body))
            assert (status, code) == (400, 899003)
            assert message.endswith(": must have at most 500")
        assert refusal(api.call("post", f"/groups/{group.pk}/members", names[:500]))[1] == 899002


def test_a_name_that_is_given_twice_is_refused(api, group, carol):
    for field in ("add", "remove"):
        body = {field: ["carol", "carol"]}
        reply = api.call("post", f"/groups/{group.pk}/members", body)
        assert refusal(reply) == (400, 899003, f"{field}: names a user twice")

    assert members(api, group.pk) == ["alice", "bobby"]


@pytest.mark.parametrize(
    ("gid", "refused"),
    [
        ("0", (404, 899006)),
        ("9007199254740992", (404, 899006)),
        ("9223372036854775807", (404, 899006)),
        ("9223372036854775808", (404, 899006)),
        ("9" * 19, (404, 899006)),
        ("9" * 20, (400, 899003)),
        ("-1", (400, 899003)),
        ("1.5", (400, 899003)),
        ("0x10", (400, 899003)),
        ("١٢٣", (400, 899003)),
        ("null", (400, 899003)),
        ("%20", (400, 899003)),
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/groups/{gid}", None),
        ("put", "/groups/{gid}", {"name": "x"}),
        ("delete", "/groups/{gid}", None),
        ("put", "/groups/owner/{gid}", {"username": "alice"}),
        ("get", "/groups/{gid}/members", None),
        ("post", "/groups/{gid}/members", ["alice"]),
        ("delete", "/groups/{gid}/members", ["alice"]),
    ],
)
def test_an_id_that_no_group_has_is_no_fault(method, path, body, gid, refused, api, alice):
    assert refusal(api.call(method, path.format(gid=gid), body))[:2] == refused


class TestList:
    @pytest.fixture(autouse=True)
    def named(self, app, alice):
        """Created one a day at midnight UTC, which is 8 in the morning of the app."""
        for day, name in enumerate(["push", "pull", "Push", "推送"], 1):
            group = create_group(app=app, new=NewGroup(owner_username="alice", name=name))
            app.groups.filter(pk=group.pk).update(created_at=datetime(2015, 2, day, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["push", "pull", "Push", "推送"]),
            ("name_prefix=pu", ["push", "pull"]),
            ("name_prefix=P", ["Push"]),
            ("name_prefix=%E6%8E%A8", ["推送"]),
            ("name_prefix=_ush", []),
            ("created_from=2015-02-03+08:00:00", ["Push", "推送"]),
            ("created_to=2015-02-03+08:00:00", ["push", "pull"]),
            ("name_prefix=pu&created_from=2015-02-02+08:00:00", ["pull"]),
            ("start=1&count=2", ["pull", "Push"]),
        ],
    )
    def test_it_is_narrowed_by_all_filters_given(self, query, found, api):
        reply = api.call("get", f"/groups?{query}").json()

        assert [group["name"] for group in reply["groups"]] == found
        assert reply["count"] == len(found)
        assert reply["total"] == (4 if query.startswith("start") else len(found))

    @pytest.mark.parametrize("query", ["created_from=x", "created_to=1", "name_prefix=" + "x" * 65])
    def test_what_cannot_be_read_is_refused_and_named(self, query, api):
        reply = api.call("get", f"/groups?{query}")

        assert refusal(reply)[:2] == (400, 899003)
        assert refusal(reply)[2].startswith(query.partition("=")[0] + ": ")

    def test_a_dissolved_group_is_left_out(self, api):
        gid = api.call("get", "/groups?name_prefix=push").json()["groups"][0]["gid"]
        api.call("delete", f"/groups/{gid}")

        assert api.call("get", "/groups").json()["total"] == 3


def test_a_group_passes_on_with_its_owner_s_deletion(app, api, group):
    delete_users(app=app, usernames=["alice"])

    assert api.call("get", f"/groups/{group.pk}").json()["owner_username"] == "bobby"
    assert members(api, group.pk) == ["bobby"]


def test_an_emptied_group_is_gone(app, api, group):
    delete_users(app=app, usernames=["alice", "bobby"])

    assert refusal(api.call("get", f"/groups/{group.pk}"))[:2] == (404, 899006)


def test_members_stand_in_the_order_in_which_they_came(api, group, carol):
    api.call("post", f"/groups/{group.pk}/members", ["carol"])
    api.call("put", f"/groups/owner/{group.pk}", {"username": "carol"})

    assert members(api, group.pk) == ["carol", "alice", "bobby"]


def test_a_change_moves_mtime(app, api, group):
    app.groups.update(updated_at=datetime(2015, 2, 13, tzinfo=UTC))
    before = api.call("get", f"/groups/{group.pk}").json()

    api.call("put", f"/groups/{group.pk}", {"desc": "x"})

    after = api.call("get", f"/groups/{group.pk}").json()
    assert before["mtime"] == "2015-02-13 08:00:00"
    assert after["mtime"] > before["mtime"]
    assert after["ctime"] == before["ctime"]
