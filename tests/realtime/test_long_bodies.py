"""Uploads and downloads over the whole application: in no memory, and on their way in no thread."""

import asyncio
import json
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from imserver import bodies
from imserver.bodies import BODY_LIMIT
from imserver.bridge import PUT_TOGETHER, Bridge
from imserver.wsgi import application as wsgi_application
from tests.conftest import basic
from tests.messaging.uploads import image, keep_on_disk, multipart

pytestmark = pytest.mark.django_db(transaction=True)

PART = 64 * 1024


class Exchange:
    """One request, whose body comes in parts and whose answer's parts are taken one by one."""

    def __init__(self, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        path, _, query = path.partition("?")
        told = {"host": "localhost", **{name.replace("_", "-"): v for name, v in headers.items()}}
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "http_version": "1.1",
            "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in told.items()],
        }
        self.parts = [body[at : at + PART] for at in range(0, len(body), PART)] or [b""]
        self.received = 0
        self.goes_after: int | None = None  # parts, and then the client is gone
        self.stops_after: int | None = None  # parts, and then nothing comes any more
        self.status = 0
        self.headers: dict[str, str] = {}
        self.sent: list[bytes] = []
        self.takes = asyncio.Event()
        self.takes.set()

    async def receive(self) -> dict[str, Any]:
        if self.received == self.goes_after:
            return {"type": "http.disconnect"}
        if self.received == self.stops_after:
            await asyncio.Event().wait()
        part = self.parts[self.received]
        self.received += 1
        return {"type": "http.request", "body": part, "more_body": self.received < len(self.parts)}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.sent.append(message["body"])
            await self.takes.wait()

    async def by(self, bridge: Bridge) -> "Exchange":
        async with asyncio.timeout(15):
            await bridge(self.scope, self.receive, self.send)
        return self

    @property
    def reply(self) -> Any:
        return json.loads(b"".join(self.sent))


@pytest.fixture
def bridge(monkeypatch) -> Bridge:
    """Its threads leave no connection behind."""
    made = Bridge(wsgi_application)
    run = made._run

    def tidy(*arguments: Any) -> Any:
        from django.db import connections

        try:
            return run(*arguments)
        finally:
            connections.close_all()

    monkeypatch.setattr(made, "_run", tidy)
    return made


@pytest.fixture(autouse=True)
def disk(settings, tmp_path) -> None:
    keep_on_disk(settings, tmp_path)


@pytest.fixture
def key(credentials) -> str:
    return basic(credentials.app.app_key, credentials.master_secret)


def upload(key: str, content: bytes, kind: str = "file") -> Exchange:
    body, content_type = multipart(content)
    return Exchange(
        "POST",
        f"/v1/resource?type={kind}",
        body,
        authorization=key,
        content_type=content_type,
        content_length=str(len(body)),
    )


async def link(bridge: Bridge, key: str, content: bytes, kind: str = "file") -> str:
    media_id = (await upload(key, content, kind).by(bridge)).reply["media_id"]
    asked = Exchange("GET", f"/v1/resource?mediaId={media_id}", authorization=key)
    url: str = (await asked.by(bridge)).reply["url"]
    return url.removeprefix("http://localhost")


def untold(exchange: Exchange) -> Exchange:
    """As it was, without a word of how long its body is."""
    exchange.scope["headers"] = [
        (name, value) for name, value in exchange.scope["headers"] if name != b"content-length"
    ]
    return exchange


async def test_what_is_uploaded_comes_back(bridge, key) -> None:
    for content in (image(), bytes(range(256)) * 4096):
        got = await Exchange("GET", await link(bridge, key, content)).by(bridge)

        assert b"".join(got.sent) == content
        assert got.headers["content-length"] == str(len(content))


async def test_a_long_body_is_in_a_file_and_a_short_one_in_memory(monkeypatch) -> None:
    held = []

    def noted(taken: Any) -> None:
        held.append(taken.held)
        put_away(taken)

    put_away = bodies._Taken.put_away
    monkeypatch.setattr(bodies._Taken, "put_away", noted)
    content = bytes(range(256)) * 8192
    exchange = Exchange("POST", "/", content)

    body = await bodies.read(exchange.receive, len(content), 0)

    with body.file:
        assert body.rewound().read() == content
        assert body.length == len(content)
        assert len(held) > 5
        assert max(held) <= bodies.IN_MEMORY + PART
        assert body.file.fileno()
    short = await bodies.read(Exchange("POST", "/", b"x").receive, 10, 0)
    assert short.file.read() == b"x"
    assert len(held) > 5


async def test_a_body_that_is_told_to_be_too_long_is_refused_before_it_comes(bridge, key) -> None:
    exchange = upload(key, bytes(BODY_LIMIT))
    exchange.takes.clear()
    refusing = asyncio.ensure_future(exchange.by(bridge))
    async with asyncio.timeout(15):
        while not exchange.sent:
            await asyncio.sleep(0.01)

    assert (exchange.status, exchange.received) == (400, 0)
    assert exchange.headers["connection"] == "close"
    assert exchange.headers["content-length"] == str(len(exchange.sent[0]))
    exchange.takes.set()
    await refusing
    assert exchange.reply["error"]["code"] == 899003
    assert exchange.received == len(exchange.parts)


async def test_a_body_that_turns_out_to_be_too_long_is_kept_no_further(
    bridge, key, monkeypatch
) -> None:
    kept: list[int] = []
    forget = bodies._Taken.forget

    def noted(taken: Any) -> None:
        kept.append(taken.length)
        forget(taken)

    monkeypatch.setattr(bodies._Taken, "forget", noted)
    exchange = untold(upload(key, bytes(3 * BODY_LIMIT)))

    await exchange.by(bridge)

    assert exchange.status == 400
    assert kept[0] <= BODY_LIMIT + PART


async def test_a_body_for_which_there_is_no_room_is_refused_for_the_moment(
    bridge, key, monkeypatch
) -> None:
    nowhere = partial(Path("/dev/full").open, "w+b", buffering=0)
    monkeypatch.setattr(tempfile, "TemporaryFile", nowhere)

    exchange = await upload(key, bytes(4 * bodies.IN_MEMORY)).by(bridge)

    assert (exchange.status, exchange.reply["error"]["code"]) == (503, 899030)
    assert exchange.received == len(exchange.parts), "the rest is let come"


async def test_what_still_comes_of_a_refused_body_has_an_end(bridge, key, monkeypatch) -> None:
    monkeypatch.setattr(bodies, "LET_COME", 5 * PART)
    exchange = upload(key, bytes(BODY_LIMIT))

    await exchange.by(bridge)

    assert (exchange.status, exchange.received) == (400, 5)


async def test_a_refused_body_that_stops_coming_is_not_waited_for(bridge, key, monkeypatch) -> None:
    monkeypatch.setattr(bodies, "LET_COME_SECONDS", 0)
    exchange = upload(key, bytes(BODY_LIMIT))
    exchange.stops_after = 3

    async with asyncio.timeout(15):
        await exchange.by(bridge)

    assert exchange.status == 400


async def test_a_body_that_is_too_long_by_its_last_part_is_refused_at_once(
    bridge, key, monkeypatch
) -> None:
    monkeypatch.setattr(bodies, "LET_COME_SECONDS", 3600)
    exchange = untold(upload(key, b""))
    exchange.parts = [bytes(PART)] * (BODY_LIMIT // PART) + [b"x"]
    exchange.stops_after = len(exchange.parts)

    async with asyncio.timeout(15):
        await exchange.by(bridge)

    assert exchange.status == 400


async def test_who_goes_while_sending_is_answered_nothing_and_leaves_no_file(
    bridge, key, monkeypatch
) -> None:
    closed: list[Any] = []
    forget = bodies._Taken.forget

    def noted(taken: Any) -> None:
        closed.append(taken)
        forget(taken)

    monkeypatch.setattr(bodies._Taken, "forget", noted)
    exchange = upload(key, bytes(1024 * 1024))
    exchange.goes_after = 10

    await exchange.by(bridge)

    assert exchange.status == 0
    assert closed[0]._file.closed


async def test_a_reader_that_stops_takes_no_thread(bridge, key) -> None:
    url = await link(bridge, key, bytes(PUT_TOGETHER * 4))
    readers = [Exchange("GET", url) for _ in range(12)]  # thrice the threads
    for reader in readers:
        reader.takes.clear()
    reading = [asyncio.ensure_future(reader.by(bridge)) for reader in readers]
    async with asyncio.timeout(15):
        while not all(reader.sent for reader in readers):
            await asyncio.sleep(0.01)

    other = await Exchange("GET", "/health").by(bridge)

    assert other.status == 200
    assert all(len(reader.sent) == 1 for reader in readers)
    for reader in readers:
        reader.takes.set()
    await asyncio.gather(*reading)
    assert {len(b"".join(reader.sent)) for reader in readers} == {PUT_TOGETHER * 4}


async def test_a_reader_that_goes_has_the_file_closed(bridge, key, monkeypatch) -> None:
    closed = threading.Event()
    url = await link(bridge, key, bytes(PUT_TOGETHER * 4))
    content = bodies.Content.__init__

    def noted(self: Any, parts: Any, close: Any) -> None:
        def close_and_tell() -> None:
            close()
            closed.set()

        content(self, parts, close_and_tell)

    monkeypatch.setattr(bodies.Content, "__init__", noted)
    reader = Exchange("GET", url)
    reader.takes.clear()
    reading = asyncio.ensure_future(reader.by(bridge))
    async with asyncio.timeout(15):
        while not reader.sent:
            await asyncio.sleep(0.01)

    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert closed.wait(15)
