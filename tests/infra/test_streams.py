"""Bodies that a server hands over as they come: read whole, or refused without cutting their sender off."""

import http.client
import io
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from imserver import streams
from imserver.bodies import BODY_LIMIT
from tests.infra.conftest import Start
from tests.infra.test_serve import SERVERS, read_until

MADE = re.compile(r"app key +(\w+)\s+master secret +(\w+).*Serving http://(\S+)", re.DOTALL)


def in_chunks(body: bytes) -> Iterator[bytes]:
    """What http.client sends without telling a length."""
    for at in range(0, len(body), 100_000):
        yield body[at : at + 100_000]


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
def test_either_server_reads_a_body_to_its_end(server: str, start: Start) -> None:
    process = start(
        "manage.py", "quickstart", "--serve", "--port", "0", "--server", server, "--workers", "1"
    )
    key, secret, address = read_until(process, MADE).groups()

    def ask(method: str, path: str, body: Any) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(address, timeout=60)
        basic = b64encode(f"{key}:{secret}".encode()).decode()
        connection.request(method, path, body, {"Authorization": f"Basic {basic}"})
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        return answer.status, told

    row = {"username": "chunked", "password": "secret", "more": "x" * 1_000_000}
    assert ask("POST", "/v1/users/", in_chunks(json.dumps([row]).encode())) == (
        201,
        [{"username": "chunked"}],
    )
    for size in (6_000_000, 30_000_000):  # more than is taken, and more than the system holds
        for body in (bytes(size), in_chunks(bytes(size))):
            status, refusal = ask("POST", "/v1/users/", body)
            assert (status, refusal["error"]["code"]) == (400, 899003)
    assert ask("POST", "/nothing", bytes(6_000_000))[0] == 404


class Sent(io.BytesIO):
    """A body, and how much of it was asked for."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.came = 0

    def read(self, size: int | None = -1) -> bytes:
        part = super().read(size)
        self.came += len(part)
        return part


def environ(body: Sent, **told: str) -> dict[str, Any]:
    return {"wsgi.input": body, "wsgi.input_terminated": True, **told}


def reading(environ: dict[str, Any], _start_response: Any) -> list[bytes]:
    return [environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))]


def refusing(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
    return [b"no"]


def test_a_body_without_a_told_length_is_measured() -> None:
    asked = environ(Sent(b"x" * 300_000), HTTP_TRANSFER_ENCODING="chunked")

    assert streams.in_parts(asked)
    assert streams.answer(reading, asked, print) == [b"x" * 300_000]
    assert asked["CONTENT_LENGTH"] == "300000"


def test_what_an_answer_leaves_of_a_body_is_let_come() -> None:
    body = Sent(b"x" * 300_000)

    assert streams.answer(refusing, environ(body, CONTENT_LENGTH="300000"), print) == [b"no"]
    assert body.came == 300_000


def test_what_is_let_come_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LET_COME", 100_000)
    body = Sent(b"x" * 900_000)

    streams.answer(refusing, environ(body, CONTENT_LENGTH="900000"), print)

    assert 100_000 <= body.came < 200_000


def test_more_than_is_taken_is_told_to_be_too_long_and_not_kept() -> None:
    asked = environ(Sent(bytes(BODY_LIMIT + 500_000)), HTTP_TRANSFER_ENCODING="chunked")

    streams.answer(refusing, asked, print)

    assert BODY_LIMIT < int(asked["CONTENT_LENGTH"]) < BODY_LIMIT + 100_000


@pytest.mark.parametrize(
    "told",
    [
        {"CONTENT_LENGTH": "60000"},
        {"CONTENT_LENGTH": "0"},
        {},
        {"CONTENT_LENGTH": "600000", "wsgi.input_terminated": False},
    ],
    ids=["short", "empty", "none", "a server that hands it over otherwise"],
)
def test_other_bodies_are_left_to_django(told: dict[str, Any]) -> None:
    assert not streams.in_parts({**environ(Sent(b"")), **told})
