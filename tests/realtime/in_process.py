"""Sockets and streams of events over a gateway in the test's own process: ASGI without a server."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from django.db import connections

from apps.realtime.gateway import Gateway
from apps.realtime.transports import sse, websocket

Result = TypeVar("Result")

#: Seconds that whatever is waited for may take.
PATIENCE = 20.0
#: Seconds in which something that must not come would have come.
A_MOMENT = 0.15


@contextlib.asynccontextmanager
async def a_gateway() -> AsyncIterator[Gateway]:
    """One that ends with the test."""
    made = Gateway()
    try:
        yield made
    finally:
        await made.close()


async def ask(function: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
    """Call what asks the database, beside the event loop."""

    def call() -> Result:
        try:
            return function(*arguments, **named)
        finally:
            connections.close_all()

    return await asyncio.to_thread(call)


class Wire:
    """One connection as the server sees it. The client may stop reading, and is known to go away."""

    def __init__(self, gateway: Gateway, path: str, query: str = "", **headers: str) -> None:
        self._gateway = gateway
        self._reads = asyncio.Event()
        self._reads.set()
        self.cut_off = False
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()  # by the server
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()  # by the client
        self.scope = {
            "path": path,
            "query_string": query.encode(),
            "headers": [
                (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
            ],
            "extensions": {"imserver.cut_off": {"cut_off": self._cut_off}},
        }
        self.served: asyncio.Task[None] | None = None

    def serve(self, application: Callable[..., Awaitable[None]]) -> None:
        self.served = asyncio.ensure_future(
            application(self._gateway, self.scope, self._said.get, self._send)
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.served is not None
        self._reads.set()
        self.go()
        async with asyncio.timeout(PATIENCE):
            await self.served

    def stop_reading(self) -> None:
        """From now on nothing that is sent gets through."""
        self._reads.clear()

    def go(self) -> None:
        """The client is gone."""
        raise NotImplementedError

    def say_raw(self, message: dict[str, Any]) -> None:
        self._said.put_nowait(message)

    async def next(self, seconds: float = PATIENCE) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            return await self.sent.get()

    async def over(self) -> None:
        """Wait until the server is done with it."""
        assert self.served is not None
        async with asyncio.timeout(PATIENCE):
            await asyncio.shield(self.served)

    async def _send(self, message: dict[str, Any]) -> None:
        await self._reads.wait()
        self.sent.put_nowait(message)

    def _cut_off(self) -> None:
        self.cut_off = True
        self.go()


class Socket(Wire):
    """A WebSocket at /client/v1/ws."""

    def __init__(self, gateway: Gateway, **headers: str) -> None:
        super().__init__(gateway, "/client/v1/ws", **headers)
        self.scope["type"] = "websocket"

    async def __aenter__(self) -> Self:
        self.serve(websocket.serve)
        self.say_raw({"type": "websocket.connect"})
        assert (await self.next())["type"] == "websocket.accept"
        return self

    def go(self) -> None:
        self.say_raw({"type": "websocket.disconnect", "code": 1006})

    def say(self, **frame: Any) -> None:
        self.say_raw({"type": "websocket.receive", "text": json.dumps(frame)})

    async def hear(self, seconds: float = PATIENCE) -> dict[str, Any]:
        """The next frame."""
        message = await self.next(seconds)
        assert message["type"] == "websocket.send", message
        frame: dict[str, Any] = json.loads(message["text"])
        return frame

    async def hear_of(self, kind: str) -> dict[str, Any]:
        """The next frame of that type; others before it are passed over."""
        while (frame := await self.hear())["type"] != kind:
            pass
        return frame

    async def closing(self) -> tuple[int, str]:
        """The code and reason that the server closes with; frames before it are passed over."""
        while (message := await self.next())["type"] != "websocket.close":
            pass
        return message["code"], message.get("reason", "")

    async def silent(self) -> bool:
        """Whether nothing comes for a moment."""
        try:
            await self.next(A_MOMENT)
        except TimeoutError:
            return True
        return False

    async def start(self, token: str, after: str | None = "now") -> dict[str, Any]:
        """Say who one is; the frame that answers."""
        self.say(type="auth", token=token, after=after)
        return await self.hear()


class Stream(Wire):
    """Server-Sent Events at /client/v1/events."""

    def __init__(self, gateway: Gateway, query: str = "", **headers: str) -> None:
        super().__init__(gateway, "/client/v1/events", query, **headers)
        self.scope |= {"type": "http", "method": "GET"}
        self.status = 0
        self.body = b""

    async def __aenter__(self) -> Self:
        self.serve(sse.serve)
        self.status = (await self.next())["status"]
        return self

    def go(self) -> None:
        self.say_raw({"type": "http.disconnect"})

    async def event(self) -> tuple[str, dict[str, Any]]:
        """The next event: its name and its data. Comments are passed over."""
        while b"\n\n" not in self.body:
            message = await self.next()
            assert message.get("more_body"), "the stream has ended"
            self.body += message["body"]
        block, _, self.body = self.body.partition(b"\n\n")
        fields = dict(
            line.split(": ", 1) for line in block.decode().splitlines() if line[:1] != ":"
        )
        if not fields:
            return await self.event()
        return fields["event"], json.loads(fields["data"])

    async def to_its_end(self) -> bytes:
        """All that still comes, until the answer is whole."""
        while True:
            message = await self.next()
            self.body += message["body"]
            if not message.get("more_body"):
                return self.body


def texts(rows: list[dict[str, Any]]) -> list[str]:
    """What was said, in order."""
    return [row["msg_body"]["text"] for row in rows if row["msg_type"] == "text"]
