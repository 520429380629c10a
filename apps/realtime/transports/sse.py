"""Server-Sent Events: `GET /client/v1/events`, resumed by `Last-Event-ID` or `?after=`."""

import asyncio
import contextlib
from collections.abc import Sequence

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.core.errors import ImError
from apps.core.models import App
from apps.messaging import sync
from apps.realtime.follower import Follower
from apps.realtime.gateway import Gateway
from apps.realtime.http import (
    Receive,
    Scope,
    Send,
    as_im_error,
    authenticate,
    header,
    position_after,
    query,
    refuse,
)
from apps.realtime.reads import Row

_HEARTBEAT = 15.0  # seconds; keeps proxies from closing a silent stream
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would hold events back
]


async def serve(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """Stream what the user may read until the client goes, the session ends, or it reads too slowly."""
    try:
        principal = await authenticate(gateway, scope)
        cursor = header(scope, b"last-event-id").decode("latin-1") or query(scope, "after")
        position = await position_after(gateway, principal.app, cursor)
        opened = gateway.following(
            principal.app, principal.user, position, session=principal.session
        )
        follower = await opened.__aenter__()
    except (ImError, DatabaseError, InterfaceError) as error:
        await refuse(send, as_im_error(error))
        return
    try:
        stream = asyncio.ensure_future(_stream(follower, send))
        gone = asyncio.ensure_future(_gone(receive))
        _, running = await asyncio.wait({stream, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()
        for task in (stream, gone):
            with contextlib.suppress(asyncio.CancelledError, TimeoutError, ImError, DatabaseError):
                await task
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b""})
    finally:
        await opened.__aexit__(None, None, None)


async def _stream(follower: Follower, send: Send) -> None:
    """Raises TimeoutError for a reader that takes nothing for too long: it resumes from its last id."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await _write(send, b": connected\n\n")
    while not follower.ended:
        rows = await follower.next(_HEARTBEAT)
        parts = [_event(follower.app, rows)] if rows else []
        while follower.whispers:
            kind, frame = follower.whispers.popleft()
            parts.append(b"event: " + kind.encode() + b"\ndata: " + frame + b"\n\n")
        await _write(send, b"".join(parts) or b": still here\n\n")


async def _write(send: Send, data: bytes) -> None:
    message = {"type": "http.response.body", "body": data, "more_body": True}
    await asyncio.wait_for(send(message), settings.IM_SLOW_READER_SECONDS)


def _event(app: App, rows: Sequence[Row]) -> bytes:
    cursor = sync.cursor_at(app, rows[-1].msg_id).encode()
    body = b",".join(row.json for row in rows)
    return (
        b"id: " + cursor + b"\nevent: messages\n"
        b'data: {"messages":[' + body + b'],"cursor":"' + cursor + b'"}\n\n'
    )


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
