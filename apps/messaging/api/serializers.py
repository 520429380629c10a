"""Messages on the wire, going out."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from apps.accounts.api.serializers import SeenUserReply
from apps.core.api import wire_time
from apps.core.api.pagination import Count, Start
from apps.core.models import App
from apps.groups.api.chatroom_serializers import ChatroomReply
from apps.messaging.log import Appended
from apps.messaging.models import EVENT, Message

MsgId = Annotated[int, Meta(description="The message's id, of at least 8 digits; ids grow.")]
Milliseconds = Annotated[int, Meta(description="The server's time, in milliseconds since 1970.")]
Yes = Annotated[Literal[True], Meta(description="There when it was asked for.")]


class SentReply(TypedDict):
    """Where a message stands."""

    msg_id: MsgId
    msg_ctime: Milliseconds


class NotificationReply(TypedDict):
    """What a push would show."""

    title: NotRequired[str]
    alert: NotRequired[str]


class MessageReply(TypedDict):
    """A row of the log: a message, or an event."""

    msgid: MsgId
    msg_ctime: Milliseconds
    create_time: Annotated[
        int | float | str,
        Meta(
            description="Seconds since 1970, or what a 2015-02 app told with the message, as it was."
        ),
    ]
    version: Literal[1]
    target_type: Annotated[
        str,
        Meta(
            pattern="^(single|group|chatroom|notices)$",
            description="notices: an event of the user's own, which concerns nobody else.",
        ),
    ]
    target_id: Annotated[
        str, Meta(description="A username, or the number of a group or a chatroom in digits.")
    ]
    target_name: str
    target_appkey: str
    from_type: str
    from_id: Annotated[str, Meta(description="A username; empty for the events of groups.")]
    from_name: str
    from_appkey: str
    from_platform: NotRequired[
        Annotated[
            str,
            Meta(
                pattern="^[aijw]$",
                description="a Android, i iOS, j JavaScript, w Windows; absent if the app's server sent it.",
            ),
        ]
    ]
    msg_type: Annotated[
        str,
        Meta(
            description="text, image, voice, file, video, location, custom; in a sync also event."
        ),
    ]
    msg_body: Annotated[
        dict[str, Any],
        Meta(
            description="As it was sent. 2015-02 apps find `content` beside `text` and `media_crc` beside "
            "`media_crc32`. That of an event has `event_type` (create_group, add_members, remove_members, "
            "exit_group, change_owner, update_group, dissolve_group, silence_members, unsilence_members, "
            "retract_message; of notices add_friends, remove_friends, note_friends, update_no_disturb, "
            "shield_group, unshield_group), `gid` or `msg_id` where it is about one, "
            "`from_username`, `to_username_list`, `description` and `ctime` in seconds since 1970."
        ),
    ]
    set_from_name: NotRequired[
        Annotated[
            int,
            Meta(
                ge=0,
                le=1,
                description="In reports of groups and chatrooms: 1 if the sender told a `from_name`.",
            ),
        ]
    ]
    msg_level: Annotated[
        int, Meta(ge=0, le=1, description="0: within one app. 1: it concerns users of several.")
    ]
    conversation_id: Annotated[int, Meta(description="Ours: what the client API reads on from.")]
    retracted: NotRequired[Annotated[Literal[True], Meta(description="Ours: its body is gone.")]]
    no_offline: NotRequired[Yes]
    no_notification: NotRequired[Yes]
    notification: NotRequired[NotificationReply]


class SyncReply(TypedDict):
    """What follows a cursor, in the order of ids, events among it."""

    messages: list[MessageReply]
    cursor: Annotated[str, Meta(description="To ask with next, whether or not there were rows.")]
    has_more: Annotated[bool, Meta(description="Whether more rows follow at once.")]


class GroupThreadReply(TypedDict):
    """The group of a conversation."""

    gid: int
    name: str
    owner_username: str
    owner_appkey: NotRequired[
        Annotated[
            str, Meta(description="There for an owner of another app than one's own: its key.")
        ]
    ]


class ThreadReply(TypedDict):
    """A conversation as one of those in it sees it."""

    conversation_id: int
    target_type: Annotated[str, Meta(pattern="^(single|group)$")]
    target_id: Annotated[
        str,
        Meta(description="A username, or a gid in digits; empty if the other was deleted."),
    ]
    title: str
    group: NotRequired[GroupThreadReply]
    peer: NotRequired[SeenUserReply]
    last_message: MessageReply
    unread: Annotated[int, Meta(ge=0, le=100, description="100: so many or more.")]
    read_up_to: Annotated[int, Meta(description="The last message one has read; 0 for none.")]
    peers_read_up_to: Annotated[
        int,
        Meta(
            description="How far the furthest of the others has read, of whichever app; 0 for nothing."
        ),
    ]
    open: Annotated[bool, Meta(description="Whether one may read on.")]
    shielded: Annotated[bool, Meta(description="Whether one is told nothing that is said there.")]
    no_disturb: Annotated[
        bool,
        Meta(
            description="Whether nothing said there is pushed to one. The switch for everything is not in it."
        ),
    ]


class ThreadsReply(TypedDict):
    """One's conversations, the one last spoken in first."""

    conversations: list[ThreadReply]
    cursor: Annotated[str, Meta(description="To follow on from, without a gap.")]


class HistoryReply(TypedDict):
    """A stretch of a conversation, oldest first."""

    messages: list[MessageReply]
    has_more: Annotated[bool, Meta(description="Whether there is more before it.")]


class EnteredReply(TypedDict):
    """A chatroom that one is in now."""

    conversation_id: int
    room: ChatroomReply
    messages: Annotated[
        list[MessageReply], Meta(description="The latest 50, oldest first; events left out.")
    ]


class ReadIn(TypedDict):
    """How far one has read."""

    msg_id: MsgId


class FirstReportReply(TypedDict):
    """A page of a report of version 1."""

    total: Annotated[
        int, Meta(ge=0, le=101_000, description="Messages there are; 101,000: so many or more.")
    ]
    start: Start
    count: Count
    messages: list[MessageReply]


class ReportReply(TypedDict):
    """A page of a report."""

    total: Annotated[
        int,
        Meta(
            ge=0, description="Messages in all pages; with 50,000 or more ahead, so many or more."
        ),
    ]
    count: Annotated[int, Meta(ge=0, description="Messages in this page.")]
    messages: list[MessageReply]
    cursor: NotRequired[Annotated[str, Meta(description="There only if more follows.")]]


def sent_reply(sent: Appended) -> SentReply:
    """Render where a message stands."""
    return {"msg_id": sent.msg_id, "msg_ctime": wire_time.milliseconds(sent.sent_at)}


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
        "target_appkey": message.target_app_key or app.app_key,
        "from_type": message.from_type,
        "from_id": message.from_id,
        "from_name": message.from_name,
        "from_appkey": message.from_app_key or app.app_key,
        "msg_type": message.msg_type,
        "msg_body": body,
        "msg_level": 0 if message.origin_id is None else 1,
        "conversation_id": message.conversation_id,
    }
    if message.from_platform:
        reply["from_platform"] = message.from_platform
    if message.retracted_at is not None:
        reply["retracted"] = True
        reply["msg_body"] = {}
    if message.options:
        reply.update(message.options)
    return reply
