"""Chatrooms on the wire."""

from typing import Annotated, Any, NotRequired, TypedDict

from drf_spectacular.utils import extend_schema_field
from msgspec import Meta
from rest_framework import serializers

from apps.core.api import wire_time
from apps.core.api.cross import AppKeyIn
from apps.core.api.fields import ByteLengthField, UsernamesField
from apps.core.api.pagination import Count, Start, Total
from apps.core.models import App
from apps.groups.models import Chatroom, ChatroomMember

MEMBERS_AT_MOST = 3000
"""Members named in one call."""


@extend_schema_field(
    {"type": "array", "items": {"type": "string"}, "maxItems": MEMBERS_AT_MOST, "uniqueItems": True}
)
class MemberNamesField(UsernamesField):
    """As many user names as one call may name."""


class ChatroomChangesIn(serializers.Serializer[dict[str, Any]]):
    """What can be changed of a chatroom, each optional. A new owner must be in the room."""

    owner_username = ByteLengthField(max_bytes=128, required=False)
    name = ByteLengthField(min_bytes=1, max_bytes=64, single_line=True, required=False)
    description = ByteLengthField(max_bytes=250, required=False)


class ChatroomIn(ChatroomChangesIn):
    """A chatroom to create. At most 3000 members are named; the owner need not be among them."""

    owner_username = ByteLengthField(max_bytes=128)
    name = ByteLengthField(min_bytes=1, max_bytes=64, single_line=True)
    members_username = MemberNamesField(required=False)


class CrossRoomMembersIn(AppKeyIn):
    """Who of one app is to come and who to go, at least one of them."""

    add = MemberNamesField(required=False)
    remove = MemberNamesField(required=False)


RoomId = Annotated[int, Meta(description="The chatroom's number, of at least 8 digits.")]


class CreatedChatroomReply(TypedDict):
    """The chatroom just created."""

    chatroom_id: RoomId


class ChatroomReply(TypedDict):
    """A chatroom."""

    id: RoomId
    name: str
    description: str
    appkey: Annotated[str, Meta(description="The key of the room's app.")]
    owner_username: Annotated[str, Meta(description="Empty once the owner was deleted, alone.")]
    max_member_count: Annotated[int, Meta(description="Members it may have.")]
    total_member_count: Annotated[int, Meta(ge=0, description="Members it has.")]
    ctime: wire_time.WireTime


class ChatroomPageReply(TypedDict):
    """A page of chatrooms."""

    total: Total
    start: Start
    count: Count
    rooms: list[ChatroomReply]


class ChatroomsReply(TypedDict):
    """The chatrooms a user is in."""

    rooms: list[ChatroomReply]


class ChatroomMemberReply(TypedDict):
    """Somebody in a chatroom."""

    username: str
    appkey: NotRequired[
        Annotated[str, Meta(description="There for a user of another app than who asks: its key.")]
    ]
    flag: Annotated[int, Meta(ge=0, le=1, description="1 for who is muted there.")]
    room_ctime: Annotated[wire_time.WireTime, Meta(description="When they came in.")]
    mtime: wire_time.WireTime
    ctime: wire_time.WireTime


class ChatroomMemberPageReply(TypedDict):
    """A page of those in a chatroom."""

    total: Total
    start: Start
    count: Count
    users: list[ChatroomMemberReply]


def chatroom_reply(app: App, room: Chatroom) -> ChatroomReply:
    """Render a chatroom whose owner is loaded; of another app, that as well."""
    return {
        "id": room.pk,
        "name": room.name,
        "description": room.description,
        "appkey": app.app_key if room.app_id == app.pk else room.app.app_key,
        "owner_username": room.owner.username if room.owner else "",
        "max_member_count": room.max_members,
        "total_member_count": room.member_count,
        "ctime": wire_time.in_zone(app, room.created_at),
    }


def chatroom_member_reply(app: App, member: ChatroomMember) -> ChatroomMemberReply:
    """Render a member as `in_list_order` yields it."""
    reply: ChatroomMemberReply = {
        "username": member.user.username,
        "flag": int(getattr(member, "muted")),  # noqa: B009 annotated
        "room_ctime": wire_time.in_zone(app, member.joined_at),
        "mtime": wire_time.in_zone(app, member.user.updated_at),
        "ctime": wire_time.in_zone(app, member.user.created_at),
    }
    if member.user.app_id != app.pk:
        reply["appkey"] = member.user.app.app_key
    return reply
