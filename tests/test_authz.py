"""Who may call what: every route, by nobody, by its app, by another app, by a user of either.

Each path is tried in its other forms too, by nobody and its app. A route without a row fails, as does a row
without a route.
"""

import pytest
from django.db import transaction
from django.urls import resolve

from apps.core import app_cache
from apps.core.api.operations import routes
from tests.authz import MATRIX
from tests.conftest import person, session_of

#: What stands for a number in a path.
NUMBERS = {"gid": 1, "session": 1, "talk": 1, "room": 1}


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
def test_who_may_call_it(method, path, body, expected, callers, app, other_app, alice, group, room):
    session = alice.sessions.get()
    talk = app.conversations.of_group(group)
    filled = path.format(gid=group.pk, session=session.pk, talk=talk.pk, room=room.pk)
    if body == ["{room}"]:
        body = [room.pk]

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
        (method, resolve(form.partition("?")[0].rstrip("/").format(**NUMBERS)).route)
        for method, path, *_ in MATRIX
        for form in forms(path)
    }

    assert rows == {(route.method, route.path.lstrip("/")) for route in routes()}


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1/users/userstat", "v1/users/userstat"),
        ("/v1/groups/owner/10000001", "v1/groups/owner/<str:gid>"),
        ("/client/v1/me/chatrooms", "client/v1/me/chatrooms"),
        ("/client/v1/sessions/current/renewal", "client/v1/sessions/current/renewal"),
    ],
)
def test_a_literal_step_wins_over_a_name(path, route):
    assert resolve(path).route == route
