"""Who is let in: secrets and their rotation, suspended apps, headers of all kinds."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.models import ApiVersion
from apps.core.services.apps import (
    Credentials,
    create_app,
    resume_app,
    revoke_secret,
    rotate_secret,
    suspend_app,
)
from tests.conftest import ApiClient, basic

FORGED = "x" * 24


def status(client, **headers):
    return client.call("get", "/v1/users", **headers).status_code


def refusal(reply):
    return reply.status_code, reply.json()["error"]["code"]


class TestRotation:
    def test_both_secrets_open_for_as_long_as_the_old_one_lives(self, app, api):
        new = ApiClient(rotate_secret(app=app, grace=timedelta(hours=1)))

        assert status(api) == 200
        assert status(new) == 200

    def test_without_grace_the_old_one_is_refused_at_once(self, app, api):
        assert status(api) == 200
        new = ApiClient(rotate_secret(app=app, grace=timedelta(0)))

        assert refusal(api.call("get", "/v1/users")) == (401, 3001)
        assert status(new) == 200

    def test_the_old_one_is_refused_once_its_time_is_over(self, app, api, settings):
        settings.IM_APP_CACHE_SECONDS = 0
        rotate_secret(app=app, grace=timedelta(hours=1))
        app.secrets.update(expires_at=timezone.now() - timedelta(microseconds=1))

        assert refusal(api.call("get", "/v1/users")) == (401, 3001)

    def test_a_third_secret_ends_the_first(self, app, api):
        second = ApiClient(rotate_secret(app=app))
        third = ApiClient(rotate_secret(app=app))

        assert [status(client) for client in (api, second, third)] == [401, 200, 200]

    def test_an_ended_one_is_refused_and_the_other_is_not(self, app, api):
        new = ApiClient(rotate_secret(app=app))
        revoke_secret(app=app, secret=app.secrets.order_by("pk")[0])

        assert [status(client) for client in (api, new)] == [401, 200]

    def test_a_secret_of_another_app_is_refused(self, app, other_credentials):
        crossed = ApiClient(Credentials(app, other_credentials.master_secret))

        assert refusal(crossed.call("get", "/v1/users")) == (401, 3001)


class TestSuspension:
    def test_whoever_has_the_secret_learns_of_it(self, app, api):
        suspend_app(app=app)

        assert refusal(api.call("get", "/v1/users")) == (403, 2003)
        assert refusal(api.call("post", "/v1/users", [])) == (403, 2003)

    def test_whoever_has_not_learns_nothing(self, app):
        suspend_app(app=app)

        assert refusal(ApiClient(Credentials(app, FORGED)).call("get", "/v1/users")) == (401, 3001)

    def test_it_can_be_undone(self, app, api):
        suspend_app(app=app)
        resume_app(app=app)

        assert status(api) == 200


@pytest.mark.django_db
class TestDialectOfRefusals:
    @pytest.mark.parametrize(
        ("version", "wrong_secret"),
        [(ApiVersion.DRAFT_2015_02, (401, 3001)), (ApiVersion.V1, (401, 899008))],
    )
    def test_a_known_app_is_refused_in_its_own(self, version, wrong_secret):
        app = create_app(name="Known", api_version=version).app

        reply = ApiClient(Credentials(app, FORGED)).call("get", "/v1/users")

        assert refusal(reply) == wrong_secret

    @pytest.mark.parametrize(
        ("default", "missing", "malformed", "unknown"),
        [
            ("2015-02", (401, 3001), (401, 3001), (401, 3001)),
            ("v1", (401, 899007), (401, 899008), (400, 899009)),
        ],
    )
    def test_who_is_not_known_is_refused_in_the_server_s(
        self, default, missing, malformed, unknown, settings, nobody_api
    ):
        settings.IM_DEFAULT_API_VERSION = default
        tries = {"": missing, "Basic ???": malformed, basic(FORGED, FORGED): unknown}

        for header, expected in tries.items():
            reply = nobody_api.call("get", "/v1/users", HTTP_AUTHORIZATION=header)
            assert refusal(reply) == expected, header


def encoded(pair):
    return base64.b64encode(pair).decode()


class TestHeaders:
    @pytest.mark.parametrize(
        "header",
        ["Basic {pair}", "basic {pair}", "BASIC {pair}", "Basic  {pair}", "Basic {pair} "],
    )
    def test_the_scheme_and_spaces_do_not_matter(self, header, credentials, nobody_api):
        pair = encoded(f"{credentials.app.app_key}:{credentials.master_secret}".encode())

        assert status(nobody_api, HTTP_AUTHORIZATION=header.format(pair=pair)) == 200

    @pytest.mark.parametrize(
        "header",
        [
            "Basic",
            "Basic ",
            "Bearer token",
            "Digest username=x",
            "Basic é",
            "Basic a",
            "Basic YQ==YQ==",
            f"Basic {encoded(b'without a colon')}",
            f"Basic {encoded(b':')}",
            f"Basic {encoded('密:钥'.encode())}",
            f"Basic {encoded(b'a' + bytes(1) + b':b')}",
            f"Basic {encoded(b'x' * 60_000 + b':' + b'y' * 60_000)}",
        ],
    )
    @pytest.mark.django_db
    def test_what_cannot_be_read_is_refused(self, header, nobody_api):
        reply = nobody_api.call("get", "/v1/users", HTTP_AUTHORIZATION=header)

        assert refusal(reply) == (401, 3001)
        assert reply.headers["WWW-Authenticate"] == 'Basic realm="imserver"'

    def test_the_secret_is_all_that_follows_the_first_colon(self, credentials, nobody_api):
        pair = f"{credentials.app.app_key}:{credentials.master_secret}:"

        reply = nobody_api.call(
            "get", "/v1/users", HTTP_AUTHORIZATION=f"Basic {encoded(pair.encode())}"
        )

        assert refusal(reply) == (401, 3001)


def test_the_use_of_a_secret_is_noted_and_not_each_time(app, api):
    assert status(api) == 200
    first = app.secrets.get().last_used_at
    assert status(api) == 200

    assert first is not None
    assert app.secrets.get().last_used_at == first
