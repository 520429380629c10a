"""WebSocket: `/client/v1/ws`. Frames are JSON objects with a `type`; docs/realtime.md lists them."""

import asyncio
import contextlib
from collections import deque
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
from apps.realtime.follower import Follower
from apps.realtime.gateway import Gateway
from apps.realtime.http import (
    Receive,
    Scope,
    Send,
    as_im_error,
    header,
    is_welcome,
    position_after,
    refusal,
)

_OPENING_WITHIN = 10.0  # seconds for the first frame
_FRAME_AT_MOST = 65536  # bytes
_UNACKNOWLEDGED_AT_MOST = 1000  # rows sent ahead of the client's acknowledgement
_LOOK_AGAIN = 30.0  # seconds

BAD_FRAME, BAD_TOKEN, TOO_SLOW, OUTLIVED, TOO_MANY = 4400, 4401, 4408, 4410, 4429
_CLOSE_CODES: dict[ErrorCode, int] = {
    TOO_MANY_CONNECTIONS: TOO_MANY,
    CURSOR_OUTLIVED: OUTLIVED,
    CURSOR_UNKNOWN: OUTLIVED,
    PARAMETER_INVALID: BAD_FRAME,
}
_TRY_LATER = 1013


class _GoneError(Exception):
    """The client has gone."""


async def serve(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """One connection, from its handshake to its end."""
    await receive()  # websocket.connect
    if not is_welcome(scope):
        await send({"type": "websocket.close", "code": BAD_FRAME})
        return
    await send({"type": "websocket.accept"})
    try:
        principal, cursor = await _open(gateway, scope, receive)
        position = await position_after(gateway, principal.app, cursor)
        async with gateway.following(
            principal.app, principal.user, position, session=principal.session
        ) as follower:
            await _Connection(gateway, principal, follower, receive, send).talk()
    except _GoneError:
        return
    except (ImError, DatabaseError, InterfaceError) as error:
        await _refuse(send, as_im_error(error))


async def _open(
    gateway: Gateway, scope: Scope, receive: Receive
) -> tuple[UserPrincipal, str | None]:
    """The first frame: `auth` with the token, or `start` where a header brought it."""
    brought = header(scope, b"authorization")
    token = token_of(brought) if brought else None
    try:
        frame = await asyncio.wait_for(_frame(receive), _OPENING_WITHIN)
    except TimeoutError:
        raise ImError(PARAMETER_INVALID, "type: auth or start must come first, and soon") from None
    if frame.get("type") not in {"auth", "start"}:
        raise ImError(PARAMETER_INVALID, "type: must be auth or start in the first frame")
    token = token or frame.get("token")
    cursor = frame.get("after")
    if not isinstance(token, str):
        raise ImError(PARAMETER_INVALID, "token: must be a string")
    if cursor is not None and not isinstance(cursor, str):
        raise ImError(PARAMETER_INVALID, "after: must be a cursor")
    return await gateway.run(principal_of, token), cursor


async def _frame(receive: Receive) -> dict[str, Any]:
    message = await receive()
    if message["type"] == "websocket.disconnect":
        raise _GoneError
    text = message.get("text") or ""
    if not text or len(text) > _FRAME_AT_MOST:
        raise ImError(PARAMETER_INVALID, f"body: must be text of at most {_FRAME_AT_MOST} bytes")
    frame = json_body.decode(text.encode(errors="surrogatepass"))
    if not isinstance(frame, dict):
        raise ImError(PARAMETER_INVALID, "body: must be an object")
    return frame


async def _refuse(send: Send, error: ImError) -> None:
    if error.code.status == 401 or error.code.number in {801006, 2003}:
        code = BAD_TOKEN
    else:
        code = _CLOSE_CODES.get(error.code, _TRY_LATER)
    with contextlib.suppress(OSError, RuntimeError):  # it may have gone by now
        await send({"type": "websocket.send", "text": _text(type="error", **refusal(error))})
        await send({"type": "websocket.close", "code": code, "reason": str(error)[:120]})


def _text(**frame: Any) -> str:
    return orjson.dumps(frame).decode()


class _Connection:
    """What goes in and out once the connection follows the log."""

    def __init__(
        self,
        gateway: Gateway,
        principal: UserPrincipal,
        follower: Follower,
        receive: Receive,
        send: Send,
    ) -> None:
        self._gateway = gateway
        self._principal = principal
        self._follower = follower
        self._receive = receive
        self._send_message = send
        self._unacknowledged: deque[tuple[str, int]] = deque()  # cursors sent, and rows with each
        self._ahead = 0
        self._acknowledged = asyncio.Event()

    async def talk(self) -> None:
        """Until either side ends it."""
        cursor = sync.cursor_at(self._principal.app, self._follower.position)
        await self._send(_text(type="ready", username=self._principal.user.username, cursor=cursor))
        tasks = {asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._speak())}
        done, running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for task in done:
            task.result()

    async def _send(self, text: str) -> None:
        await self._send_message({"type": "websocket.send", "text": text})

    async def _close(self, code: int, reason: str = "") -> None:
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            closing = self._send_message(
                {"type": "websocket.close", "code": code, "reason": reason}
            )
            await asyncio.wait_for(closing, 1)

    # --- out --------------------------------------------------------------------------------------

    async def _speak(self) -> None:
        """Send what follows. A reader that takes nothing for too long is cut off, with a place to resume."""
        follower = self._follower
        resume = follower.position
        try:
            while not follower.ended:
                rows = await follower.next(_LOOK_AGAIN)
                if rows:
                    cursor = sync.cursor_at(follower.app, rows[-1].msg_id)
                    body = b",".join(row.json for row in rows).decode()
                    frame = f'{{"type":"messages","messages":[{body}],"cursor":"{cursor}"}}'
                    await self._send_in_time(frame)
                    resume = rows[-1].msg_id
                    await self._wait_for_room(cursor, len(rows))
                while follower.whispers:
                    _, whisper = follower.whispers.popleft()
                    await self._send_in_time(whisper.decode())
        except TimeoutError:
            await self._close(TOO_SLOW, sync.cursor_at(follower.app, resume))
        else:
            await self._close(BAD_TOKEN, "the session has ended")

    async def _send_in_time(self, text: str) -> None:
        await asyncio.wait_for(self._send(text), settings.IM_SLOW_READER_SECONDS)

    async def _wait_for_room(self, cursor: str, rows: int) -> None:
        self._unacknowledged.append((cursor, rows))
        self._ahead += rows
        while self._ahead > _UNACKNOWLEDGED_AT_MOST and not self._follower.ended:
            self._acknowledged.clear()
            await asyncio.wait_for(self._acknowledged.wait(), settings.IM_SLOW_READER_SECONDS)

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
        """Take the client's frames, one after another: what it sends is stored in its own order."""
        while True:
            try:
                frame = await _frame(self._receive)
            except ImError as error:
                await self._send(_text(type="error", **refusal(error)))
                await self._close(BAD_FRAME, str(error)[:120])
                return
            await self._take(frame)

    async def _take(self, frame: dict[str, Any]) -> None:
        number = frame.get("id")
        kind = frame.get("type")
        if kind == "ping":
            await self._send(_text(type="pong", id=number))
        elif kind == "ack":
            self._acknowledge(frame.get("cursor"))
        else:
            try:
                command = commands.find(kind)
                reply = await self._gateway.run(command, self._principal, frame)
            except (ImError, DatabaseError, InterfaceError) as error:
                refused = refusal(as_im_error(error))
                await self._send(_text(type="error", id=number, **refused))
            else:
                if reply is not None:
                    await self._send(_text(id=number, **reply))
