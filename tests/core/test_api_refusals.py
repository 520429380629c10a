"""Refusals that no operation makes by itself: faults, an absent database, unknown paths, bodies too large."""

import logging

import pytest
from django.db import InterfaceError, OperationalError

from apps.core.services.apps import update_app

USERS_OF_APP = "apps.accounts.api.views.page"


def error(reply):
    assert reply.json().keys() == {"error"}
    return reply.status_code, reply.json()["error"]["code"], reply.json()["error"]["message"]


@pytest.fixture
def broken(monkeypatch):
    """Lists of users raise what they are given."""

    def break_by(fault):
        def raising(*args):
            raise fault

        monkeypatch.setattr(USERS_OF_APP, raising)

    return break_by


@pytest.mark.parametrize(
    ("client", "code"), [("api", 10), ("final_api", 899000)], ids=["draft", "final"]
)
def test_a_fault_of_ours_tells_nothing_but_its_code(client, code, broken, request, caplog):
    broken(KeyError("a secret of the server's"))

    with caplog.at_level(logging.ERROR, "django.request"):
        reply = request.getfixturevalue(client).call("get", "/v1/users")

    assert error(reply) == (500, code, "Server internal error")
    assert reply["Content-Type"] == "application/json; charset=utf-8"
    assert "a secret of the server's" in caplog.text  # the operator is told


@pytest.mark.parametrize("fault", [OperationalError, InterfaceError])
def test_an_absent_database_asks_for_another_try(fault, broken, api, caplog):
    broken(fault("server closed the connection"))

    reply = api.call("get", "/v1/users")

    assert error(reply) == (503, 899030, "Server response time out, please try again later")
    assert "server closed the connection" in caplog.text


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/", "/users/alice/unknown", "/v1/%00", "/a/b/c"])
@pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
def test_an_unknown_path_is_told_so(method, path, api):
    assert error(api.call(method, path)) == (404, 890404, "No such path")


@pytest.mark.django_db
def test_an_unknown_path_needs_no_credentials(nobody_api):
    assert error(nobody_api.call("get", "/unknown"))[:2] == (404, 890404)


@pytest.mark.parametrize("method", ["patch", "options", "trace", "propfind"])
def test_a_wrong_method_is_told_the_right_ones(method, api):
    reply = api.call(method, "/v1/users/alice")

    assert error(reply) == (405, 890405, "Method not supported here")
    assert reply.headers["Allow"] == "GET, PUT, DELETE, HEAD"


@pytest.mark.django_db
def test_whether_a_method_is_right_is_not_told_to_nobody(nobody_api):
    assert nobody_api.call("patch", "/v1/users").status_code == 401


def test_a_head_is_a_get_without_its_body(api):
    reply = api.call("head", "/v1/users")

    assert reply.status_code == 200
    assert reply.content == b""


def test_a_page_under_another_host_is_refused_by_a_page(client, settings):
    settings.ALLOWED_HOSTS = ["testserver"]

    reply = client.get("/docs/", HTTP_HOST="evil.example.com")

    assert reply.status_code == 400
    assert reply["Content-Type"] == "text/html; charset=utf-8"
    assert "evil" not in reply.content.decode()


class TestBodies:
    def test_one_of_just_the_size_is_taken(self, api, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        body = b'[{"username":"alice","password":"password"}]'

        assert api.raw("post", "/users", body.ljust(100)).status_code == 201

    def test_one_that_is_larger_is_refused(self, app, api, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        body = b'[{"username":"alice","password":"password"}]'

        reply = api.raw("post", "/users", body.ljust(101))

        assert error(reply) == (400, 899003, "body: must be at most 100 bytes")
        assert not app.users.exists()

    def test_ten_megabytes_are_too_many(self, api):
        reply = api.raw("post", "/users", b"[" + b" " * 10_000_000 + b"]")

        assert error(reply)[:2] == (400, 899003)

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
    )
    def test_one_of_another_type_is_refused(self, content_type, api):
        reply = api.raw("post", "/users", b"[]", content_type=content_type)

        assert error(reply) == (400, 899003, "Content-Type: must be application/json")

    @pytest.mark.parametrize("content_type", ["", "application/json", "Application/JSON;charset=x"])
    def test_one_of_no_type_is_taken_for_json(self, content_type, api):
        reply = api.raw("post", "/users", b"{}", content_type=content_type)

        assert error(reply) == (400, 899003, "body: must be an array of users")

    @pytest.mark.parametrize("content_type", ["", "application/json", "text/plain"])
    def test_without_one_its_type_does_not_matter(self, content_type, api, alice):
        reply = api.raw("delete", "/users/alice", b"", content_type=content_type)

        assert reply.status_code == 200

    def test_a_get_may_carry_one_that_is_no_json(self, api):
        assert api.raw("get", "/users", b"{").status_code == 200


def test_json_is_given_whatever_is_asked_for(api):
    reply = api.call("get", "/v1/users", HTTP_ACCEPT="text/html, image/webp")

    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert reply.headers["Content-Length"] == str(len(reply.content))


def test_texts_go_out_as_utf_8(api):
    api.call("post", "/users", [{"username": "alice", "password": "word", "nickname": "爱丽丝"}])

    assert "爱丽丝".encode() in api.call("get", "/users/alice").content


def test_an_app_that_changes_its_version_is_answered_in_the_new_one_at_once(app, api, alice):
    assert "user_name" in api.call("get", "/users/alice").json()
    app.api_version = "v1"
    update_app(app=app)

    assert "user_name" not in api.call("get", "/users/alice").json()


@pytest.mark.parametrize("query", ["?start=%00", "?%00=1", "?username_prefix=a%00b"])
def test_nul_in_a_query_is_refused(query, api):
    assert error(api.call("get", f"/users{query}"))[:2] == (400, 899003)


@pytest.mark.parametrize("name", ["%00", "%F0%9F%98%80", "%FF", "..", "a%2Fb", "x" * 5000])
def test_no_name_in_a_path_is_a_fault(name, api):
    assert api.call("get", f"/users/{name}").status_code == 404
