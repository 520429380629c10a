"""Connections that the server drops: what waits to be sent over them is dropped with them."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from apps.console.serving.protocols import Http, WebSocket
from apps.realtime.http import cut_off
from tests.realtime.clients import open_socket
from tests.realtime.test_bad_clients import HANDSHAKE

#: Far more than any buffer on the way takes.
MUCH = b"x" * 2**20
SOON = 10.0

Application = Callable[[Any, Any, Any], Awaitable[None]]


@contextlib.asynccontextmanager
async def running(application: Application) -> AsyncIterator[tuple[str, int]]:
    """The server with our protocols, and any application."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, http=Http, ws=WebSocket, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.ensure_future(server._serve([listener]))
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        await serving


class CutOff:
    """Sends until nothing more is taken, and drops the connection then."""

    def __init__(self) -> None:
        self.could = False
        self.gone = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        web_socket = scope["type"] == "websocket"
        await receive()
        if web_socket:
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            async with asyncio.timeout(0.3):
                while True:
                    if web_socket:
                        await send({"type": "websocket.send", "bytes": MUCH})
                    else:
                        await send({"type": "http.response.body", "body": MUCH, "more_body": True})
        except TimeoutError:
            self.could = cut_off(scope)
        async with asyncio.timeout(SOON):
            while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
                pass
        self.gone.set()


@pytest.mark.parametrize("asked", ["GET / HTTP/1.1\r\nHost: localhost\r\n", HANDSHAKE])
async def test_who_reads_nothing_is_dropped_at_once(asked: str) -> None:
    application = CutOff()
    async with running(application) as address:
        with socket.create_connection(address) as client:
            client.sendall(f"{asked}\r\n".encode())
            async with asyncio.timeout(SOON):
                await application.gone.wait()
            assert application.could
            client.settimeout(SOON)
            with contextlib.suppress(ConnectionResetError):
                while client.recv(2**20):  # what was on its way, and then the end
                    pass


async def test_sockets_that_nobody_drops_work_as_ever() -> None:
    async def echo(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        message = await receive()
        await send({"type": "websocket.send", "text": message["text"]})
        await receive()

    async with running(echo) as address:
        connection = await open_socket(address)
        await connection.send("hello")
        assert await connection.recv() == "hello"
        await connection.close()


def test_a_server_that_cannot_is_not_asked_to() -> None:
    assert cut_off({}) is False
    assert cut_off({"extensions": None}) is False
    assert cut_off({"extensions": {"something.else": {}}}) is False
