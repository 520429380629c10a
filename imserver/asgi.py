"""The ASGI application: the WSGI one, behind an event loop. Tried with `serve --server uvicorn`.

Requests wait on the loop, which costs next to nothing, and are answered by a few threads. Bodies
and answers are held whole in memory, so there is a limit on bodies.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any

from imserver import env
from imserver.wsgi import application as wsgi_application

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

#: The most bytes of a body that are taken into memory; what Django accepts is less.
BODY_LIMIT = 16 * 1024 * 1024
#: Bytes of an answer's start line and headers are latin-1 on the wire.
WIRE = "latin-1"

threads = ThreadPoolExecutor(env.integer("IM_THREADS", 4, minimum=1), "wsgi")


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one request; anything else than HTTP is refused."""
    if scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1000})
        return
    body = await read_body(receive)
    if body is None:
        status, headers, content = 413, [(b"content-type", b"text/plain")], b"Body too large\n"
    else:
        loop = asyncio.get_running_loop()
        status, headers, content = await loop.run_in_executor(threads, answer, scope, body)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def read_body(receive: Receive) -> bytes | None:
    """Return the whole body, or None when it is longer than ``BODY_LIMIT`` or was cut off."""
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > BODY_LIMIT:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def answer(scope: Message, body: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Run the WSGI application on one request: status, headers, content."""
    started: list[tuple[int, list[tuple[bytes, bytes]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        encoded = [(name.lower().encode(WIRE), value.encode(WIRE)) for name, value in headers]
        started[:] = [(int(status[:3]), encoded)]
        return _no_write

    result: Iterable[bytes] = wsgi_application(environ(scope, body), start_response)
    try:
        content = b"".join(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    return (*started[0], content)


def _no_write(_data: bytes) -> object:
    raise NotImplementedError("write() is from before WSGI; nothing of ours calls it")


def environ(scope: Message, body: bytes) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    host, port = scope.get("server") or ("localhost", 80)
    peer = scope.get("client") or ("", 0)
    variables: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode(WIRE),
        "QUERY_STRING": scope["query_string"].decode(WIRE),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "REMOTE_ADDR": peer[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name_bytes, value_bytes in scope["headers"]:
        name, value = name_bytes.decode(WIRE), value_bytes.decode(WIRE)
        if name == "content-type":
            variables["CONTENT_TYPE"] = value
        elif name != "content-length" and "_" not in name:
            key = f"HTTP_{name.upper().replace('-', '_')}"
            # Repeated ones are one list, by HTTP's rule; cookies part by semicolons.
            before = variables.get(key)
            joint = "; " if name == "cookie" else ","
            variables[key] = value if before is None else f"{before}{joint}{value}"
    return variables
