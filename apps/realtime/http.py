"""What the transports need of HTTP: headers, the query, and refusals as JSON."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.accounts.authentication import UserPrincipal, principal_of, token_of
from apps.core.api.dialects import v1
from apps.core.api.exceptions import error_body
from apps.core.errors import BUSY, ImError
from apps.core.models import App
from apps.messaging import sync
from apps.realtime.gateway import Gateway

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CUT_OFF = "imserver.cut_off"
"""An extension in the scope, `{"cut_off": function}`, of a server that can drop a connection."""


def header(scope: Scope, name: bytes) -> bytes:
    """The first header of that name (in lower case); empty without one."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return b""


def query(scope: Scope, name: str) -> str:
    """A parameter of the query string; empty without one."""
    values = parse_qs(scope["query_string"].decode("latin-1")).get(name)
    return values[-1] if values else ""


async def authenticate(gateway: Gateway, scope: Scope) -> UserPrincipal:
    """Who asks, by the Authorization header. Raises as `principal_of`, and MISSING_AUTHENTICATION."""
    token = token_of(header(scope, b"authorization"))
    return await gateway.run(principal_of, token)


async def place_after(gateway: Gateway, app: App, cursor: str | None) -> sync.Place:
    """Where to read on: after the cursor, from the oldest without one, from the end for `now`.

    Raises CURSOR_UNKNOWN, CURSOR_OUTLIVED.
    """
    return await gateway.run(sync.place_of, app, cursor or None)


def refusal(error: ImError) -> dict[str, Any]:
    """The envelope, as the client API speaks."""
    return {"error": error_body(error, v1)}


def as_im_error(error: ImError | DatabaseError | InterfaceError) -> ImError:
    """What went wrong, in the terms of the protocol."""
    return error if isinstance(error, ImError) else ImError(BUSY)


def cut_off(scope: Scope) -> bool:
    """Drop the connection with all that waits to be sent over it. Whether the server can (ours does).

    What does not read cannot be told that it is too slow, and would hold its last bytes here for ever.
    """
    extension = (scope.get("extensions") or {}).get(CUT_OFF)
    if extension is None:
        return False
    extension["cut_off"]()
    return True


async def refuse(send: Send, error: ImError) -> None:
    """Answer a request with a refusal."""
    body = orjson.dumps(refusal(error))
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    if error.code.status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="imserver"'))
    await send({"type": "http.response.start", "status": error.code.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def is_welcome(scope: Scope) -> bool:
    """Whether a browser's page may connect: from this host, or from an origin the settings name.

    What is no browser sends no Origin, and needs a token all the same.
    """
    origin = header(scope, b"origin").decode("latin-1")
    if not origin or "*" in settings.IM_ALLOWED_ORIGINS:
        return True
    if origin in settings.IM_ALLOWED_ORIGINS:
        return True
    return urlsplit(origin).netloc == header(scope, b"host").decode("latin-1")
