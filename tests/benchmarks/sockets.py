"""A WebSocket client that costs little: many of them share the processors with what is measured."""

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable

from tests.benchmarks.world import World


class Socket(asyncio.Protocol):
    """One connection: logs in by its first frame, and hands over each text frame with the time it came."""

    def __init__(self, world: World, token: str, hear: Callable[[float, bytes], None]) -> None:
        self._world = world
        self._token = token
        self._hear = hear
        self._buffer = b""
        self._open = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /client/v1/ws HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def send(self, frame: dict[str, object]) -> None:
        """Send one text frame of less than 64 KiB, masked by zeros."""
        text = json.dumps(frame).encode()
        if len(text) < 126:
            head = bytes([0x81, 0x80 | len(text)])
        else:
            head = bytes([0x81, 0x80 | 126]) + len(text).to_bytes(2, "big")
        assert self.transport is not None
        self.transport.write(head + b"\0\0\0\0" + text)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self._buffer += data
        if not self._open:
            _, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self._open, self._buffer = True, rest
            self.send({"type": "auth", "token": self._token, "after": "now"})
        while (frame := self._next_frame()) is not None:
            if not self.ready.done() and b'"ready"' in frame:
                self.ready.set_result(None)
            else:
                self._hear(now, frame)

    def _next_frame(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1], 2
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + length:
            return None
        self._buffer = buffer[start + length :]
        return buffer[start : start + length]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("the server closed the connection"))


async def open_sockets(
    world: World, tokens: list[str], hear: Callable[[float, bytes], None]
) -> list[Socket]:
    """Open one for each token, some at a time, and wait until each follows the log."""
    loop = asyncio.get_running_loop()
    sockets: list[Socket] = []
    for start in range(0, len(tokens), 50):
        fresh = []
        for token in tokens[start : start + 50]:
            _, socket = await loop.create_connection(
                lambda token=token: Socket(world, token, hear),  # type: ignore[misc]
                *world.address,
            )
            fresh.append(socket)
        await asyncio.gather(*(socket.ready for socket in fresh))
        sockets += fresh
    return sockets
