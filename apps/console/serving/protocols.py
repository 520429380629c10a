"""uvicorn's protocols, which can drop a connection besides.

ASGI knows only of closing, which waits until all is sent. What does not read would have it wait for ever:
apps/realtime/http.py asks for this by the name of the extension.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    import asyncio

    from websockets.http11 import Request

EXTENSION = "imserver.cut_off"


def _offer(scope: Any, transport: asyncio.Transport) -> None:
    scope.setdefault("extensions", {})[EXTENSION] = {"cut_off": transport.abort}


class Http(HttpToolsProtocol):
    """HTTP whose connections can be cut off."""

    def on_message_begin(self) -> None:
        """Offer it with each request."""
        super().on_message_begin()
        _offer(self.scope, self.transport)


class WebSocket(WebSocketsSansIOProtocol):
    """WebSockets that can be cut off."""

    def handle_connect(self, event: Request) -> None:
        """Offer it at the handshake, unless that was no good."""
        super().handle_connect(event)
        if not self.handshake_complete:
            _offer(self.scope, self.transport)
