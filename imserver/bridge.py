"""From ASGI to WSGI: requests wait on the event loop, and a few threads answer them.

Django's own way to run synchronous views under ASGI was measured at half the requests a second. A body is
read whole before a thread sees it, so that slow senders take no threads: into memory, or into a temporary
file where it is long. An answer that streams is given out at its reader's pace.

A request that finds nothing to say yet (`apps.messaging.waiting`) is parked: its thread is free at once, and
it is answered anew, from its start, when a row for its user has come.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from imserver import bodies, env
from imserver.bodies import BODY_LIMIT, Body, Content, CutOffError, NotTakenError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from apps.core.errors import ImError
    from apps.messaging.waiting import Parked

    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Answer = tuple[int, list[tuple[bytes, bytes]], bytes | Content]

#: An answer that streams is put together all the same up to so many bytes: it is faster.
PUT_TOGETHER = 128 * 1024
#: Bytes of an answer's start line and headers are latin-1 on the wire.
WIRE = "latin-1"


class Bridge:
    """One per process: the WSGI application, its threads, and the requests that are parked."""

    def __init__(self, wsgi_application: Callable[..., Iterable[bytes]]) -> None:
        self._wsgi = wsgi_application
        self._threads = ThreadPoolExecutor(env.integer("IM_THREADS", 4, minimum=1), "wsgi")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            body = await bodies.read(receive, BODY_LIMIT, _length_told(scope))
        except CutOffError:
            return
        except NotTakenError as error:
            await _refuse(error.refusal, send, receive if error.more_comes else None)
            return
        with body.file:
            answer = await self._answer(scope, body, receive)
        if answer is None:
            return
        status, headers, content = answer
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if isinstance(content, bytes):
            await send({"type": "http.response.body", "body": content})
        else:
            await content.send(send, self._threads)

    async def _answer(self, scope: Message, body: Body, receive: Receive) -> Answer | None:
        """The answer, once there is one; None when the client has gone meanwhile."""
        loop = asyncio.get_running_loop()
        taken_up: Parked | None = None
        while True:
            parked: list[Parked] = []
            answer = await loop.run_in_executor(
                self._threads, self._run, scope, body, parked.append, taken_up
            )
            if not parked:
                return answer
            stays, waited = await _wait_in_place_of(parked[0], receive)
            if not stays:
                return None
            # Where there is no waiting it is answered now: looking again and again would be worse.
            taken_up = parked[0] if waited else replace(parked[0], deadline=0.0)

    def _run(
        self,
        scope: Message,
        body: Body,
        park: Callable[[Parked], None],
        taken_up: Parked | None,
    ) -> Answer:
        """Run the WSGI application on one request, in a thread."""
        from apps.messaging.waiting import PARK, TAKEN_UP

        variables = _environ(scope, body)
        variables[PARK] = park
        if taken_up is not None:
            variables[TAKEN_UP] = taken_up
        started: list[tuple[int, list[tuple[bytes, bytes]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            encoded = [(name.lower().encode(WIRE), value.encode(WIRE)) for name, value in headers]
            started[:] = [(int(status[:3]), encoded)]
            return _no_write

        result = self._wsgi(variables, start_response)
        close = getattr(result, "close", _nothing)
        if getattr(result, "streaming", False) and _is_long(started[0][1]):
            return (*started[0], Content(result, close))
        try:
            content = b"".join(result)
        finally:
            close()
        return (*started[0], content)


async def _wait_in_place_of(parked: Parked, receive: Receive) -> tuple[bool, bool]:
    """Wait until it is worth looking again. Whether the client is still there, and whether it could wait."""
    from apps.realtime.asgi import row_for

    row = asyncio.ensure_future(row_for(parked))
    end = asyncio.ensure_future(_disconnected(receive))
    try:
        done, _ = await asyncio.wait({row, end}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (row, end):
            task.cancel()
        waited, _ = await asyncio.gather(row, end, return_exceptions=True)
    if isinstance(waited, Exception):
        raise waited
    return end not in done, waited is True


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _length_told(scope: Message) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _is_long(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether more follows than is put together, or nobody says how much."""
    lengths = [int(value) for name, value in headers if name == b"content-length"]
    return not lengths or lengths[0] > PUT_TOGETHER


def _nothing() -> None:
    """In the place of what an answer does at its end."""


async def _refuse(error: ImError, send: Send, rest: Receive | None) -> None:
    """Answer to a body that can't be taken, before what comes of its `rest` is let come."""
    told = orjson.dumps({"error": {"code": error.code.number, "message": str(error)}})
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(told)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": error.code.status, "headers": headers})
    await send({"type": "http.response.body", "body": told, "more_body": True})
    if rest is not None:
        await bodies.let_come(rest)
    await send({"type": "http.response.body", "body": b""})


def _no_write(_data: bytes) -> object:
    raise NotImplementedError("write() is from before WSGI; nothing of ours calls it")


def _environ(scope: Message, body: Body) -> dict[str, Any]:
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
        "CONTENT_LENGTH": str(body.length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body.rewound(),
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
