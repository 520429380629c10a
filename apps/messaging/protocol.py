"""The message protocol: from what somebody wants to send to a draft, its names, shapes and limits checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from apps.core.errors import (
    FORBIDDEN_SENDER,
    PARAMETER_INVALID,
    ImError,
)
from apps.core.models import App
from apps.messaging import shapes
from apps.messaging.drafts import TARGET_TYPES, Draft
from apps.messaging.models import MessageType


@dataclass(frozen=True)
class MessageProtocol:
    """What one API version accepts in a send."""

    from_types: frozenset[str]
    refused_from_types: frozenset[str]  # known, but not to be sent by: FORBIDDEN_SENDER
    target_types: frozenset[str]
    bodies: Mapping[str, type[Struct]]
    names: Mapping[str, str] = field(default_factory=dict)  # what it calls some fields of a body


FINAL_BODIES: dict[str, type[Struct]] = {
    MessageType.TEXT: shapes.TextBody,
    MessageType.IMAGE: shapes.ImageBody,
    MessageType.VOICE: shapes.VoiceBody,
    MessageType.FILE: shapes.FileBody,
    MessageType.VIDEO: shapes.VideoBody,
    MessageType.LOCATION: shapes.LocationBody,
    MessageType.CUSTOM: shapes.AnyBody,
}


def read_draft(
    app: App, protocol: MessageProtocol, body: Any, key: str | None, from_platform: str = ""
) -> Draft:
    """The message that the app's server sends; `key` is the Idempotency-Key header's.

    Raises PARAMETER_INVALID, which names the field, FORBIDDEN_SENDER for a type of sender that the API
    version knows but refuses.
    """
    if not isinstance(body, dict):
        raise ImError(PARAMETER_INVALID, "body: must be an object")
    if body.get("msg_body") == []:  # how PHP writes an empty object
        body = {**body, "msg_body": {}}
    message = shapes.read(shapes.MessageIn, body)
    _check_names(app, message, protocol)
    return Draft(
        target_type=TARGET_TYPES[message.target_type],
        target_id=str(message.target_id),
        target_app_key=""
        if message.target_appkey in {None, app.app_key}
        else message.target_appkey,
        target_name=message.target_name or "",
        from_type=message.from_type,
        from_id=str(message.from_id),
        from_name=message.from_name or "",
        from_platform=from_platform,
        msg_type=message.msg_type,
        body=_checked_body(message, protocol),
        create_time=message.create_time,
        options=_options(message),
        idempotency_key=_idempotency_key(message, key),
    )


def _check_names(app: App, message: shapes.MessageIn, protocol: MessageProtocol) -> None:
    """What the protocol names from a fixed list; what it names beyond this app."""
    if message.from_type in protocol.refused_from_types:
        raise ImError(FORBIDDEN_SENDER)
    _one_of("from_type", message.from_type, protocol.from_types)
    _one_of("target_type", message.target_type, protocol.target_types)
    _one_of("msg_type", message.msg_type, protocol.bodies)
    if message.target_type != "single":
        digits = str(message.target_id)
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
            kind = message.target_type
            raise ImError(PARAMETER_INVALID, f"target_id: must be the number of a {kind}")


def _idempotency_key(message: shapes.MessageIn, header: str | None) -> str | None:
    """From the header or the body; both are ours, and must not differ."""
    if header is None:
        return message.client_msg_id
    if not (1 <= len(header) <= 128 and header.isascii() and header.isprintable()):
        raise ImError(
            PARAMETER_INVALID, "Idempotency-Key: must be 1 to 128 printable ASCII characters"
        )
    if message.client_msg_id not in {None, header}:
        raise ImError(PARAMETER_INVALID, "client_msg_id: differs from Idempotency-Key")
    return header


def _one_of(name: str, value: str, known: Any) -> None:
    if value not in known:
        raise ImError(PARAMETER_INVALID, f"{name}: must be one of {', '.join(sorted(known))}")


def _checked_body(message: shapes.MessageIn, protocol: MessageProtocol) -> dict[str, Any]:
    """The body with all its fields, known or not, as the sender wrote it; `null` ones left out."""
    body = {
        name: {} if name == "extras" and value == [] else value
        for name, value in message.msg_body.items()
        if value is not None
    }
    shapes.read(protocol.bodies[message.msg_type], body, "msg_body", protocol.names)
    return body


def _options(message: shapes.MessageIn) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if message.no_offline:
        options["no_offline"] = True
    if message.no_notification:
        options["no_notification"] = True
    if message.notification is not None:
        shown = {"title": message.notification.title, "alert": message.notification.alert}
        options["notification"] = {name: text for name, text in shown.items() if text is not None}
    return options
