"""The admin of groups and their members."""

from __future__ import annotations

from apps.groups.admin import home as home
from apps.groups.admin.chatroom_members import ChatroomMemberAdmin
from apps.groups.admin.chatrooms import ChatroomAdmin
from apps.groups.admin.groups import GroupAdmin
from apps.groups.admin.members import GroupMemberAdmin

__all__ = ["ChatroomAdmin", "ChatroomMemberAdmin", "GroupAdmin", "GroupMemberAdmin"]
