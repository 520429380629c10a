"""Sessions over the wire: who gets one, what ends one, who is told what."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import ClientSession
from apps.accounts.services.users import delete_users, disable_users, enable_users
from apps.core.services.apps import resume_app, suspend_app
from tests.conftest import PASSWORD, session_of


def refusal(reply):
    return reply.status_code, reply.json()["error"]["code"]


def log_in(api, app, username="alice", password=PASSWORD, platform="j"):
    body = {
        "appkey": app.app_key,
        "username": username,
        "password": password,
        "platform": platform,
    }
    return api.call("post", "/client/v1/sessions", body)


class TestDisabledUsers:
    def test_they_learn_so_only_with_the_right_password(self, app, alice, nobody_api):
        disable_users(app=app, users=app.users.all())

        assert refusal(log_in(nobody_api, app)) == (403, 801006)
        assert refusal(log_in(nobody_api, app, password="wrong")) == (401, 898004)

    def test_no_session_is_minted_for_them(self, app, alice, api):
        disable_users(app=app, users=app.users.all())

        reply = api.call("post", "/v1/users/alice/sessions", {"platform": "a"})

        assert refusal(reply) == (403, 801006)

    def test_their_sessions_end_for_good(self, app, alice):
        client = session_of(alice)
        disable_users(app=app, users=app.users.all())
        assert refusal(client.call("get", "/client/v1/me"))[0] in {401, 403}

        enable_users(app=app, users=app.users.all())

        assert refusal(client.call("get", "/client/v1/me")) == (401, 898008)


class TestTokens:
    def test_one_that_has_expired_is_told_so(self, alice):
        client = session_of(alice)
        alice.sessions.update(expires_at=timezone.now() - timedelta(microseconds=1))

        assert refusal(client.call("get", "/client/v1/me")) == (401, 898010)

    def test_one_of_a_deleted_user_is_good_for_nothing(self, app, alice):
        client = session_of(alice)
        delete_users(app=app, usernames=["alice"])

        assert refusal(client.call("get", "/client/v1/me")) == (401, 898008)
        assert not ClientSession.objects.exists()

    def test_one_of_a_suspended_app_waits_for_it(self, app, alice):
        client = session_of(alice)
        suspend_app(app=app)
        assert refusal(client.call("get", "/client/v1/me")) == (403, 2003)

        resume_app(app=app)

        assert client.call("get", "/client/v1/me").status_code == 200

    @pytest.mark.parametrize(
        ("header", "code"),
        [
            ("", 899007),
            ("Bearer", 898008),
            ("Bearer ", 898008),
            ("Basic eDp4", 898008),
            ("Bearer é", 898008),
        ],
    )
    @pytest.mark.django_db
    def test_what_is_no_token_opens_nothing(self, header, code, nobody_api):
        reply = nobody_api.call("get", "/client/v1/me", HTTP_AUTHORIZATION=header)

        assert refusal(reply) == (401, code)
        assert reply.headers["WWW-Authenticate"] == 'Bearer realm="imserver"'

    def test_an_app_s_key_opens_no_session_s_door_nor_a_session_the_app_s(self, api, alice):
        assert refusal(api.call("get", "/client/v1/me")) == (401, 898008)
        assert refusal(session_of(alice).call("get", "/v1/users")) == (401, 3001)

    def test_the_client_api_speaks_v1_whatever_the_app_pins(self, alice):
        alice_s = session_of(alice)

        assert "user_name" not in alice_s.call("get", "/client/v1/me").json()
        assert refusal(alice_s.call("get", "/client/v1/groups/99999999")) == (403, 899006)

    def test_it_is_not_counted_against_the_app_s_limit(self, app, alice, api):
        client = session_of(alice)
        before = int(api.call("get", "/v1/users").headers["X-Rate-Limit-Remaining"])

        reply = client.call("get", "/client/v1/me")

        assert "X-Rate-Limit-Limit" not in reply.headers
        after = int(api.call("get", "/v1/users").headers["X-Rate-Limit-Remaining"])
        assert after == before - 1


class TestLogIn:
    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("platform", "x"),
            ("platform", ""),
            ("platform", ["j"]),
            ("username", 7),
            ("password", None),
            ("appkey", "k" * 65),
            ("device_id", "d" * 129),
        ],
    )
    def test_a_malformed_field_is_named(self, field, wrong, app, nobody_api):
        body = {
            "appkey": app.app_key,
            "username": "alice",
            "password": PASSWORD,
            "platform": "j",
            field: wrong,
        }

        reply = nobody_api.call("post", "/client/v1/sessions", body)

        assert refusal(reply) == (400, 899003)
        assert reply.json()["error"]["message"].startswith(f"{field}: ")

    def test_an_empty_password_opens_nothing(self, app, alice, nobody_api):
        assert refusal(log_in(nobody_api, app, password=""))[0] in {400, 401}
        assert not alice.sessions.exists()

    def test_a_name_of_another_app_is_nobody(self, app, mallory, nobody_api):
        assert refusal(log_in(nobody_api, app, username="mallory")) == (401, 898004)

    def test_a_suspended_app_lets_nobody_in(self, app, alice, nobody_api):
        suspend_app(app=app)

        assert refusal(log_in(nobody_api, app)) == (403, 2003)
