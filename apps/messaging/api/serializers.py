"""Messages on the wire, going out."""

from typing import Any, NotRequired, TypedDict

from apps.core.api import wire_time
from apps.core.models import App
from apps.messaging.models import EVENT, Message


class SentReply(TypedDict):
    """Where a message stands: its id, and the server's time of it in milliseconds since 1970."""

    msg_id: int
    msg_ctime: int


class MessageReply(TypedDict):
    """A row of the log. `create_time` in seconds and `msg_ctime` in milliseconds since 1970."""

    msgid: int
    msg_ctime: int
    create_time: Any
    version: int
    target_type: str
    target_id: str
    target_name: str
    target_appkey: str
    from_type: str
    from_id: str
    from_name: str
    from_appkey: str
    msg_type: str
    msg_body: dict[str, Any]
    msg_level: int
    no_offline: NotRequired[bool]
    no_notification: NotRequired[bool]
    notification: NotRequired[dict[str, Any]]


class SyncReply(TypedDict):
    """What follows a cursor, in the order of ids, events among it."""

    messages: list[MessageReply]
    cursor: str
    has_more: bool


class ReportReply(TypedDict):
    """A page of a report; `cursor` only where more follows, `total` counts all pages."""

    total: int
    count: int
    messages: list[MessageReply]
    cursor: NotRequired[str]


def message_reply(app: App, message: Message) -> MessageReply:
    """Render a row. The client's own `create_time`, where it told one, is given back as it was."""
    seconds = wire_time.seconds(message.sent_at)
    told = message.create_time
    body = message.body
    if message.msg_type == EVENT:
        body = {**body, "ctime": seconds}
    reply: MessageReply = {
        "msgid": message.pk,
        "msg_ctime": wire_time.milliseconds(message.sent_at),
        "create_time": seconds if told is None else told,
        "version": 1,
        "target_type": message.target_type,
        "target_id": message.target_id,
        "target_name": message.target_name,
        "target_appkey": app.app_key,
        "from_type": message.from_type,
        "from_id": message.from_id,
        "from_name": message.from_name,
        "from_appkey": app.app_key,
        "msg_type": message.msg_type,
        "msg_body": body,
        "msg_level": 0,
    }
    if message.options:
        reply.update(message.options)
    return reply
