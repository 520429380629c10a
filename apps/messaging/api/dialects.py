"""Where the 2015-02 draft's messages differ from v1's, as data."""

from typing import Any

from msgspec import Struct

from apps.core.api.dialects import Difference, draft_2015, v1
from apps.messaging import shapes
from apps.messaging.models import MessageType
from apps.messaging.protocol import FINAL_BODIES, MessageProtocol

_DRAFT_BODIES: dict[str, type[Struct]] = {
    MessageType.IMAGE: shapes.DraftImageBody,
    MessageType.VOICE: shapes.DraftVoiceBody,
    MessageType.LOCATION: shapes.AnyBody,  # named there, but not defined
}
_EARLY_SENDERS = frozenset({"user", "robot", "api", "console"})

# What a user may send as themselves, through the client API.
CLIENT_PROTOCOL = MessageProtocol(
    from_types=frozenset({"user"}),
    refused_from_types=frozenset(),
    target_types=frozenset({"single", "group", "chatroom"}),
    bodies=FINAL_BODIES,
)

# The draft's names of what a body holds, and the final ones.
_OLDER_NAMES = {"content": ("text", MessageType.TEXT), "media_crc": ("media_crc32", None)}

PROTOCOLS = {
    v1.name: MessageProtocol(
        from_types=frozenset({"admin"}),
        refused_from_types=_EARLY_SENDERS,
        target_types=frozenset({"single", "group", "chatroom"}),
        bodies=FINAL_BODIES,
    ),
    draft_2015.name: MessageProtocol(
        from_types=_EARLY_SENDERS | {"admin"},
        refused_from_types=frozenset(),
        target_types=frozenset({"single", "group"}),
        bodies=FINAL_BODIES | _DRAFT_BODIES,
        names={final: older for older, (final, _) in _OLDER_NAMES.items()},
    ),
}


def _with_final_names(message: Any) -> Any:
    """Read the draft's names of a body's fields; the final ones are taken as well."""
    if not isinstance(message, dict) or not isinstance(message.get("msg_body"), dict):
        return message
    body = message["msg_body"]
    for older, (final, only_for) in _OLDER_NAMES.items():
        # Not `in {…}`: what is said to be the type may be an array, which has no hash.
        meant = only_for is None or only_for == message.get("msg_type")
        if meant and older in body and final not in body:
            body = {final if name == older else name: value for name, value in body.items()}
    return {**message, "msg_body": body}


def _with_label(message: Any) -> Any:
    """The final API's own table spells a location's label `lable` once."""
    if not isinstance(message, dict) or message.get("msg_type") != MessageType.LOCATION:
        return message
    body = message.get("msg_body")
    if isinstance(body, dict) and "lable" in body and "label" not in body:
        body = {"label" if name == "lable" else name: value for name, value in body.items()}
        return {**message, "msg_body": body}
    return message


def _with_draft_names(row: dict[str, Any]) -> dict[str, Any]:
    """Give the draft's names beside the final ones in what is read back."""
    body = row["msg_body"]
    for older, (final, only_for) in _OLDER_NAMES.items():
        if final in body and only_for in {None, row["msg_type"]}:
            body = {**body, older: body[final]}
    return {**row, "msg_body": body}


def _page_with_draft_names(page: dict[str, Any]) -> dict[str, Any]:
    return {**page, "messages": [_with_draft_names(row) for row in page["messages"]]}


def _as_final(message: Any) -> Any:
    """The final API stamps the time itself and ignores the client's."""
    if not isinstance(message, dict):
        return message
    return _with_label({name: value for name, value in message.items() if name != "create_time"})


v1.operations["messages.create"] = Difference(inbound=_as_final)
draft_2015.operations["messages.create"] = Difference(inbound=_with_final_names, status=200)
for _operation in (
    "sync.list",
    "messages.list",
    "user_messages.list",
    "reports.app_messages",
    "reports.user_messages",
    "reports.group_messages",
    "reports.chatroom_messages",
):
    draft_2015.operations[_operation] = Difference(outbound=_page_with_draft_names)
