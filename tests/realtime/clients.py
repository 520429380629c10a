"""Clients as apps have them: a line of HTTP, a socket, a stream of events."""

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.realtime.servers import reset_on_close

Address = tuple[str, int]

#: Seconds that a server which is being killed and restarted may take to answer.
ANSWER_WITHIN = 20.0
#: What a client of a server that is killed has to expect.
CUT = (OSError, asyncio.IncompleteReadError, ConnectionClosed, InvalidHandshake, InvalidMessage)


_transports: list[asyncio.WriteTransport] = []


_openings: list[asyncio.Future[Any]] = []


async def hang_up() -> None:
    """Drop every connection that a test has left open."""
    for opened in await asyncio.gather(*_openings, return_exceptions=True):
        if not isinstance(opened, BaseException):
            opened[1].close()
    for transport in _transports:
        transport.abort()
    _openings.clear()
    _transports.clear()
    await asyncio.sleep(0)  # in which they are closed


class CutError(OSError):
    """The other side went before its answer was whole."""


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, and the decoded body; None where there is none."""

    status: int
    headers: dict[str, str]
    body: Any


class Line:
    """One connection of HTTP/1.1, kept alive and made anew when it is gone."""

    def __init__(self, address: Address, authorization: str = "") -> None:
        self.address = address
        self.authorization = authorization
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_outcome: object) -> None:
        self.close()

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask, and read the whole answer. Raises what is in `CUT`."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await self._whole(await self.begin(method, path, body, **headers))
        except BaseException:
            self.close()
            raise

    async def be_taken(self, method: str, path: str) -> None:
        """Ask, and come back once the server is at it; `answer` is what it says in the end.

        Until then only its system has it, and a server that ends may close a line it has not looked at.
        """
        early = await self.begin(method, path, Expect="100-continue")
        assert early.status == 100

    async def answer(self) -> Answer:
        """The answer to what was taken, whole."""
        async with asyncio.timeout(ANSWER_WITHIN):
            return await self._whole(await self._head())

    async def _whole(self, head: Answer) -> Answer:
        length = int(head.headers.get("content-length", "0"))
        assert self._reader is not None
        text = await self._reader.readexactly(length)
        if head.headers.get("connection") == "close":
            self.close()
        return Answer(head.status, head.headers, json.loads(text) if text else None)

    async def begin(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask, and read the head of the answer."""
        for _ in range(2):  # what came while the test held up the loop is heard first
            await asyncio.sleep(0)
        if self._reader is not None and self._reader.at_eof():
            self.close()  # it was idle for longer than the server keeps it
        if self._writer is None or self._writer.is_closing():
            opening = asyncio.ensure_future(asyncio.open_connection(*self.address))
            _openings.append(opening)  # even if nobody waits for it any more
            self._reader, self._writer = await asyncio.shield(opening)
        assert self._reader is not None
        assert self._writer is not None
        raw = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(raw)}"]
        if self.authorization:
            lines.append(f"Authorization: {self.authorization}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + raw)
        return await self._head()

    async def _head(self) -> Answer:
        assert self._reader is not None
        head = await self._reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in rest if line)
        return Answer(int(first.split()[1]), fields, None)

    async def chunk(self) -> bytes:
        """The next piece of an answer without a length; empty at its end."""
        assert self._reader is not None
        size = int(await self._reader.readline() or b"-1", 16)
        if size < 0:
            raise CutError
        return (await self._reader.readexactly(size + 2))[:-2]

    @property
    def port(self) -> int:
        """Of this end."""
        assert self._writer is not None
        number: int = self._writer.get_extra_info("sockname")[1]
        return number

    def close(self, *, reset: bool = False) -> None:
        if self._writer is not None:
            if reset:
                reset_on_close(self._writer.get_extra_info("socket"))
                self._writer.transport.abort()
            self._writer.close()
            self._writer = None


async def open_socket(address: Address, uri_query: str = "", **more: Any) -> ClientConnection:
    """A WebSocket whose handshake is done."""
    host, port = address
    connection = await connect(
        f"ws://{host}:{port}/client/v1/ws{uri_query}",
        compression=None,
        proxy=None,
        open_timeout=ANSWER_WITHIN,
        max_size=None,
        close_timeout=1,
        **more,
    )
    _transports.append(connection.transport)
    return connection


def reset(connection: ClientConnection) -> None:
    """Drop the connection without a word."""
    own: socket.socket | None = connection.transport.get_extra_info("socket")
    if own is not None:
        with contextlib.suppress(OSError):  # closed already
            reset_on_close(own)
    connection.transport.abort()


class Talk:
    """A WebSocket after its opening: what one says and hears in frames."""

    def __init__(self, connection: ClientConnection, ready: dict[str, Any]) -> None:
        self.connection = connection
        self.ready = ready

    @property
    def port(self) -> int:
        """Of this end."""
        number: int = self.connection.local_address[1]
        return number

    async def say(self, **frame: Any) -> None:
        await self.connection.send(json.dumps(frame))

    async def hear(self, seconds: float = ANSWER_WITHIN) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        return frame

    async def hear_of(self, kind: str, seconds: float = ANSWER_WITHIN) -> dict[str, Any]:
        """The next frame of that type; others before it are passed over."""
        while (frame := await self.hear(seconds))["type"] != kind:
            pass
        return frame

    async def closed(self, seconds: float = ANSWER_WITHIN) -> tuple[int, str]:
        """The code and reason that the server closed with."""
        async with asyncio.timeout(seconds):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        return self.connection.close_code or 0, self.connection.close_reason or ""


@contextlib.asynccontextmanager
async def talking(address: Address, token: str, after: str | None = "now") -> Any:
    """A socket that is open and ready; closed at the end."""
    connection = await open_socket(address)
    try:
        await connection.send(json.dumps({"type": "auth", "token": token, "after": after}))
        async with asyncio.timeout(ANSWER_WITHIN):
            ready = json.loads(await connection.recv())
        assert ready["type"] == "ready", ready
        yield Talk(connection, ready)
    finally:
        connection.transport.abort()
