"""The rate limit as an app meets it: the headers, the 429, exact over threads."""

from functools import partial

import pytest

from apps.core import rate_limit
from apps.core.models import App
from apps.core.services.apps import create_app, suspend_app, update_app
from tests.conftest import ApiClient, person
from tests.threads import at_once

NAMES = ["X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"]


@pytest.fixture(autouse=True)
def at_a_quarter_past(monkeypatch):
    """The database's clock stands still, as far as counting goes: no test runs over the end of a minute."""
    fixed = "timestamptz '2015-02-28 12:00:15+00'"
    statement = rate_limit._TAKE.replace("clock_timestamp()", fixed)
    monkeypatch.setattr(rate_limit, "_TAKE", statement)


def limit(app: App, calls: int) -> None:
    app.calls_per_minute = calls
    update_app(app=app)


def told(reply):
    return [reply.headers.get(name) for name in NAMES]


def test_every_answer_tells_what_is_left(app, api):
    limit(app, 10)

    assert told(api.call("get", "/users")) == ["10", "9", "45"]
    assert told(api.call("get", "/users/nobody")) == ["10", "8", "45"]
    assert told(api.call("post", "/users", [])) == ["10", "7", "45"]
    assert told(api.call("patch", "/users")) == ["10", "6", "45"]


def test_beyond_the_limit_calls_are_refused_and_told_when_to_come_back(app, api):
    limit(app, 2)
    for _ in range(2):
        assert api.call("get", "/users").status_code == 200

    refused = api.call("get", "/users")

    assert refused.status_code == 429
    assert refused.json() == {"error": {"code": 2001, "message": "Rate limit exceeded"}}
    assert told(refused) == ["2", "0", "45"]
    assert refused.headers["Retry-After"] == "45"


def test_a_refused_call_does_nothing(app, api):
    limit(app, 1)
    api.call("get", "/users")

    reply = api.call("post", "/users", [{"username": "someone", "password": "password"}])

    assert reply.status_code == 429
    assert not app.users.exists()


def test_an_app_without_a_limit_hears_nothing_of_one(app, api):
    limit(app, 0)

    assert told(api.call("get", "/users")) == [None, None, None]


def test_an_app_that_says_nothing_has_the_server_s_limit(app, api, settings):
    settings.IM_CALLS_PER_MINUTE = 3

    assert told(api.call("get", "/users")) == ["3", "2", "45"]


def test_whoever_has_the_wrong_secret_uses_nothing_up(app, api, nobody_api):
    limit(app, 10)
    forged = ApiClient()
    forged.defaults["HTTP_AUTHORIZATION"] = api.defaults["HTTP_AUTHORIZATION"][:-8] + "AAAAAAA="

    for client in (nobody_api, forged):
        reply = client.call("get", "/users")
        assert reply.status_code == 401
        assert told(reply) == [None, None, None]

    assert told(api.call("get", "/users")) == ["10", "9", "45"]


def test_a_suspended_app_uses_nothing_up(app, api):
    limit(app, 1)
    suspend_app(app=app)

    for _ in range(3):
        assert api.call("get", "/users").status_code == 403


def test_another_app_is_not_held_up(app, api, stranger_api):
    limit(app, 1)
    api.call("get", "/users")
    assert api.call("get", "/users").status_code == 429

    assert stranger_api.call("get", "/users").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("calls", [1, 10, 33])
def test_threads_at_once_get_exactly_as_many_calls_as_allowed(calls):
    credentials = create_app(name="Busy", calls_per_minute=calls)
    person(credentials.app, "alice")

    def ask(client: ApiClient) -> list[int]:
        return [client.call("get", "/users/alice").status_code for _ in range(10)]

    statuses = at_once(*[partial(ask, ApiClient(credentials)) for _ in range(5)])

    flat = [status for some in statuses if isinstance(some, list) for status in some]
    assert sorted(flat) == [200] * calls + [429] * (50 - calls)
