"""Server-Sent Events: `GET /client/v1/events`, resumed by `Last-Event-ID` or `?after=`."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.core.errors import BUSY, ImError
from apps.messaging import sync
from apps.realtime.follower import Follower
from apps.realtime.gateway import Gateway
from apps.realtime.http import (
    Message,
    Receive,
    Scope,
    Send,
    as_im_error,
    authenticate,
    cut_off,
    header,
    place_after,
    query,
    refuse,
)
from apps.realtime.reads import Row

logger = logging.getLogger(__name__)

_HEARTBEAT = 15.0  # seconds; keeps proxies from closing a silent stream
_FINISH_WITHIN = 1.0  # seconds that the end of the stream may take before the connection is cut off
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
        place = await place_after(gateway, principal.app, cursor)
        async with gateway.following(
            principal.app, principal.user, place, session=principal.session
        ) as follower:
            # Before the answer begins: a cursor of another log is refused, not streamed from.
            rows = await follower.next(0)
            await _until_either_goes(follower, rows, scope, receive, send)
    except (ImError, DatabaseError, InterfaceError) as error:
        await refuse(send, as_im_error(error))


async def _until_either_goes(
    follower: Follower, rows: Sequence[Row], scope: Scope, receive: Receive, send: Send
) -> None:
    begun = asyncio.Event()
    stream = asyncio.ensure_future(_stream(follower, rows, send, begun))
    gone = asyncio.ensure_future(_gone(receive))
    follower.at_end = stream.cancel  # even where it waits for a reader
    try:
        done, _ = await asyncio.wait({stream, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stream, gone):
            task.cancel()
        outcome, _ = await asyncio.gather(stream, gone, return_exceptions=True)
    if gone in done:
        return
    if not begun.is_set():  # the end came before the answer, which it must not come without
        raise ImError(BUSY)
    if isinstance(outcome, ImError | DatabaseError | InterfaceError):
        # It comes again, and is refused if this is still so.
        logger.warning("a stream of events was broken off: %s", outcome)
    elif isinstance(outcome, Exception) and not isinstance(outcome, TimeoutError):
        raise outcome
    await _finish(scope, receive, send)


async def _finish(scope: Scope, receive: Receive, send: Send) -> None:
    """End the stream; cut off who does not take its end."""
    try:
        async with asyncio.timeout(_FINISH_WITHIN):
            await send({"type": "http.response.body", "body": b""})
    except TimeoutError:
        if cut_off(scope):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_gone(receive), _FINISH_WITHIN)


async def _stream(
    follower: Follower, rows: Sequence[Row], send: Send, begun: asyncio.Event
) -> None:
    """Raises TimeoutError for a reader that takes nothing for too long: it resumes from its last id."""
    await _write(send, {"type": "http.response.start", "status": 200, "headers": _HEADERS})
    begun.set()
    await _say(send, b": connected\n\n" + _event(follower, rows))
    while follower.ended is None:
        rows = await follower.next(_HEARTBEAT)
        parts = [_event(follower, rows)]
        while follower.whispers:
            kind, frame = follower.whispers.popleft()
            parts.append(b"event: " + kind.encode() + b"\ndata: " + frame + b"\n\n")
        if follower.ended is None:
            await _say(send, b"".join(parts) or b": still here\n\n")


async def _say(send: Send, data: bytes) -> None:
    await _write(send, {"type": "http.response.body", "body": data, "more_body": True})


async def _write(send: Send, message: Message) -> None:
    async with asyncio.timeout(settings.IM_SLOW_READER_SECONDS):
        await send(message)


def _event(follower: Follower, rows: Sequence[Row]) -> bytes:
    if not rows:
        return b""
    cursor = sync.cursor_at(follower.app, follower.place).encode()
    body = b",".join(row.json for row in rows)
    return (
        b"id: " + cursor + b"\nevent: messages\n"
        b'data: {"messages":[' + body + b'],"cursor":"' + cursor + b'"}\n\n'
    )


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
