"""Users over the wire: limits in bytes, batches, filters, times."""

from datetime import UTC, datetime

import pytest

from apps.accounts.services.users import disable_users
from apps.core.services.apps import update_app
from tests.conftest import person

LONG = "长" * 21  # 63 bytes
EXTRAS_FRAME = len('{"note":""}')


def register(api, **fields):
    """Register one; the error of its row, if there is one."""
    row = {"username": "someone", "password": "password", **fields}
    (reply,) = api.call("post", "/v1/users", [row]).json()
    return reply.get("error")


def invalid(text):
    return {"code": 899003, "message": text}


class TestBytes:
    @pytest.mark.parametrize(
        ("field", "fits"),
        [
            ("username", "abcd"),
            ("username", "a" * 128),
            ("username", "7.up_and-down@home"),
            ("password", "abcd"),
            ("password", "密码"),
            ("password", "p" * 128),
            ("password", "密" * 42 + "ab"),
            ("password", " \n\t "),
            ("nickname", ""),
            ("nickname", "n" * 64),
            ("nickname", LONG + "n"),
            ("nickname", "😀" * 16),
            ("signature", "s" * 250),
            ("region", "区" * 83 + "r"),
            ("address", "一\n二"),
            ("avatar", "a" * 255),
            ("birthday", "1990-01-24"),
            ("birthday", "1990-01-24 13:14:15"),
            ("birthday", "0001-01-01"),
            ("gender", 0),
            ("gender", 2),
            ("star", -(2**31)),
            ("star", 2**31 - 1),
            ("extras", {}),
            ("extras", {"note": "x" * (512 - EXTRAS_FRAME)}),
            ("extras", {"note": "注" * ((512 - EXTRAS_FRAME) // 3)}),
        ],
    )
    def test_what_fits_is_taken(self, field, fits, api):
        assert register(api, **{field: fits}) is None

    @pytest.mark.parametrize(
        ("field", "wrong", "why"),
        [
            ("username", "abc", "must be at least 4 bytes in UTF-8"),
            ("username", "", "must be at least 4 bytes in UTF-8"),
            ("username", "a" * 129, "must be at most 128 bytes in UTF-8"),
            ("password", "abc", "must be at least 4 bytes in UTF-8"),
            ("password", "密", "must be at least 4 bytes in UTF-8"),
            ("password", "p" * 129, "must be at most 128 bytes in UTF-8"),
            ("password", "密" * 43, "must be at most 128 bytes in UTF-8"),
            ("nickname", "n" * 65, "must be at most 64 bytes in UTF-8"),
            ("nickname", LONG + "no", "must be at most 64 bytes in UTF-8"),
            ("nickname", "one\rtwo", "must be a single line"),
            ("signature", "s" * 251, "must be at most 250 bytes in UTF-8"),
            ("region", "区" * 84, "must be at most 250 bytes in UTF-8"),
            ("address", "a" * 251, "must be at most 250 bytes in UTF-8"),
            ("avatar", "a" * 256, "must be at most 255 bytes in UTF-8"),
            (
                "extras",
                {"note": "x" * (513 - EXTRAS_FRAME)},
                "must be at most 512 bytes of JSON in UTF-8",
            ),
            ("extras", {"note": "注" * 168}, "must be at most 512 bytes of JSON in UTF-8"),
        ],
    )
    def test_what_does_not_is_refused(self, field, wrong, why, app, api):
        assert register(api, **{field: wrong}) == invalid(f"{field}: {why}")
        assert not app.users.exists()

    @pytest.mark.parametrize(
        "name",
        [
            "_under",
            ".dot",
            "-dash",
            "@home",
            "with space",
            "with,comma",
            "ünï1",
            "名字名字",
            "a\nbc",
        ],
    )
    def test_a_name_of_other_characters_is_refused(self, name, api):
        error = register(api, username=name)

        assert error["code"] == 899003
        assert error["message"].startswith("username: must start with a letter or digit")

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("username", 12345),
            ("password", True),
            ("nickname", ["n"]),
            ("avatar", 1.5),
            ("birthday", "1990-02-30"),
            ("birthday", "1990-1-24"),
            ("birthday", "24.01.1990"),
            ("birthday", "\u0661\u0669\u0669\u0660-\u0660\u0661-\u0662\u0664"),
            ("birthday", 19900124),
            ("birthday", ""),
            ("gender", 3),
            ("gender", -1),
            ("gender", "1"),
            ("gender", True),
            ("gender", 1.0),
            ("star", 2**31),
            ("star", -(2**31) - 1),
            ("extras", "text"),
            ("extras", [1]),
        ],
    )
    def test_a_value_of_another_kind_is_refused_and_named(self, field, wrong, api):
        error = register(api, **{field: wrong})

        assert error["code"] == 899003
        assert error["message"].startswith(f"{field}: ")

    def test_the_same_limits_hold_for_a_change(self, api, alice):
        for body in ({"nickname": LONG + "no"}, {"extras": {"note": "x" * 512}}, {"birthday": "x"}):
            assert api.call("put", "/users/alice", body).status_code == 400

        assert "nickname" not in api.call("get", "/users/alice").json()

    @pytest.mark.parametrize(("size", "status"), [(3, 400), (4, 200), (128, 200), (129, 400)])
    def test_the_same_limits_hold_for_a_new_password(self, size, status, api, alice):
        reply = api.call("put", "/users/alice/password", {"new_password": "p" * size})

        assert reply.status_code == status


def rows(count):
    return [{"username": f"user{place:04}", "password": "password"} for place in range(count)]


class TestBatches:
    def test_five_hundred_are_registered_at_once(self, app, api):
        reply = api.call("post", "/users", rows(500))

        assert reply.status_code == 201
        assert reply.json() == [{"username": f"user{place:04}"} for place in range(500)]
        assert app.users.count() == 500

    @pytest.mark.parametrize("client", ["api", "final_api"])
    def test_one_more_is_refused_as_a_whole(self, client, app, final_app, request):
        reply = request.getfixturevalue(client).call("post", "/v1/users", rows(501))

        assert reply.status_code == 403
        assert reply.json() == {
            "error": {"code": 899013, "message": "User list is bigger than 500"}
        }
        assert not app.users.exists()
        assert not final_app.users.exists()

    def test_a_hundred_are_deleted_at_once_and_not_one_more(self, app, api):
        api.call("post", "/users", rows(101))
        names = [row["username"] for row in rows(101)]

        refused = api.call("delete", "/users", names)
        assert refused.json()["error"] == invalid("body: must have at most 100 usernames")
        assert app.users.count() == 101

        assert api.call("delete", "/users", names[:100]).status_code == 200
        assert app.users.count() == 1

    def test_the_name_of_a_row_comes_back_whatever_it_is(self, api):
        given = [{"username": "a"}, {"username": ""}, {"username": 7}, {}, [], "text", None]

        reply = api.call("post", "/users", given)

        assert reply.status_code == 400
        assert [row.get("username") for row in reply.json()] == ["a", "", *[None] * 5]
        assert all(row["error"]["code"] == 899003 for row in reply.json())

    def test_apps_do_not_see_each_other_s_names(self, api, stranger_api):
        for client in (api, stranger_api):
            assert client.call("post", "/users", rows(1)).json() == [{"username": "user0000"}]

        api.call("delete", "/users/user0000")
        assert stranger_api.call("get", "/users/user0000").status_code == 200


def names(api, query):
    reply = api.call("get", f"/users?{query}")
    assert reply.status_code == 200, reply.content
    found = [user["username"] for user in reply.json()["users"]]
    assert reply.json()["count"] == len(found)
    return reply.json()["total"], found


class TestList:
    @pytest.fixture(autouse=True)
    def people(self, app):
        """Registered one a day at midnight UTC, which is 8 in the morning of the app."""
        for day, name in enumerate(["anna", "an_d", "Anna", "bert", "an%a"], 1):
            user = person(app, name.replace("%", "-"))
            app.users.filter(pk=user.pk).update(created_at=datetime(2015, 2, day, tzinfo=UTC))
        disable_users(app=app, users=app.users.filter(username__in=["bert", "an_d"]))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("username_prefix=an", ["anna", "an_d", "an-a"]),
            ("username_prefix=An", ["Anna"]),
            ("username_prefix=an_", ["an_d"]),
            ("username_prefix=%25", []),
            ("username_prefix=anna&disabled=false", ["anna"]),
            ("username_prefix=" + "x" * 128, []),
            ("disabled=true", ["an_d", "bert"]),
            ("disabled=1", ["an_d", "bert"]),
            ("disabled=TRUE", ["an_d", "bert"]),
            ("disabled=False", ["anna", "Anna", "an-a"]),
            ("created_from=2015-02-04+08:00:00", ["bert", "an-a"]),
            ("created_from=2015-02-04+08:00:01", ["an-a"]),
            ("created_to=2015-02-02+08:00:00", ["anna"]),
            ("created_to=2015-02-02%2008:00:01", ["anna", "an_d"]),
            ("created_from=2015-02-02+08:00:00&created_to=2015-02-04+08:00:00", ["an_d", "Anna"]),
            ("created_from=2015-02-05+00:00:00&created_to=2015-02-01+00:00:00", []),
            ("username_prefix=&disabled=&created_from=", ["anna", "an_d", "Anna", "bert", "an-a"]),
            ("unknown=1", ["anna", "an_d", "Anna", "bert", "an-a"]),
        ],
    )
    def test_it_is_narrowed_by_all_filters_given(self, query, found, api):
        assert names(api, query) == (len(found), found)

    def test_a_page_is_cut_from_what_passes(self, api):
        assert names(api, "username_prefix=an&start=1&count=1") == (3, ["an_d"])
        assert names(api, "username_prefix=an&start=3") == (3, [])

    @pytest.mark.parametrize(
        "query",
        [
            "disabled=yes",
            "disabled=2",
            "created_from=2015-02-13",
            "created_from=1423792800",
            "created_to=2015-02-13T10:00:00",
            "created_to=2015-02-13+10:00:00Z",
            "username_prefix=" + "x" * 129,
        ],
    )
    def test_what_cannot_be_read_is_refused_and_named(self, query, api):
        reply = api.call("get", f"/users?{query}")

        assert reply.status_code == 400
        assert reply.json()["error"]["code"] == 899003
        assert reply.json()["error"]["message"].startswith(query.partition("=")[0] + ": ")

    def test_moments_are_in_the_app_s_own_zone(self, app, api):
        app.time_zone = "America/New_York"
        update_app(app=app)

        assert names(api, "created_from=2015-02-03+19:00:00") == (2, ["bert", "an-a"])
        assert api.call("get", "/users/anna").json()["ctime"] == "2015-01-31 19:00:00"


class TestTimes:
    def test_a_change_moves_mtime_and_leaves_ctime(self, app, api, alice):
        app.users.filter(pk=alice.pk).update(
            created_at=datetime(2015, 2, 12, 16, tzinfo=UTC),
            updated_at=datetime(2015, 2, 12, 16, tzinfo=UTC),
        )
        before = api.call("get", "/users/alice").json()

        api.call("put", "/users/alice", {"nickname": "Alice"})

        after = api.call("get", "/users/alice").json()
        assert before["ctime"] == before["mtime"] == after["ctime"] == "2015-02-13 00:00:00"
        assert after["mtime"] > after["ctime"]
