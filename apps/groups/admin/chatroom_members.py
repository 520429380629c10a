"""Members of chatrooms."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.operations import row_link
from apps.core.adminkit.panels import panel
from apps.groups.admin.gathering_member_admin import GatheringMemberAdmin, wholes_of
from apps.groups.admin.gatherings import CHATROOMS
from apps.groups.models import Chatroom, ChatroomMember, ChatroomMemberQuerySet


@admin.register(ChatroomMember)
class ChatroomMemberAdmin(GatheringMemberAdmin):
    """The members of one chatroom, which may be ten thousand, or the chatrooms of one user."""

    gathering = CHATROOMS
    silenced = "muted"
    wholes = wholes_of(CHATROOMS)
    exported_number = "room_id"
    app_path = "chatroom__app"
    parents = {"chatroom": Chatroom, "user": User}
    list_display = (
        "user_link", "app_name", "nickname", "chatroom_link", "role_badge", "voice", "joined_at",
        "details",
    )  # fmt: skip
    list_select_related = ("user__app", "chatroom__app")
    fields = ("user", "app_name", "chatroom", "role_badge", "voice", "joined_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each with whether they may speak."""
        members = cast("ChatroomMemberQuerySet", super().get_queryset(request))
        return members.with_mutes()

    @admin.display(description=_("chatroom"))
    def chatroom_link(self, member: ChatroomMember) -> SafeString:
        """Where."""
        return row_link(member.chatroom)


_admin: ChatroomMemberAdmin = admin.site.get_model_admin(ChatroomMember)  # type: ignore[assignment]  # ours
panel(Chatroom)(_admin.panel_of_place)
panel(User, place=50)(_admin.panel_of_user)
