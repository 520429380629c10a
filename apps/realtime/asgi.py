"""The paths that follow the log; all others go on to the application behind."""

import asyncio
import contextlib
import re
import signal
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import Any

from django.db import DatabaseError, InterfaceError

from apps.core.errors import TOO_MANY_CONNECTIONS, ImError
from apps.messaging.waiting import Parked
from apps.realtime import gateway
from apps.realtime.http import Receive, Scope, Send
from apps.realtime.transports import sse, websocket

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_SOCKET = re.compile(r"/+client/+v1/+ws/*")
_TOO_MANY_WAIT = 1.0  # seconds
_EVENTS = re.compile(r"/+client/+v1/+events/*")


def in_front_of(behind: Application) -> Application:
    """An ASGI application that serves sockets and event streams, and hands HTTP on."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "websocket":
            if _SOCKET.fullmatch(scope["path"]):
                await websocket.serve(gateway.here(), scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1000})
        elif _EVENTS.fullmatch(scope["path"]) and scope["method"] == "GET":
            await sse.serve(gateway.here(), scope, receive, send)
        else:
            await behind(scope, receive, send)

    return application


async def row_for(parked: Parked) -> bool:
    """Wait on behalf of a long-poll: until there is a row for its user, or its time is up.

    False where there is no waiting: too many wait already, the process ends, or the database is away. It is
    answered with what there is then.
    """
    try:
        async with gateway.here().following(
            parked.app, parked.user, parked.place, session_id=parked.session_id
        ) as follower:
            await follower.next(parked.seconds)
            return follower.ended is None
    except ImError as error:
        if error.code is TOO_MANY_CONNECTIONS:
            # Who asks again at once is not to be answered at once for ever.
            await asyncio.sleep(min(_TOO_MANY_WAIT, parked.seconds))
        return False
    except (DatabaseError, InterfaceError):
        return False


async def _live(receive: Receive, send: Send) -> None:
    """The server's word on starting and ending."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            _listen_for_the_end()
            await send({"type": "lifespan.startup.complete"})
        else:
            made = gateway.made()
            if made is not None:
                await made.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _listen_for_the_end() -> None:
    """Let the connections know of a signal to end: the server would wait for them to end by themselves."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, partial(_end, loop, before))


def _end(
    loop: asyncio.AbstractEventLoop,
    before: Callable[[int, FrameType | None], Any],
    number: int,
    frame: FrameType | None,
) -> None:
    before(number, frame)
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(gateway.end_here)
