"""The ASGI application: an event loop in front, on which long-polls wait, and the WSGI application behind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imserver.settings.prod")

from imserver.bridge import Bridge
from imserver.wsgi import application as wsgi_application

if TYPE_CHECKING:
    from imserver.bridge import Message, Receive, Send

bridge = Bridge(wsgi_application)


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one HTTP request; anything else is refused."""
    if scope["type"] == "http":
        await bridge(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1000})
