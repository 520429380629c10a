"""Groups, chatrooms and their members."""

from apps.groups.models.chatroom import (
    Chatroom,
    ChatroomMember,
    ChatroomMemberQuerySet,
    ChatroomMute,
    ChatroomQuerySet,
)
from apps.groups.models.group import LARGEST_GID, Group, GroupKind, GroupQuerySet
from apps.groups.models.member import GroupMember, GroupMemberQuerySet, Role

__all__ = [
    "LARGEST_GID",
    "Chatroom",
    "ChatroomMember",
    "ChatroomMemberQuerySet",
    "ChatroomMute",
    "ChatroomQuerySet",
    "Group",
    "GroupKind",
    "GroupMember",
    "GroupMemberQuerySet",
    "GroupQuerySet",
    "Role",
]
