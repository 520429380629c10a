"""OpenAPI of what a user says and reads with a session."""

from drf_spectacular.utils import OpenApiParameter
from msgspec.structs import fields

from apps.core.api.operations import CLIENT, Operation, Said, documented
from apps.core.errors import (
    ALREADY_RETRACTED,
    CHATROOM_FULL,
    CROSS_APP_REFUSED,
    CURSOR_OUTLIVED,
    CURSOR_UNKNOWN,
    FORBIDDEN_SENDER,
    KEY_REUSED,
    MESSAGE_TOO_LONG,
    NO_SUCH_CHATROOM,
    NO_SUCH_CONVERSATION,
    NO_SUCH_GROUP,
    NO_SUCH_MESSAGE,
    NO_SUCH_TARGET_APP,
    NO_SUCH_USER,
    NOT_THE_SENDER,
    RETRACT_TOO_LATE,
    SENDER_BLOCKED,
    SENDER_MUTED,
    SENDER_NOT_IN_CHATROOM,
    SENDER_NOT_IN_GROUP,
    SENDER_SILENCED,
    SENDING_TOO_FAST,
    SENSITIVE_WORD,
    TOO_MANY_CHATROOMS,
)
from apps.groups.api.chatroom_schemas import ROOM, ROOM_ID
from apps.messaging import shapes
from apps.messaging.api.dialects import CLIENT_PROTOCOL
from apps.messaging.api.drafting import CLIENT_FIELDS
from apps.messaging.api.schemas import (
    IDEMPOTENCY_KEY,
    IN_LOG,
    MSG_ID,
    SENT,
    SYNC_PARAMETERS,
    SYNCED,
    messages,
)
from apps.messaging.api.serializers import (
    EnteredReply,
    HistoryReply,
    ReadIn,
    SentReply,
    SyncReply,
    ThreadReply,
    ThreadsReply,
)

_NOT_SAID = frozenset(one.name for one in fields(shapes.MessageIn)) - CLIENT_FIELDS
_CONVERSATION = OpenApiParameter(
    "conversation_id", int, OpenApiParameter.PATH, description="The conversation's number."
)
_BEFORE = OpenApiParameter("before", int, description="Only what comes before this message.")
_TEXT = {
    "target_type": "single",
    "target_id": "dev_javen",
    "msg_type": "text",
    "msg_body": {"text": "Hello, JPush IM!"},
    "client_msg_id": "5f0c2b1e",
}
_THREAD: ThreadReply = {
    "conversation_id": 42,
    "target_type": "single",
    "target_id": "dev_javen",
    "title": "Javen",
    "peer": {
        "username": "dev_javen",
        "nickname": "Javen",
        "mtime": "2015-02-13 10:00:00",
        "ctime": "2015-02-12 15:49:09",
    },
    "last_message": IN_LOG,
    "unread": 0,
    "read_up_to": 10000001,
    "peers_read_up_to": 0,
    "open": True,
    "shielded": False,
    "no_disturb": False,
}


def _limit(most: int, default: int) -> OpenApiParameter:
    return OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": most, "default": default},
        description="Rows wanted, at most.",
    )


client_messages_schema = documented(
    "What a user says as themselves (ours).",
    create=Operation(
        summary="Send a message as oneself",
        caller=CLIENT,
        description=(
            "Stored when answered. Send it again with the same `client_msg_id` or "
            "`Idempotency-Key` if no answer came: it is stored once."
        ),
        status=201,
        body=messages(CLIENT_PROTOCOL, "Client", _NOT_SAID),
        reply=SentReply,
        parameters=(IDEMPOTENCY_KEY,),
        raises=(
            NO_SUCH_USER,
            NO_SUCH_GROUP,
            NO_SUCH_CHATROOM,
            FORBIDDEN_SENDER,
            NO_SUCH_TARGET_APP,
            CROSS_APP_REFUSED,
            SENDER_BLOCKED,
            SENDER_NOT_IN_GROUP,
            SENDER_SILENCED,
            SENDER_NOT_IN_CHATROOM,
            SENDER_MUTED,
            MESSAGE_TOO_LONG,
            SENSITIVE_WORD,
            KEY_REUSED,
            SENDING_TOO_FAST,
        ),
        examples=(Said("text", _TEXT),),
        reply_example=SENT,
    ),
    retract=Operation(
        summary="Take a message back",
        caller=CLIENT,
        description=(
            "One's own, within 3 minutes unless the server says otherwise. Its body is gone for "
            "whoever reads it from then on; who has read it is told by an event."
        ),
        status=204,
        parameters=(MSG_ID,),
        raises=(NO_SUCH_MESSAGE, NOT_THE_SENDER, ALREADY_RETRACTED, RETRACT_TOO_LATE),
    ),
)
client_sync_schema = documented(
    "What one may read, followed from a cursor (ours). `/client/v1/events` and `/client/v1/ws` "
    "follow the same.",
    list=Operation(
        summary="Follow one's messages",
        caller=CLIENT,
        description=(
            "Everything one may read, events of groups among it, in the order of ids, without gaps "
            "or repeats. Ask again with the `cursor` of the reply; without one it starts at the "
            "oldest row kept. 890001 and 890002 mean: read again without a cursor."
        ),
        reply=SyncReply,
        parameters=SYNC_PARAMETERS,
        raises=(CURSOR_UNKNOWN, CURSOR_OUTLIVED),
        reply_example=SYNCED,
    ),
)
client_chatroom_entries_schema = documented(
    "Coming into chatrooms (ours).",
    create=Operation(
        summary="Enter a chatroom",
        caller=CLIENT,
        description=(
            "Answers with the latest 50 messages. What is said from then on comes by `sync`, events and "
            "socket, for as long as one follows; what is said while one is away does not come later: enter "
            "again, which one may whenever one is back, and get the latest. Nobody is told."
        ),
        reply=EnteredReply,
        parameters=(ROOM_ID,),
        raises=(NO_SUCH_CHATROOM, NO_SUCH_USER, CHATROOM_FULL, TOO_MANY_CHATROOMS),
        reply_example={
            "conversation_id": 43,
            "room": ROOM,
            "messages": [{**IN_LOG, "target_type": "chatroom", "target_id": "10000001"}],
        },
    ),
)
client_conversations_schema = documented(
    "One's conversations (ours).",
    list=Operation(
        summary="List one's conversations",
        caller=CLIENT,
        description="The one last spoken in first. The next page is `before` the last one's last message.",
        reply=ThreadsReply,
        parameters=(_limit(200, 50), _BEFORE),
        reply_example={"conversations": [_THREAD], "cursor": SYNCED["cursor"]},
    ),
    history=Operation(
        summary="Read back in a conversation",
        caller=CLIENT,
        description="The last messages, or those before one, oldest first.",
        reply=HistoryReply,
        parameters=(_CONVERSATION, _limit(200, 50), _BEFORE),
        raises=(NO_SUCH_CONVERSATION,),
        reply_example={"messages": [IN_LOG], "has_more": False},
    ),
    read=Operation(
        summary="Say how far one has read",
        caller=CLIENT,
        description="It only ever moves forward.",
        status=204,
        body=ReadIn,
        parameters=(_CONVERSATION,),
        raises=(NO_SUCH_CONVERSATION, NO_SUCH_MESSAGE),
        examples=(Said("a message", {"msg_id": 10000001}),),
    ),
    typing=Operation(
        summary="Say that one is typing",
        caller=CLIENT,
        description="Told to the others who are connected, and not stored.",
        status=204,
        parameters=(_CONVERSATION,),
        raises=(NO_SUCH_CONVERSATION,),
    ),
)
