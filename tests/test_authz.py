"""Who may call what: every route, by nobody, by its app, by another app, by a user of either.

Each path is tried in its other forms too, by nobody and its app. A route without a row fails, as does a row
without a route.
"""

import pytest
from django.db import transaction
from django.urls import resolve

from apps.core import app_cache
from apps.core.api.operations import routes
from tests.conftest import person, session_of

TEXT = {
    "version": 1,
    "target_type": "single",
    "target_id": "bobby",
    "from_type": "user",
    "from_id": "alice",
    "msg_type": "text",
    "msg_body": {"content": "hello"},
}
SPOKEN = {**TEXT, "msg_body": {"text": "hello"}}
NEW = {"username": "someone", "password": "password"}
DAY = "count=1&begin_time=2015-02-13+00:00:00&end_time=2015-02-14+00:00:00"

# Method, path and body; then the status for: nobody, the app's server, another app's server, alice of the
# app in a session of hers, mallory of the other app in one of hers. What is another app's is absent: 404 or
# 403, never "not yours". alice owns the group; bobby is in it.
SERVER = [
    ("POST", "/v1/users", [NEW], 401, 201, 201, 401, 401),
    ("GET", "/v1/users", None, 401, 200, 200, 401, 401),
    ("DELETE", "/v1/users", ["bobby"], 401, 200, 404, 401, 401),
    ("GET", "/v1/users/bobby", None, 401, 200, 404, 401, 401),
    ("PUT", "/v1/users/bobby", {"nickname": "Bob"}, 401, 200, 404, 401, 401),
    ("DELETE", "/v1/users/bobby", None, 401, 200, 404, 401, 401),
    ("PUT", "/v1/users/bobby/password", {"new_password": "word"}, 401, 200, 404, 401, 401),
    ("GET", "/v1/users/bobby/userstat", None, 401, 200, 404, 401, 401),
    ("POST", "/v1/users/userstat", ["bobby"], 401, 200, 404, 401, 401),
    ("POST", "/v2/users/statuser", ["bobby"], 401, 200, 200, 401, 401),
    ("POST", "/v1/users/bobby/sessions", {"platform": "a"}, 401, 201, 404, 401, 401),
    ("GET", "/v1/users/bobby/sessions", None, 401, 200, 404, 401, 401),
    ("DELETE", "/v1/users/bobby/sessions", None, 401, 204, 404, 401, 401),
    ("DELETE", "/v1/users/alice/sessions/{session}", None, 401, 204, 404, 401, 401),
    ("GET", "/v1/users/bobby/groups", None, 401, 200, 404, 401, 401),
    ("GET", "/v1/users/bobby/sync", None, 401, 200, 404, 401, 401),
    ("GET", "/v1/sdkregister/status", None, 401, 200, 200, 401, 401),
    ("PUT", "/v1/sdkregister/status?status=1", None, 401, 204, 204, 401, 401),
    ("POST", "/v1/groups", {"owner_username": "bobby", "name": "x"}, 401, 201, 404, 401, 401),
    ("GET", "/v1/groups", None, 401, 200, 200, 401, 401),
    ("GET", "/v1/groups/{gid}", None, 401, 200, 404, 401, 401),
    ("PUT", "/v1/groups/{gid}", {"name": "x"}, 401, 200, 404, 401, 401),
    ("DELETE", "/v1/groups/{gid}", None, 401, 200, 404, 401, 401),
    ("PUT", "/v1/groups/owner/{gid}", {"username": "bobby"}, 401, 200, 404, 401, 401),
    ("GET", "/v1/groups/{gid}/members", None, 401, 200, 404, 401, 401),
    ("POST", "/v1/groups/{gid}/members", {"add": ["carol"]}, 401, 200, 404, 401, 401),
    ("DELETE", "/v1/groups/{gid}/members", ["bobby"], 401, 200, 404, 401, 401),
    ("POST", "/v1/messages", TEXT, 401, 200, 404, 401, 401),
    ("GET", f"/v2/messages?{DAY}", None, 401, 200, 200, 401, 401),
    ("GET", f"/v2/users/bobby/messages?{DAY}", None, 401, 200, 404, 401, 401),
    ("GET", f"/v2/groups/{{gid}}/messages?{DAY}", None, 401, 200, 404, 401, 401),
    # What the draft never had: these apps speak it.
    ("POST", "/v1/admins", NEW, 401, 404, 404, 401, 401),
    ("GET", "/v1/admins", None, 401, 404, 404, 401, 401),
]
CLIENT = [
    ("POST", "/client/v1/users", None, 400, 400, 400, 400, 400),
    ("POST", "/client/v1/sessions", None, 400, 400, 400, 400, 400),
    ("GET", "/client/v1/sessions", None, 401, 401, 401, 200, 200),
    ("POST", "/client/v1/sessions/current/renewal", None, 401, 401, 401, 200, 200),
    ("DELETE", "/client/v1/sessions/{session}", None, 401, 401, 401, 204, 403),
    ("GET", "/client/v1/me", None, 401, 401, 401, 200, 200),
    ("PUT", "/client/v1/me", {"nickname": "x"}, 401, 401, 401, 204, 204),
    ("PUT", "/client/v1/me/password", None, 401, 401, 401, 400, 400),
    ("GET", "/client/v1/blocks", None, 401, 401, 401, 200, 200),
    ("PUT", "/client/v1/blocks", ["bobby"], 401, 401, 401, 204, 403),
    ("DELETE", "/client/v1/blocks", ["carol"], 401, 401, 401, 400, 403),
    ("GET", "/client/v1/groups", None, 401, 401, 401, 200, 200),
    ("POST", "/client/v1/groups", {"name": "x"}, 401, 401, 401, 201, 201),
    ("GET", "/client/v1/groups/{gid}", None, 401, 401, 401, 200, 403),
    ("PUT", "/client/v1/groups/{gid}", {"name": "x"}, 401, 401, 401, 204, 403),
    ("DELETE", "/client/v1/groups/{gid}", None, 401, 401, 401, 204, 403),
    ("GET", "/client/v1/groups/{gid}/members", None, 401, 401, 401, 200, 403),
    ("POST", "/client/v1/groups/{gid}/members", {"add": ["carol"]}, 401, 401, 401, 204, 403),
    ("POST", "/client/v1/groups/{gid}/join", None, 401, 401, 401, 400, 403),
    ("POST", "/client/v1/groups/{gid}/leave", None, 401, 401, 401, 400, 403),
    ("POST", "/client/v1/messages", SPOKEN, 401, 401, 401, 201, 403),
    ("POST", "/client/v1/messages/99999999/retract", None, 401, 401, 401, 403, 403),
    ("GET", "/client/v1/sync", None, 401, 401, 401, 200, 200),
    ("GET", "/client/v1/conversations", None, 401, 401, 401, 200, 200),
    ("GET", "/client/v1/conversations/{talk}/messages", None, 401, 401, 401, 200, 403),
    ("PUT", "/client/v1/conversations/{talk}/read", {"msg_id": 1}, 401, 401, 401, 403, 403),
    ("POST", "/client/v1/conversations/{talk}/typing", None, 401, 401, 401, 204, 403),
]
MATRIX = [*SERVER, *CLIENT]


def forms(path):
    """The path as written, without its version where that may go, and with a slash at the end."""
    bare = path.removeprefix("/v1")
    before, question, after = path.partition("?")
    return dict.fromkeys([path, bare, f"{before}/{question}{after}"])


@pytest.fixture
def callers(app, other_app, api, stranger_api, nobody_api, alice, bobby, carol):
    mallory = person(other_app, "mallory")
    return [nobody_api, api, stranger_api, session_of(alice), session_of(mallory)]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [(method, path, body, expected) for method, path, body, *expected in MATRIX],
    ids=[f"{method} {path}" for method, path, *_ in MATRIX],
)
def test_who_may_call_it(method, path, body, expected, callers, app, other_app, alice, group):
    session = alice.sessions.get()
    talk = app.conversations.of_group(group)
    filled = path.format(gid=group.pk, session=session.pk, talk=talk.pk)

    for place, form in enumerate(forms(filled)):
        statuses = []
        for caller in callers if place == 0 else callers[:2]:
            with transaction.atomic():  # nobody sees what another caller has done
                statuses.append(caller.call(method, form, body).status_code)
                transaction.set_rollback(True)
            app_cache.forget(app.app_key)
            app_cache.forget(other_app.app_key)

        assert statuses == expected[: len(statuses)], form


def test_every_route_has_a_row():
    rows = {
        (method, resolve(form.partition("?")[0].rstrip("/").format(gid=1, session=1, talk=1)).route)
        for method, path, *_ in MATRIX
        for form in forms(path)
    }

    assert rows == {(route.method, route.path.lstrip("/")) for route in routes()}


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1/users/userstat", "v1/users/userstat"),
        ("/v1/groups/owner/10000001", "v1/groups/owner/<str:gid>"),
        ("/client/v1/sessions/current/renewal", "client/v1/sessions/current/renewal"),
    ],
)
def test_a_literal_step_wins_over_a_name(path, route):
    assert resolve(path).route == route
