"""The proof: answers that get lost on the way, and sends that are repeated until one comes through."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from random import Random

import pytest

from tests.realtime.clients import Address
from tests.realtime.people import People
from tests.realtime.servers import Database, Served, reset_on_close
from tests.realtime.writers import LineWriter, SocketWriter, Writer

pytestmark = pytest.mark.slow

LOST = 0.3  # of the answers
MESSAGES = 40  # of each writer


class LossyProxy:
    """Passes bytes on, but drops some of what comes back, and with it the connection."""

    def __init__(self, to: Address, random: Random) -> None:
        self.dropped = 0
        self.passed = 0
        self._to = to
        self._random = random
        self._links: set[asyncio.Task[None]] = set()

    async def link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        there, back = await asyncio.open_connection(*self._to)
        forth = asyncio.ensure_future(self._forth(reader, back))
        try:
            while answer := await there.read(65536):
                # What answers a send tells where the message stands; over a socket, rows may come with it.
                if b'"sent"' in answer or (b'"msg_ctime"' in answer and b'"msgid"' not in answer):
                    if self._random.random() < LOST:
                        self.dropped += 1
                        reset_on_close(writer.get_extra_info("socket"))
                        break
                    self.passed += 1
                writer.write(answer)
        except OSError:
            pass  # the client has gone
        finally:
            forth.cancel()
            writer.transport.abort()
            back.transport.abort()
            self._links.discard(task)

    async def _forth(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while said := await reader.read(65536):
                back.write(said)
        back.transport.abort()

    async def close(self) -> None:
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)


@contextlib.asynccontextmanager
async def lossy(to: Address, random: Random) -> AsyncIterator[tuple[LossyProxy, Address]]:
    proxy = LossyProxy(to, random)
    server = await asyncio.start_server(proxy.link, "127.0.0.1", 0)
    try:
        yield proxy, server.sockets[0].getsockname()
    finally:
        server.close()
        await proxy.close()


@pytest.mark.parametrize("kind", [LineWriter, SocketWriter])
async def test_what_is_repeated_until_it_is_answered_is_stored_once(
    kind: type[Writer], database: Database, served: Served, people: People
) -> None:
    random = Random()  # noqa: S311
    authors = await people.register(*("proxied" for _ in range(5)))
    (target,) = await people.register("target")
    gid = await people.group(authors[0], [*authors[1:], target])
    targets = [("single", target), ("group", str(gid))]
    async with lossy(served.address, random) as (proxy, address):
        writers = [
            kind([address], name, await people.token(name), targets, random) for name in authors
        ]
        await asyncio.gather(*(send_all(writer, targets) for writer in writers))

    stored = database.rows(
        "SELECT idempotency_key, id FROM messaging_message WHERE idempotency_key = ANY(%s)",
        [key for writer in writers for key in writer.tried],
    )
    answered = [pair for writer in writers for pair in writer.answered.items()]
    assert sorted(stored) == sorted(answered)
    assert len(stored) == MESSAGES * len(authors)
    assert proxy.dropped > len(stored) / 10
    assert sum(writer.repeated for writer in writers) >= proxy.dropped


async def send_all(writer: Writer, targets: list[tuple[str, str]]) -> None:
    for number in range(MESSAGES):
        kind, target = targets[number % 2]
        key = f"{writer.username}-{number}"
        message = {"target_type": kind, "target_id": target, "msg_type": "text"}
        message |= {"msg_body": {"text": key}, "client_msg_id": key}  # type: ignore[dict-item]
        await writer.bring_home(key, message)
