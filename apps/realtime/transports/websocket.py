"""WebSocket: `/client/v1/ws`. Frames are JSON objects with a `type`; docs/realtime.md lists them."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

import orjson
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.accounts.authentication import UserPrincipal, principal_of, token_of
from apps.core.api import json_body
from apps.core.errors import (
    CURSOR_OUTLIVED,
    CURSOR_UNKNOWN,
    PARAMETER_INVALID,
    TOO_MANY_CONNECTIONS,
    ErrorCode,
    ImError,
)
from apps.messaging import sync
from apps.realtime import commands
from apps.realtime.follower import Ending, Follower
from apps.realtime.gateway import Gateway
from apps.realtime.http import (
    Receive,
    Scope,
    Send,
    as_im_error,
    cut_off,
    header,
    is_welcome,
    place_after,
    refusal,
)
from apps.realtime.reads import Row

_OPENING_WITHIN = 10.0  # seconds for the first frame
_FRAME_AT_MOST = 65536  # bytes
_UNACKNOWLEDGED_AT_MOST = 1000  # rows sent ahead of the client's acknowledgement
_LOOK_AGAIN = 30.0  # seconds
_CLOSE_WITHIN = 1.0  # seconds that the last frames may take before the connection is cut off

BAD_FRAME, BAD_TOKEN, TOO_SLOW, OUTLIVED, TOO_MANY = 4400, 4401, 4408, 4410, 4429
RESTARTING, TRY_LATER = 1012, 1013
_CLOSE_CODES: dict[ErrorCode, int] = {
    TOO_MANY_CONNECTIONS: TOO_MANY,
    CURSOR_OUTLIVED: OUTLIVED,
    CURSOR_UNKNOWN: OUTLIVED,
    PARAMETER_INVALID: BAD_FRAME,
}
_ENDINGS = {
    Ending.SESSION: BAD_TOKEN,
    Ending.OUTLIVED: OUTLIVED,
    Ending.RESTART: RESTARTING,
}


class _GoneError(Exception):
    """The client has gone."""


async def serve(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """One connection, from its handshake to its end."""
    await receive()  # websocket.connect
    if not is_welcome(scope):
        await send({"type": "websocket.close", "code": BAD_FRAME})
        return
    await send({"type": "websocket.accept"})
    line = _Line(scope, receive, send)
    try:
        principal, cursor = await _open(gateway, scope, line)
        place = await place_after(gateway, principal.app, cursor)
        async with gateway.following(
            principal.app, principal.user, place, session=principal.session
        ) as follower:
            await _Connection(gateway, principal, follower, line).talk()
    except _GoneError:
        return
    except (ImError, DatabaseError, InterfaceError) as error:
        await line.refuse(as_im_error(error))


async def _open(gateway: Gateway, scope: Scope, line: "_Line") -> tuple[UserPrincipal, str | None]:
    """The first frame: `auth` with the token, or `start` where a header brought it."""
    brought = header(scope, b"authorization")
    token = token_of(brought) if brought else None
    try:
        async with asyncio.timeout(_OPENING_WITHIN):
            frame = await line.frame()
    except TimeoutError:
        raise ImError(PARAMETER_INVALID, "type: auth or start must come first, and soon") from None
    if frame.get("type") not in ("auth", "start"):
        raise ImError(PARAMETER_INVALID, "type: must be auth or start in the first frame")
    if token is None:
        token = frame.get("token")
    cursor = frame.get("after")
    if not isinstance(token, str):
        raise ImError(PARAMETER_INVALID, "token: must be a string")
    if cursor is not None and not isinstance(cursor, str):
        raise ImError(PARAMETER_INVALID, "after: must be a cursor")
    return await gateway.run(principal_of, token), cursor


def _text(**frame: Any) -> str:
    return orjson.dumps(frame).decode()


class _Line:
    """The wire: frames in, frames out, and its end."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send

    async def frame(self) -> dict[str, Any]:
        """The client's next frame. Raises PARAMETER_INVALID for what is none, _GoneError."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise _GoneError
        text = message.get("text") or ""
        raw = text.encode(errors="surrogatepass")
        if not raw or len(raw) > _FRAME_AT_MOST:
            raise ImError(
                PARAMETER_INVALID, f"body: must be text of at most {_FRAME_AT_MOST} bytes"
            )
        frame = json_body.decode(raw)
        if not isinstance(frame, dict):
            raise ImError(PARAMETER_INVALID, "body: must be an object")
        return frame

    async def say(self, text: str) -> None:
        """Send one frame. Raises TimeoutError where the client takes nothing for too long, _GoneError.

        A frame that was not taken in time was not sent in part either.
        """
        try:
            async with asyncio.timeout(settings.IM_SLOW_READER_SECONDS):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            raise
        except (OSError, RuntimeError):  # by the server's own word, or after it has closed
            raise _GoneError from None

    async def refuse(self, error: ImError) -> None:
        """Say why, and close."""
        if error.code.status == 401 or error.code.number in {801006, 2003}:
            code = BAD_TOKEN
        else:
            code = _CLOSE_CODES.get(error.code, TRY_LATER)
        await self.close(code, str(error)[:120], _text(type="error", **refusal(error)))

    async def close(self, code: int, reason: str, last: str | None = None) -> None:
        """Close, after one last frame; cut off who does not take it."""
        try:
            async with asyncio.timeout(_CLOSE_WITHIN):
                if last is not None:
                    await self._send({"type": "websocket.send", "text": last})
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except TimeoutError:
            cut_off(self._scope)
        except (OSError, RuntimeError):  # it has gone by now
            return


class _Connection:
    """What goes in and out once the connection follows the log."""

    def __init__(
        self, gateway: Gateway, principal: UserPrincipal, follower: Follower, line: _Line
    ) -> None:
        self._gateway = gateway
        self._principal = principal
        self._follower = follower
        self._line = line
        self._sent_up_to = follower.place
        self._unacknowledged: deque[tuple[str, int]] = deque()  # cursors sent, and rows with each
        self._ahead = 0
        self._acknowledged = asyncio.Event()

    async def talk(self) -> None:
        """Until either side ends it. Raises _GoneError, and what is refused for good."""
        tasks = [asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._speak())]
        self._follower.at_end = tasks[1].cancel  # even where it waits for a reader
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await self._close(outcomes)

    async def _close(self, outcomes: Sequence[BaseException | None]) -> None:
        """Say why it ends: what went wrong, before what was merely cancelled."""
        errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if self._follower.ended is not None:
            await self._line.close(_ENDINGS[self._follower.ended], self._follower.ended.value)
        elif any(isinstance(error, TimeoutError) for error in errors):
            await self._line.close(TOO_SLOW, self._cursor_at(self._sent_up_to))
        elif errors:
            raise errors[0]

    def _cursor_at(self, place: sync.Place) -> str:
        return sync.cursor_at(self._follower.app, place)

    # --- out --------------------------------------------------------------------------------------

    async def _speak(self) -> None:
        """Send what follows. Raises TimeoutError for a reader that takes or acknowledges too slowly."""
        follower = self._follower
        username = self._principal.user.username
        cursor = self._cursor_at(follower.place)
        await self._line.say(_text(type="ready", username=username, cursor=cursor))
        while follower.ended is None:
            rows = await follower.next(_LOOK_AGAIN)
            if rows and follower.ended is None:
                await self._pass_on(rows)
            while follower.whispers and follower.ended is None:
                _, whisper = follower.whispers.popleft()
                await self._line.say(whisper.decode())

    async def _pass_on(self, rows: Sequence[Row]) -> None:
        place = self._follower.place  # where these rows have brought it
        cursor = self._cursor_at(place)
        body = b",".join(row.json for row in rows).decode()
        await self._line.say(f'{{"type":"messages","messages":[{body}],"cursor":"{cursor}"}}')
        self._sent_up_to = place
        self._unacknowledged.append((cursor, len(rows)))
        self._ahead += len(rows)
        while self._ahead > _UNACKNOWLEDGED_AT_MOST:
            self._acknowledged.clear()
            async with asyncio.timeout(settings.IM_SLOW_READER_SECONDS):
                await self._acknowledged.wait()

    def _acknowledge(self, cursor: Any) -> None:
        if any(sent == cursor for sent, _ in self._unacknowledged):
            while True:
                sent, rows = self._unacknowledged.popleft()
                self._ahead -= rows
                if sent == cursor:
                    break
            self._acknowledged.set()

    # --- in ---------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Take the client's frames, one after another: what it sends is stored in its own order.

        Raises PARAMETER_INVALID for a bad frame, _GoneError, TimeoutError.
        """
        while True:
            await self._take(await self._line.frame())

    async def _take(self, frame: dict[str, Any]) -> None:
        number = frame.get("id")
        kind = frame.get("type")
        if kind == "ping":
            await self._line.say(_text(type="pong", id=number))
        elif kind == "ack":
            self._acknowledge(frame.get("cursor"))
        else:
            try:
                command = commands.find(kind)
                reply = await self._gateway.run(commands.obey, command, self._principal, frame)
            except (ImError, DatabaseError, InterfaceError) as error:
                refused = refusal(as_im_error(error))
                await self._line.say(_text(type="error", id=number, **refused))
            else:
                if reply is not None:
                    await self._line.say(_text(id=number, **reply))
