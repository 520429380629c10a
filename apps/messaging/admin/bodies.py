"""Bodies of messages, as an operator reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from apps.messaging.models import EVENT, Message, MessageType

_GIST = 80  # characters

EVENTS: Mapping[str, str | Promise] = {
    "create_group": _("group created"),
    "add_members": _("members added"),
    "remove_members": _("members removed"),
    "exit_group": _("members left"),
    "change_owner": _("new owner"),
    "update_group": _("group changed"),
    "dissolve_group": _("group dissolved"),
    "retract_message": _("message retracted"),
}
TYPES: Mapping[str, str | Promise] = {**dict(MessageType.choices), EVENT: _("event")}


def may_read(request: HttpRequest) -> bool:
    """Whether the operator may see what was said, and not only that something was."""
    return bool(request.user.has_perm("messaging.read_message"))


def gist(message: Message) -> str:
    """What the message says, in a line."""
    body = message.body if isinstance(message.body, dict) else {}
    teller = _TELLERS.get(message.msg_type, _parts)
    return Truncator(" ".join(teller(body).split())).chars(_GIST)


def pretty(value: Any) -> SafeString | str:
    """JSON with a line for each part."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return format_html('<pre class="im-json">{}</pre>', text)


def _text(body: dict[str, Any]) -> str:
    return str(body.get("text", body.get("content", "")))


def _file(body: dict[str, Any]) -> str:
    return str(body.get("fname") or body.get("media_id") or "")


def _place(body: dict[str, Any]) -> str:
    return str(body.get("label") or f"{body.get('latitude', '')}, {body.get('longitude', '')}")


def _event(body: dict[str, Any]) -> str:
    kind = str(body.get("event_type", ""))
    names = body.get("to_username_list")
    who = ", ".join(str(name) for name in names) if isinstance(names, list) else ""
    said = str(EVENTS.get(kind, kind))
    return f"{said}: {who}" if who else said


def _parts(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)


_TELLERS: Mapping[str, Callable[[dict[str, Any]], str]] = {
    MessageType.TEXT: _text,
    MessageType.IMAGE: _file,
    MessageType.VOICE: _file,
    MessageType.FILE: _file,
    MessageType.VIDEO: _file,
    MessageType.LOCATION: _place,
    EVENT: _event,
}
