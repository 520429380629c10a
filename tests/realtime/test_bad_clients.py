"""Clients that send whatever comes to their mind: each is told or closed, and nobody else is disturbed."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus

from tests.properties import texts
from tests.realtime.clients import CUT, Address, Line, Talk, hang_up, open_socket, talking
from tests.realtime.people import People
from tests.realtime.servers import Database, Served

pytestmark = pytest.mark.slow

SOON = 10.0
#: What a gateway closes with. 1011 and 1006 are what is seen of one that failed.
CLOSED_BY_US = {4400, 4401, 4410, 1002, 1003, 1007, 1009}


@asynccontextmanager
async def an_innocent(database: Database, served: Served) -> AsyncIterator[str]:
    """Somebody at the same gateway, who is neither cut off nor kept from their messages.

    Yields a token for the offender.
    """
    people = People(database, served)
    innocent, offender = await people.register("innocent", "offender")
    mine = await people.token(innocent)
    workers = {worker.pid for worker in served.workers()}
    async with talking(served.address, mine) as talk:
        yield await people.token(offender)
        message = {"target_type": "single", "target_id": innocent, "msg_type": "text"}
        await talk.say(type="send", id=1, message={**message, "msg_body": {"text": "still here"}})
        (row,) = (await talk.hear_of("messages"))["messages"]
        assert row["msg_body"] == {"text": "still here"}
    assert {worker.pid for worker in served.workers()} == workers
    assert "Traceback" not in served.log.read_text()


# --- frames that are JSON, more or less -----------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
kinds = st.sampled_from(["send", "ack", "ping", "typing", "read", "auth", "start"]) | values
messages = st.fixed_dictionaries(
    {},
    optional={
        "target_type": st.sampled_from(["single", "group", "chatroom"]) | values,
        "target_id": texts | st.integers() | values,
        "msg_type": st.sampled_from(["text", "image", "custom", "event"]) | values,
        "msg_body": st.fixed_dictionaries({}, optional={"text": texts, "extras": values}) | values,
        "client_msg_id": texts | values,
        "from_type": values,
        "create_time": values,
    },
)
fields = {
    "id": values,
    "message": messages | values,
    "cursor": texts | values,
    "conversation_id": st.integers() | values,
    "msg_id": st.integers() | values,
    "token": values,
    "after": values,
}
frames = (
    st.fixed_dictionaries({"type": kinds}, optional=fields).map(json.dumps)
    | values.map(json.dumps)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary(max_size=200)
)


async def survives(address: Address, token: str | None, said: list[str | bytes]) -> None:
    """Say it; each is answered in some way, and the connection stands or is closed by a known code."""
    connection = await open_socket(address)
    try:
        if token is not None:
            await connection.send(json.dumps({"type": "auth", "token": token, "after": "now"}))
            assert json.loads(await connection.recv())["type"] == "ready"
        for frame in said:
            await connection.send(frame)
        await connection.send(json.dumps({"type": "ping", "id": "the last"}))
        async with asyncio.timeout(SOON):
            while True:
                heard = json.loads(await connection.recv())
                assert heard["type"] in {
                    "ready",
                    "error",
                    "pong",
                    "sent",
                    "messages",
                    "typing",
                    "read",
                }
                if heard == {"type": "pong", "id": "the last"}:
                    return
    except CUT:
        assert connection.close_code in CLOSED_BY_US
    finally:
        await hang_up()


@pytest.mark.parametrize("opened", [True, False])
def test_no_frame_disturbs_a_gateway(
    opened: bool, database: Database, other_served: Served
) -> None:
    @settings(max_examples=150, deadline=None)
    @given(said=st.lists(frames, min_size=1, max_size=5))
    def say_anything(said: list[str | bytes]) -> None:
        asyncio.run(survives(other_served.address, token if opened else None, said))

    async def begin() -> str:
        people = People(database, other_served)
        (offender,) = await people.register("offender")
        made = await people.token(offender)
        await hang_up()
        return made

    token = asyncio.run(begin())
    say_anything()
    asyncio.run(nobody_was_disturbed(database, other_served))


async def nobody_was_disturbed(database: Database, served: Served) -> None:
    async with an_innocent(database, served):
        pass
    await hang_up()


# --- what is no WebSocket at all ------------------------------------------------------------------

HANDSHAKE = (
    "GET /client/v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def frame(opcode: int, payload: bytes, *, fin: bool = True, masked: bool = True) -> bytes:
    """A frame of RFC 6455, right or wrong."""
    first = (0x80 if fin else 0) | opcode
    length = len(payload)
    if length < 126:
        size = bytes([length | (0x80 if masked else 0)])
    elif length < 65536:
        size = bytes([126 | (0x80 if masked else 0)]) + length.to_bytes(2, "big")
    else:
        size = bytes([127 | (0x80 if masked else 0)]) + length.to_bytes(8, "big")
    return bytes([first]) + size + (b"\0\0\0\0" if masked else b"") + payload


WIRE_FAULTS = {
    "unmasked": frame(1, b"{}", masked=False),
    "reserved opcode": frame(3, b"{}"),
    "reserved bits": bytes([0xF1, 0x82, 0, 0, 0, 0]) + b"{}",
    "a long ping": frame(9, b"x" * 126),
    "a ping in pieces": frame(9, b"x", fin=False),
    "a continuation of nothing": frame(0, b"{}"),
    "a second beginning": frame(1, b"{", fin=False) + frame(1, b"}"),
    "invalid UTF-8": frame(1, b"\xff\xfe"),
    "a close code that is none": frame(8, b"\x00\x01"),
    "a close of one byte": frame(8, b"\x03"),
    "a close with invalid UTF-8": frame(8, b"\x03\xe8\xff"),
    "a frame that claims a terabyte": bytes([0x81, 0xFF]) + (2**40).to_bytes(8, "big") + b"\0" * 4,
    "a frame that is too large": frame(1, b" " * 70000),
    "pieces that are too large together": frame(1, b" " * 40000, fin=False)
    + frame(0, b" " * 40000),
    "half a frame": frame(1, b"{}" * 50)[:20],
    "nothing": b"",
}


async def raw(address: Address, said: bytes) -> bytes:
    """What comes back on a bare connection, whose other end hangs up or is left alone after a while."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(said)
        async with asyncio.timeout(0.5):
            return await reader.read()
    except (TimeoutError, OSError):
        return b""
    finally:
        writer.transport.abort()
        writer.close()


async def test_what_breaks_the_protocol_of_sockets_breaks_its_connection_alone(
    database: Database, other_served: Served
) -> None:
    async with an_innocent(database, other_served) as token:
        for authorization in ("", f"Authorization: Bearer {token}\r\n"):
            opening = f"{HANDSHAKE}{authorization}\r\n".encode()
            await asyncio.gather(
                *(raw(other_served.address, opening + said) for said in WIRE_FAULTS.values())
            )


async def test_noise_is_survived(database: Database, other_served: Served) -> None:
    random = Random()  # noqa: S311
    seed = os.urandom(8)
    random.seed(seed)
    heads = [b"", HANDSHAKE.encode() + b"\r\n", b"GET /client/v1/events HTTP/1.1\r\n", b"POST "]
    async with an_innocent(database, other_served):
        for _ in range(10):
            noise = [
                random.choice(heads) + random.randbytes(random.randrange(1, 2000)) for _ in "x" * 8
            ]
            await asyncio.gather(*(raw(other_served.address, said) for said in noise))


BAD_HANDSHAKES: list[dict[str, str]] = [
    {"Sec-WebSocket-Key": ""},
    {"Sec-WebSocket-Key": "short"},
    {"Sec-WebSocket-Version": "12"},
    {"Upgrade": "h2c"},
    {"Connection": "close"},
    {"Content-Length": "-1"},
    {"Transfer-Encoding": "chunked, chunked"},
    {"X-Long": "x" * 70000},
]


async def test_bad_handshakes_are_refused(database: Database, other_served: Served) -> None:
    async with an_innocent(database, other_served):
        for change in BAD_HANDSHAKES:
            (name, value) = next(iter(change.items()))
            lines = [line for line in HANDSHAKE.split("\r\n") if line and not line.startswith(name)]
            answer = await raw(
                other_served.address, "\r\n".join([*lines, f"{name}: {value}", "", ""]).encode()
            )
            assert b" 101 " not in answer.split(b"\r\n")[0], change


async def test_a_page_of_another_site_gets_no_socket(served: Served, people: People) -> None:
    own = f"http://{served.address[0]}:{served.address[1]}"
    connection = await open_socket(served.address, origin=own)
    await connection.close()
    for origin in ("https://evil.example", "null", f"{own}.evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            await open_socket(served.address, origin=origin)
        assert refused.value.response.status_code == 403


async def test_sockets_elsewhere_and_streams_with_other_methods_are_refused(
    served: Served, people: People
) -> None:
    (name,) = await people.register("lost")
    async with Line(served.address, f"Bearer {await people.token(name)}") as line:
        assert (await line.call("POST", "/client/v1/events")).status in (404, 405)
        assert (await line.call("GET", "/client/v1/ws")).status in (404, 405, 426)
        host, port = served.address
        line.close()
    answer = await raw(
        (host, port), HANDSHAKE.replace("/client/v1/ws", "/elsewhere").encode() + b"\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 403")


async def test_a_token_in_the_query_is_no_token_and_is_not_logged(
    served: Served, people: People
) -> None:
    (name,) = await people.register("careless")
    token = await people.token(name)
    line = Line(served.address)
    for path in ("events", "sync", "me"):
        assert (await line.call("GET", f"/client/v1/{path}?token={token}")).status == 401
    connection = await open_socket(served.address, uri_query=f"?token={token}")
    await connection.send(json.dumps({"type": "start"}))
    talk = Talk(connection, {})
    assert (await talk.closed())[0] == 4400
    assert token not in served.log.read_text()


async def test_pings_of_the_protocol_are_answered(served: Served, people: People) -> None:
    (name,) = await people.register("slow")
    async with talking(served.address, await people.token(name)) as talk:
        latency: float = await asyncio.wait_for(await talk.connection.ping(), SOON)
        assert latency < SOON
