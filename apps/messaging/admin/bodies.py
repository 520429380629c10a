"""Messages as the console tells of them: what they are, and who may read what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.badges import badge
from apps.messaging.models import EVENT, Message, MessageType

EVENTS: Mapping[str, str | Promise] = {
    "create_group": _("group created"),
    "add_members": _("members added"),
    "remove_members": _("members removed"),
    "exit_group": _("members left"),
    "change_owner": _("new owner"),
    "update_group": _("group changed"),
    "dissolve_group": _("group dissolved"),
    "silence_members": _("members silenced"),
    "unsilence_members": _("members may speak"),
    "update_chatroom": _("chatroom changed"),
    "delete_chatroom": _("chatroom dissolved"),
    "mute_member": _("members silenced"),
    "unmute_member": _("members may speak"),
    "add_friends": _("friends added"),
    "remove_friends": _("friends removed"),
    "note_friends": _("notes on friends"),
    "update_no_disturb": _("do not disturb changed"),
    "shield_group": _("shield of a group"),
    "retract_message": _("message retracted"),
}
TYPES: Mapping[str, str | Promise] = {**dict(MessageType.choices), EVENT: _("event")}


def may_read(request: HttpRequest) -> bool:
    """Whether the operator may see what was said, and not only that something was."""
    return bool(request.user.has_perm("messaging.read_message"))


def badge_of_type(message: Message) -> SafeString:
    """What kind of thing it is; or that it was retracted."""
    if message.retracted_at is not None:
        return badge(_("retracted"), "warning")
    if message.msg_type == EVENT:
        body = message.body if isinstance(message.body, dict) else {}
        return badge(EVENTS.get(str(body.get("event_type")), TYPES[EVENT]))
    return badge(TYPES.get(message.msg_type, message.msg_type), "info")


def pretty(value: Any) -> SafeString | str:
    """JSON with a line for each part."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return format_html('<pre class="im-json">{}</pre>', text)
