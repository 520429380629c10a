"""What a client may ask over its socket: the same services as over HTTP, run in the gateway's threads."""

from collections.abc import Callable
from typing import Any

from apps.accounts.authentication import UserPrincipal
from apps.accounts.services.presence import live_sessions
from apps.core.errors import PARAMETER_INVALID, TOKEN_INVALID, ImError
from apps.messaging.api.drafting import client_draft
from apps.messaging.api.serializers import sent_reply
from apps.messaging.services.client_sends import send_as_client
from apps.messaging.services.reading import mark_read, tell_typing

Command = Callable[[UserPrincipal, dict[str, Any]], dict[str, Any] | None]


def find(kind: object) -> Command:
    """The command of that name; PARAMETER_INVALID."""
    command = _COMMANDS.get(kind) if isinstance(kind, str) else None
    if command is None:
        known = ", ".join(sorted([*_COMMANDS, "ack", "ping"]))
        raise ImError(PARAMETER_INVALID, f"type: must be one of {known}")
    return command


def obey(
    command: Command, principal: UserPrincipal, frame: dict[str, Any]
) -> dict[str, Any] | None:
    """Run the command for a session that still stands. Raises TOKEN_INVALID, and what the command does.

    Asked each time, as over HTTP: the connection of a session that ends hears of it a moment later.
    """
    if not live_sessions(session_ids=[principal.session.pk]):
        raise ImError(TOKEN_INVALID)
    return command(principal, frame)


def _send(principal: UserPrincipal, frame: dict[str, Any]) -> dict[str, Any]:
    """`{"type": "send", "id", "message"}` -> `{"type": "sent", "id", "msg_id", "msg_ctime"}`."""
    draft = client_draft(principal, frame.get("message"), None)
    sent = send_as_client(app=principal.app, draft=draft)
    return {"type": "sent", **sent_reply(sent)}


def _typing(principal: UserPrincipal, frame: dict[str, Any]) -> None:
    """`{"type": "typing", "conversation_id"}`."""
    pk = _number(frame, "conversation_id")
    tell_typing(app=principal.app, user=principal.user, conversation_id=pk)


def _read(principal: UserPrincipal, frame: dict[str, Any]) -> None:
    """`{"type": "read", "conversation_id", "msg_id"}`."""
    mark_read(
        app=principal.app,
        user=principal.user,
        conversation_id=_number(frame, "conversation_id"),
        msg_id=_number(frame, "msg_id"),
    )


def _number(frame: dict[str, Any], name: str) -> int:
    value = frame.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ImError(PARAMETER_INVALID, f"{name}: must be a number")
    return value


_COMMANDS: dict[str, Command] = {"send": _send, "typing": _typing, "read": _read}
