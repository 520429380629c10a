"""Clients that connect and then read nothing, over real sockets."""

import asyncio
import json
import socket
import time

import psutil
import pytest

from tests.realtime.clients import ANSWER_WITHIN, Address, Line, open_socket, talking
from tests.realtime.conftest import QUICK
from tests.realtime.people import People
from tests.realtime.servers import Database, Served

pytestmark = pytest.mark.slow

READERS = 10
MESSAGES = 300
SIZE = 4000  # bytes of each: 1.2 MB for each reader, which no buffer on the way takes
#: Bytes that the gateway may grow by: a fraction of what it would hold without a bound.
MEMORY = 8 * 2**20
CUT_OFF_WITHIN = float(QUICK["IM_SLOW_READER_SECONDS"]) + 8


def hardly_reading(address: Address) -> socket.socket:
    """A connection that takes a few kilobytes and no more, unless it is read from."""
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    own.connect(address)
    return own


def memory(worker: psutil.Process) -> int:
    return int(worker.memory_full_info().uss)


async def chat(people: People, served: Served, readers: list[str]) -> None:
    """Much is said to all of them."""
    (author,) = await people.register("author")
    gid = await people.group(author, readers)
    async with Line(served.address, f"Bearer {await people.token(author)}") as line:
        for number in range(MESSAGES):
            body = {"target_type": "group", "target_id": str(gid), "msg_type": "text"}
            text = f"{number} ".ljust(SIZE, "x")
            answer = await line.call(
                "POST", "/client/v1/messages", {**body, "msg_body": {"text": text}}
            )
            assert answer.status == 201


async def until_gone(own: socket.socket, began: float) -> bytes:
    """Read what was on its way, to the end of the connection."""
    loop = asyncio.get_running_loop()
    own.setblocking(False)
    received = b""
    try:
        async with asyncio.timeout(CUT_OFF_WITHIN - (time.monotonic() - began)):
            while piece := await loop.sock_recv(own, 65536):
                received += piece
    except ConnectionError:
        pass
    own.close()
    return received


def is_cut_off(worker: psutil.Process, ports: set[int]) -> bool:
    """Whether the gateway holds none of the connections from those ports."""
    held = {one.raddr.port for one in worker.net_connections("tcp") if one.raddr}
    return not held & ports


async def until_cut_off(worker: psutil.Process, ports: set[int]) -> None:
    async with asyncio.timeout(CUT_OFF_WITHIN):
        while not is_cut_off(worker, ports):
            await asyncio.sleep(0.1)


async def read_on(address: Address, token: str, cursor: str | None) -> list[int]:
    """What a reader gets that resumes there, until nothing comes any more."""
    ids: list[int] = []
    async with talking(address, token, cursor) as talk:
        while True:
            try:
                frame = await talk.hear_of("messages", 1.5)
            except TimeoutError:
                return ids
            ids += [row["msgid"] for row in frame["messages"]]
            await talk.say(type="ack", cursor=frame["cursor"])


async def test_sockets_that_read_nothing_are_cut_off_in_bounded_memory_and_resume(
    database: Database, served: Served, other_served: Served, people: People
) -> None:
    names = await people.register(*("silent" for _ in range(READERS)))
    tokens = [await people.token(name) for name in names]
    (worker,) = other_served.workers()
    cursors: list[str] = []
    ports: set[int] = set()
    for token in tokens:
        own = hardly_reading(other_served.address)
        ports.add(own.getsockname()[1])
        # It opens, and from then on takes one frame and leaves the rest where it is.
        connection = await open_socket(
            other_served.address, sock=own, max_queue=1, ping_interval=None
        )
        await connection.send(json.dumps({"type": "auth", "token": token, "after": "now"}))
        cursors.append(json.loads(await connection.recv())["cursor"])
    before = memory(worker)

    await chat(people, served, names)
    grown = memory(worker) - before
    await until_cut_off(worker, ports)

    assert grown < MEMORY, f"{grown / 2**20:.1f} MiB"
    for name, token, cursor in list(zip(names, tokens, cursors, strict=True))[:3]:
        assert await read_on(other_served.address, token, cursor) == database.truth(name)


async def test_streams_that_read_nothing_are_cut_off_in_bounded_memory_and_resume(
    database: Database, served: Served, other_served: Served, people: People
) -> None:
    names = await people.register(*("silent" for _ in range(READERS)))
    tokens = [await people.token(name) for name in names]
    (worker,) = other_served.workers()
    sockets: list[socket.socket] = []
    for token in tokens:
        own = hardly_reading(other_served.address)
        head = [
            "GET /client/v1/events HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {token}",
        ]
        own.sendall("\r\n".join([*head, "", ""]).encode())
        sockets.append(own)
    for own in sockets:
        await asyncio.to_thread(own.recv, 64)
    before = memory(worker)

    await chat(people, served, names)
    grown = memory(worker) - before
    await until_cut_off(worker, {own.getsockname()[1] for own in sockets})

    assert grown < MEMORY, f"{grown / 2**20:.1f} MiB"
    for name, token, own in list(zip(names, tokens, sockets, strict=True))[:3]:
        cursor, taken = last_whole_event(await until_gone(own, time.monotonic()))
        rest = await read_on(other_served.address, token, cursor)
        assert taken + rest == database.truth(name)
    for own in sockets:
        own.close()
    log = other_served.log.read_text()
    assert "Traceback" not in log
    assert "ERROR" not in log


def last_whole_event(received: bytes) -> tuple[str | None, list[int]]:
    """Where a client resumes that takes events whole or not at all, and what it has taken."""
    text = b""
    rest = received.partition(b"\r\n\r\n")[2] or received
    while (size := rest.partition(b"\r\n")[0]) and len(rest) > int(size, 16):
        start = len(size) + 2
        text += rest[start : start + int(size, 16)]
        rest = rest[start + int(size, 16) + 2 :]
    cursor: str | None = None
    ids: list[int] = []
    for event in text.split(b"\n\n")[:-1]:
        fields = dict(
            line.split(": ", 1) for line in event.decode().splitlines() if line[:1] != ":"
        )
        if fields.get("event") == "messages":
            cursor = fields["id"]
            ids += [row["msgid"] for row in json.loads(fields["data"])["messages"]]
    return cursor, ids


async def test_who_never_acknowledges_is_closed_with_the_cursor_to_resume_from(
    database: Database, served: Served, other_served: Served, people: People
) -> None:
    author, reader = await people.register("author", "reader")
    token = await people.token(reader)
    async with Line(served.address, f"Bearer {await people.token(author)}") as line:
        body = {"target_type": "single", "target_id": reader, "msg_type": "text"}
        for number in range(1100):
            message = {**body, "msg_body": {"text": str(number)}}
            assert (await line.call("POST", "/client/v1/messages", message)).status == 201
    async with talking(other_served.address, token, None) as talk:
        heard: list[int] = []
        while len(heard) <= 1000:
            frame = await talk.hear_of("messages")
            heard += [row["msgid"] for row in frame["messages"]]
        code, cursor = await talk.closed(CUT_OFF_WITHIN + ANSWER_WITHIN)
    assert code == 4408
    assert heard + await read_on(other_served.address, token, cursor) == database.truth(reader)
