"""Receivers over the three transports. Each keeps its own record of what it was told, and where it was."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.realtime.clients import CUT, Address, CutError, Line, open_socket, reset


class Receiver:
    """One device. It follows until it is stopped; whatever cuts it off, it resumes where it was."""

    def __init__(
        self, addresses: Sequence[Address], username: str, token: str, random: Random
    ) -> None:
        self.username = username
        self.record: list[int] = []
        self.rows: dict[int, dict[str, Any]] = {}
        self.resumed = 0
        self.problems: list[str] = []
        self._addresses = addresses
        self._token = token
        self._random = random
        self._cursor: str | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {self.username}"

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._follow(self._random.choice(self._addresses))
            except (*CUT, TimeoutError) as error:
                self._look_at(error)
            self.resumed += 1
            await asyncio.sleep(self._random.uniform(0.01, 0.2))

    def cut(self, *, clean: bool) -> None:
        """Hang up as a client that ends does, or as one that crashed."""
        raise NotImplementedError

    async def _follow(self, address: Address) -> None:
        raise NotImplementedError

    def _take(self, rows: list[dict[str, Any]], cursor: str) -> None:
        """What a device does with a page: rows and cursor together, or not at all."""
        self.record += [row["msgid"] for row in rows]
        self.rows.update((row["msgid"], row) for row in rows)
        self._cursor = cursor

    def _look_at(self, error: Exception) -> None:
        """A close that tells the client to start over, or that its token is bad, is a fault here."""


class SocketReceiver(Receiver):
    """Over a WebSocket, which it acknowledges."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connection: ClientConnection | None = None

    async def _follow(self, address: Address) -> None:
        connection = await open_socket(address)
        self._connection = connection
        try:
            hello = {"type": "auth", "token": self._token, "after": self._cursor}
            await connection.send(json.dumps(hello))
            while True:
                frame = json.loads(await connection.recv())
                if frame["type"] == "messages":
                    self._take(frame["messages"], frame["cursor"])
                    await connection.send(json.dumps({"type": "ack", "cursor": frame["cursor"]}))
        finally:
            connection.transport.abort()
            self._connection = None

    def _look_at(self, error: Exception) -> None:
        close = error.rcvd if isinstance(error, ConnectionClosed) else None
        if close is not None and close.code not in (1000, 1001, 1011, 1012, 1013):
            self.problems.append(str(close))

    def cut(self, *, clean: bool) -> None:
        if self._connection is not None:
            if clean:
                self._closing = asyncio.ensure_future(self._connection.close())
            else:
                reset(self._connection)


class LineReceiver(Receiver):
    """Over HTTP, one way or another."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._line: Line | None = None

    def _new_line(self, address: Address) -> Line:
        self._line = Line(address, f"Bearer {self._token}")
        return self._line

    def cut(self, *, clean: bool) -> None:
        if self._line is not None:
            self._line.close(reset=not clean)

    def _check(self, status: int, body: Any) -> None:
        if status != 200:
            if status != 503:
                self.problems.append(f"{status} {body}")
            raise CutError(f"{status} {body}")


class StreamReceiver(LineReceiver):
    """Server-Sent Events."""

    async def _follow(self, address: Address) -> None:
        async with self._new_line(address) as line:
            headers = {"Last_Event_ID": self._cursor} if self._cursor else {}
            answer = await line.begin("GET", "/client/v1/events", **headers)
            self._check(answer.status, "")
            text = b""
            while chunk := await line.chunk():
                text += chunk
                *events, text = text.split(b"\n\n")
                for event in events:
                    self._hear(event.decode())

    def _hear(self, event: str) -> None:
        fields = dict(line.split(": ", 1) for line in event.splitlines() if line[:1] != ":")
        if fields.get("event") == "messages":
            page = json.loads(fields["data"])
            self._take(page["messages"], fields["id"])


class PollReceiver(LineReceiver):
    """Long-polls, one after another."""

    async def _follow(self, address: Address) -> None:
        async with self._new_line(address) as line:
            while True:
                after = f"&after={self._cursor}" if self._cursor else ""
                answer = await line.call("GET", f"/client/v1/sync?wait=10&limit=50{after}")
                self._check(answer.status, answer.body)
                self._take(answer.body["messages"], answer.body["cursor"])


TRANSPORTS: tuple[type[Receiver], ...] = (SocketReceiver, StreamReceiver, PollReceiver)


@contextlib.asynccontextmanager
async def following(receivers: Sequence[Receiver]) -> Any:
    """They follow until the end of the block."""
    tasks = [asyncio.ensure_future(receiver.follow()) for receiver in receivers]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
