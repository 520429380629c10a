"""OpenAPI of messages."""

from typing import Any, Literal

from drf_spectacular.utils import OpenApiParameter

from apps.accounts.api.schemas import USERNAME
from apps.core.api import wire_time
from apps.core.api.dialects import draft_2015, v1
from apps.core.api.operations import Operation, Said, Variant, documented
from apps.core.errors import (
    ALREADY_RETRACTED,
    CROSS_APP_REFUSED,
    CURSOR_OUTLIVED,
    CURSOR_UNKNOWN,
    FORBIDDEN_SENDER,
    KEY_REUSED,
    MESSAGE_TOO_LONG,
    NO_SUCH_CHATROOM,
    NO_SUCH_GROUP,
    NO_SUCH_MESSAGE,
    NO_SUCH_TARGET_APP,
    NO_SUCH_USER,
    NOT_THE_SENDER,
    RETRACT_TOO_LATE,
    SENDER_BLOCKED,
    SENDER_NOT_IN_GROUP,
    SENDER_SILENCED,
    SENSITIVE_WORD,
)
from apps.messaging import shapes
from apps.messaging.api.dialects import PROTOCOLS
from apps.messaging.api.serializers import MessageReply, SentReply, SyncReply
from apps.messaging.protocol import MessageProtocol

_TIME = {"type": "string", "pattern": wire_time.PATTERN}


def messages(
    protocol: MessageProtocol, prefix: str = "", without: frozenset[str] = frozenset()
) -> tuple[Variant, ...]:
    """A message of each type that the protocol knows, with the names it has for the fields of a body."""
    return tuple(
        Variant(
            f"{prefix}{msg_type.title()}Message",
            shapes.MessageIn,
            fields={
                "target_type": Literal[tuple(sorted(protocol.target_types))],
                "from_type": Literal[tuple(sorted(protocol.from_types))],
                "msg_type": Literal[str(msg_type)],
                "msg_body": _body(body, msg_type, protocol, prefix),
            },
            without=without,
        )
        for msg_type, body in protocol.bodies.items()
    )


def _body(body: Any, msg_type: str, protocol: MessageProtocol, prefix: str) -> Any:
    if protocol.names.keys() & set(body.__struct_fields__):
        return Variant(f"{prefix}{msg_type.title()}Body", body, protocol.names)
    return body


_TEXT = {
    "version": 1,
    "target_type": "single",
    "target_id": "dev_javen",
    "from_type": "admin",
    "from_id": "dev_fang",
    "msg_type": "text",
    "msg_body": {"text": "Hello, JPush IM!", "extras": {"colour": "red"}},
    "notification": {"alert": "Fang wrote"},
}
_IMAGE_BODY = {
    "media_id": "qiniu/image/j/7C21AE4E",
    "media_crc32": 1338734977,
    "width": 720,
    "height": 1280,
    "format": "jpg",
    "fsize": 52468,
}
_DRAFT_TEXT = {
    "version": 1,
    "target_type": "single",
    "target_id": "dev_javen",
    "target_name": "Javen Fang",
    "from_type": "user",
    "from_id": "dev_fang",
    "from_name": "Fang Javen",
    "create_time": "2015-02-12 15:49 09",
    "msg_type": "text",
    "msg_body": {"content": "Hello, JPush IM!"},
}
_DRAFT_IMAGE_BODY = {
    "media_id": "qiniu/image/j/7C21AE4E",
    "media_crc": 1338734977,
    "width": 720,
    "height": 1280,
}
IN_LOG: MessageReply = {
    "msgid": 10000001,
    "msg_ctime": 1423792800123,
    "create_time": 1423792800,
    "version": 1,
    "target_type": "single",
    "target_id": "dev_javen",
    "target_name": "",
    "target_appkey": "dev0000000000000000000ab",
    "from_type": "admin",
    "from_id": "dev_fang",
    "from_name": "",
    "from_appkey": "dev0000000000000000000ab",
    "msg_type": "text",
    "msg_body": {"text": "Hello, JPush IM!"},
    "msg_level": 0,
    "conversation_id": 41,
}
_EVENT: MessageReply = {
    **IN_LOG,
    "msgid": 10000000,
    "target_type": "group",
    "target_id": "10000001",
    "from_type": "api",
    "from_id": "",
    "msg_type": "event",
    "msg_body": {
        "event_type": "create_group",
        "from_username": "",
        "gid": 10000001,
        "to_username_list": ["dev_fang", "dev_javen"],
        "description": "",
        "ctime": 1423792800,
    },
}
SYNCED: SyncReply = {"messages": [_EVENT, IN_LOG], "cursor": "9lTbV2hB3pXk", "has_more": False}
MSG_ID = OpenApiParameter("msg_id", int, OpenApiParameter.PATH, description="The message's number.")
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description=(
        "Printable ASCII, unique for the sender within the app. `client_msg_id` in the body does "
        "the same."
    ),
)
SENT: SentReply = {"msg_id": 10000001, "msg_ctime": 1423792800123}

SEND = Operation(
    summary="Send a message",
    description=(
        "Stored when answered. `msg_body` is at most 4096 bytes of compact JSON unless the "
        "server says otherwise. In v1 only an API admin may send. In 2015-02 a `user` speaks "
        "to groups as their member; `robot`, `api` and `console` are the app's own voice under "
        "any user's name, `admin` under that of an API admin.\n\n"
        "2015-02 apps say `content` for a text and `media_crc` for a checksum; `text` and "
        "`media_crc32` are taken as well, and `fsize` may be left out. A `create_time` is kept "
        "as it is and given back.\n\n"
        "`target_appkey` names the app of a user or a group of another app, where there is a grant; "
        "the message then stands in the logs of both. To a group that the sender is in, none is needed."
        "\n\n"
        "With an idempotency key (ours) the same message sent again is answered with the first "
        "one's id, and not stored again."
    ),
    status=201,
    body=messages(PROTOCOLS[v1.name]),
    draft_body=messages(PROTOCOLS[draft_2015.name], "Draft"),
    reply=SentReply,
    parameters=(IDEMPOTENCY_KEY,),
    raises=(
        NO_SUCH_USER,
        NO_SUCH_GROUP,
        FORBIDDEN_SENDER,
        CROSS_APP_REFUSED,
        NO_SUCH_TARGET_APP,
        SENDER_BLOCKED,
        SENDER_SILENCED,
        MESSAGE_TOO_LONG,
        SENSITIVE_WORD,
        KEY_REUSED,
    ),
    raises_in={v1.name: (NO_SUCH_CHATROOM,), draft_2015.name: (SENDER_NOT_IN_GROUP,)},
    examples=(
        Said("text", _TEXT, "v1"),
        Said("image", {**_TEXT, "msg_type": "image", "msg_body": _IMAGE_BODY}, "v1"),
        Said("text", _DRAFT_TEXT, "2015-02"),
        Said(
            "image",
            {**_DRAFT_TEXT, "msg_type": "image", "msg_body": _DRAFT_IMAGE_BODY},
            "2015-02",
        ),
    ),
    reply_example=SENT,
)
RETRACT = Operation(
    summary="Take a message back",
    description=(
        "In the name of the user in the path, who sent it, within 3 minutes unless the server says "
        "otherwise. Its body is gone for whoever reads it from then on, in reports too; who has read it is "
        "told by an event. A body of the request counts for nothing."
    ),
    status=204,
    parameters=(USERNAME, MSG_ID),
    raises=(NO_SUCH_USER, NO_SUCH_MESSAGE, NOT_THE_SENDER, ALREADY_RETRACTED, RETRACT_TOO_LATE),
)
SYNC_PARAMETERS = (
    OpenApiParameter(
        "after",
        str,
        description="The cursor of the reply before; without one, from the oldest row on. `now` answers at "
        "once, with no rows and the cursor of this moment.",
    ),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 500, "default": 100},
        description="Rows wanted, at most.",
    ),
    OpenApiParameter(
        "wait",
        {"type": "integer", "minimum": 0, "default": 0},
        description=(
            "Seconds to wait for the first row if there is none yet; at most 60 unless the "
            "server says otherwise."
        ),
    ),
)
sync_schema = documented(
    "What a user may read, followed from a cursor (ours).",
    list=Operation(
        summary="Follow a user's messages",
        description=(
            "Everything the user may read, events of groups among it, in the order of ids, without "
            "gaps or repeats. Ask again with the `cursor` of the reply; without one it starts at "
            "the oldest row kept. 890001 and 890002 mean: read again without a cursor."
        ),
        reply=SyncReply,
        parameters=(
            USERNAME,
            *SYNC_PARAMETERS,
        ),
        raises=(NO_SUCH_USER, CURSOR_UNKNOWN, CURSOR_OUTLIVED),
        reply_example=SYNCED,
    ),
)
