"""The paths that follow the log; all others go on to the application behind."""

import re
from collections.abc import Awaitable, Callable

from apps.core.errors import ImError
from apps.messaging.waiting import Parked
from apps.realtime import gateway
from apps.realtime.http import Receive, Scope, Send
from apps.realtime.transports import sse, websocket

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_SOCKET = re.compile(r"/+client/+v1/+ws/*")
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


async def row_for(parked: Parked) -> None:
    """Wait on behalf of a long-poll: until there is a row for its user, or its time is up."""
    try:
        async with gateway.here().following(
            parked.app, parked.user, parked.position, polling=True
        ) as follower:
            await follower.next(parked.seconds)
    except ImError:  # too many wait already: it is answered with what there is
        return


async def _live(receive: Receive, send: Send) -> None:
    """The server's word on starting and ending."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            made = gateway.made()
            if made is not None:
                await made.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
