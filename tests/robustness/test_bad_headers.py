"""Headers that are no good: whatever stands in them is read or refused."""

import base64
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from imserver.wsgi import application
from tests import properties as properties  # its settings
from tests.conftest import basic, person

#: What a server hands on of a header: bytes, as Latin-1.
headers = st.binary(max_size=200).map(lambda raw: raw.decode("latin-1"))
#: Nearly right ones.
pairs = st.binary(max_size=80) | st.text("abcXYZ0189:= ", max_size=60).map(str.encode)
schemes = st.sampled_from(["Basic", "basic", "BASIC", "Bearer", "Basic ", "", "Digest", "Basic\t"])
nearly = st.builds(
    lambda scheme, pair: f"{scheme} {base64.b64encode(pair).decode()}", schemes, pairs
)


def refused(reply: Any) -> None:
    assert reply.status_code in {400, 401}, reply.content
    error = reply.json()["error"]
    assert error["code"] in {3001, 899003}
    assert error["message"]


@pytest.mark.django_db
class TestAuthorization:
    @given(header=headers | nearly)
    @example(header="Basic " + "A" * 50_000)
    @example(header="Basic " + base64.b64encode(b"\0:\0").decode())
    @example(header="Basic " + base64.b64encode("\ud7ff:é".encode()).decode())
    @example(header="Basic OA==, Basic OA==")
    def test_nobody_is_let_in_by_chance(self, header, nobody_api):
        refused(nobody_api.get("/v1/users", HTTP_AUTHORIZATION=header))

    @given(header=headers | nearly)
    def test_no_client_is_let_in_by_chance(self, header, nobody_api):
        reply = nobody_api.get("/client/v1/me", HTTP_AUTHORIZATION=header)

        assert reply.status_code == 401
        assert reply.json()["error"]["code"] in {3001, 898008, 899007}

    @given(data=st.data())
    def test_a_secret_with_anything_altered_is_refused(self, data, credentials, nobody_api):
        secret = credentials.master_secret
        place = data.draw(st.integers(0, len(secret) - 1))
        altered = secret[:place] + data.draw(st.text("aB0:é", max_size=3)) + secret[place + 1 :]
        if altered != secret:
            header = basic(credentials.app.app_key, altered)
            refused(nobody_api.get("/v1/users", HTTP_AUTHORIZATION=header))

    @pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "Basic  "])
    def test_the_right_one_is_taken_however_the_scheme_is_written(
        self, credentials, nobody_api, scheme
    ):
        right = basic(credentials.app.app_key, credentials.master_secret).removeprefix("Basic")

        assert nobody_api.get("/v1/users", HTTP_AUTHORIZATION=scheme + right).status_code == 200

    def test_the_key_and_secret_of_two_apps_do_not_go_together(
        self, credentials, other_credentials, nobody_api
    ):
        header = basic(credentials.app.app_key, other_credentials.master_secret)

        refused(nobody_api.get("/v1/users", HTTP_AUTHORIZATION=header))

    def test_without_any_the_challenge_is_sent(self, nobody_api):
        reply = nobody_api.get("/v1/users")

        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"] == 'Basic realm="imserver"'


MESSAGE = {
    "version": 1,
    "target_type": "single",
    "target_id": "bobby",
    "from_type": "user",
    "from_id": "alice",
    "msg_type": "text",
    "msg_body": {"text": "hi"},
}


@pytest.mark.django_db
class TestIdempotencyKey:
    @pytest.mark.parametrize(
        "key", ["", "x" * 129, "é", "a\x00b", "a\nb", "\x7f", "\t", "\xff" * 10]
    )
    def test_a_key_that_is_none_is_refused(self, app, api, alice, bobby, key):
        reply = api.call("post", "/v1/messages", MESSAGE, HTTP_IDEMPOTENCY_KEY=key)

        assert reply.status_code == 400
        assert reply.json()["error"]["message"].startswith("Idempotency-Key: ")
        assert not app.messages.exists()

    @given(
        key=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=128)
    )
    def test_any_other_is_kept_as_it_is(self, key, app, api):
        if not app.users.exists():
            for name in ("alice", "bobby"):
                person(app, name)

        first = api.call("post", "/v1/messages", MESSAGE, HTTP_IDEMPOTENCY_KEY=key)
        again = api.call("post", "/v1/messages", MESSAGE, HTTP_IDEMPOTENCY_KEY=key)

        assert first.status_code == again.status_code == 200
        assert first.json()["msg_id"] == again.json()["msg_id"]
        assert app.messages.get(pk=first.json()["msg_id"]).idempotency_key == key

    def test_one_in_the_body_must_not_differ(self, app, api, alice, bobby):
        message = {**MESSAGE, "client_msg_id": "one"}

        reply = api.call("post", "/v1/messages", message, HTTP_IDEMPOTENCY_KEY="another")

        assert reply.status_code == 400
        assert reply.json()["error"]["message"].startswith("client_msg_id: ")
        assert not app.messages.exists()


@pytest.mark.django_db
class TestTheRest:
    @pytest.mark.parametrize(
        "accept",
        ["text/html", "application/xml", "image/*;q=0", "x", "", "*/*;q=x", "é", "," * 500],
    )
    def test_a_reply_is_json_whatever_is_accepted(self, api, accept):
        reply = api.get("/v1/users", HTTP_ACCEPT=accept)

        assert reply.status_code == 200
        assert reply.headers["Content-Type"] == "application/json; charset=utf-8"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("HTTP_ACCEPT_LANGUAGE", "x" * 5000),
            ("HTTP_ACCEPT_LANGUAGE", "zh-hans;q=9,é;q=,,;;"),
            ("HTTP_ACCEPT_CHARSET", "utf-16"),
            ("HTTP_COOKIE", "sessionid=\x01; csrftoken=é; ;=;"),
            ("HTTP_X_FORWARDED_FOR", "é, , 999.999.999.999"),
            ("HTTP_X_FORWARDED_PROTO", "gopher"),
            ("HTTP_X_HTTP_METHOD_OVERRIDE", "DELETE"),
            ("HTTP_IF_MODIFIED_SINCE", "yesterday"),
            ("HTTP_IF_NONE_MATCH", "*"),
            ("HTTP_RANGE", "bytes=0-1"),
            ("HTTP_EXPECT", "100-continue"),
            ("HTTP_UPGRADE", "websocket"),
            ("HTTP_USER_AGENT", "\xff" * 1000),
            ("HTTP_REFERER", "javascript:alert(1)"),
            ("HTTP_ORIGIN", "null"),
        ],
    )
    def test_headers_that_are_not_ours_are_passed_over(self, api, name, value):
        assert api.get("/v1/users", **{name: value}).status_code == 200


@pytest.mark.django_db(transaction=True)  # a request from outside ends what it finds open
@pytest.mark.parametrize("charset", ["utf-16", "hex", "idna", "rot13", "utf-7", "undefined", "x"])
def test_a_query_is_utf_8_whatever_charset_is_named(credentials, charset):
    person(credentials.app, "alice")
    header = basic(credentials.app.app_key, credentials.master_secret)
    request = RequestFactory().get("/v1/users?count=1", HTTP_AUTHORIZATION=header)
    environ = {**request.environ, "CONTENT_TYPE": f"text/plain; Charset={charset}"}
    statuses: list[str] = []

    body = b"".join(application(environ, lambda status, _: statuses.append(status)))

    assert statuses == ["200 OK"]
    assert b'"count":1' in body
