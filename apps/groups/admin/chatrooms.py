"""Chatrooms: opened, edited, handed on, dissolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.audit_entries import audit_of
from apps.core.adminkit.filters import AppFilter
from apps.core.adminkit.menu import menu_entry
from apps.core.adminkit.numbers import Number
from apps.core.adminkit.panels import panel
from apps.groups.admin.forms import ChatroomForm, NewChatroomForm
from apps.groups.admin.gathering_admin import GatheringAdmin, StandingFilter
from apps.groups.admin.gatherings import CHATROOMS
from apps.groups.models import Chatroom
from apps.groups.services.chatrooms import NewChatroom, create_chatroom, update_chatroom

EXPORTED: Mapping[str, Callable[[Chatroom], Any]] = {
    "id": lambda room: room.pk,
    "name": lambda room: room.name,
    "description": lambda room: room.description,
    "owner_username": lambda room: room.owner.username if room.owner else "",
    "max_member_count": lambda room: room.max_members,
    "total_member_count": lambda room: room.member_count,
    "ctime": lambda room: room.created_at,
}


@admin.register(Chatroom)
class ChatroomAdmin(GatheringAdmin):
    """Chatrooms of the operator's apps."""

    gathering = CHATROOMS
    form = ChatroomForm
    add_form = NewChatroomForm
    list_display = ("name", "number", "app", "owner", "member_count", "status", "created_at")
    list_filter = (AppFilter, StandingFilter)
    search_help_text = _("How a name begins, or a chatroom's number")
    readonly_fields = (
        "number",
        "app",
        "owner",
        "member_count",
        "status",
        "created_at",
        "updated_at",
        "deleted_at",
    )
    add_fieldsets = (
        (None, {"fields": ("app", "name", "description")}),
        (_("People"), {"fields": ("owner_username", "members_username")}),
    )
    fieldsets = (
        (None, {"fields": ("number", "app", "status", "name", "description")}),
        (_("People"), {"fields": ("owner", "member_count", "max_members")}),
        (_("Record"), {"fields": ("created_at", "updated_at", "deleted_at")}),
    )

    def size(self, row: Chatroom) -> Number:
        """It is counted as they come and go."""
        return Number(row.member_count, exact=True)

    def exported(self, request: HttpRequest) -> Mapping[str, Callable[[Chatroom], Any]]:
        """As the API names it."""
        return EXPORTED

    def save_model(self, request: HttpRequest, obj: Chatroom, form: Any, change: bool) -> None:
        """Open the room, or change it."""
        if change:
            update_chatroom(app=obj.app, room_id=obj.pk, changes=form.changes)
            return
        new = NewChatroom(
            owner_username=form.cleaned_data["owner_username"],
            name=obj.name,
            description=obj.description,
            members_username=form.cleaned_data["members_username"],
        )
        vars(obj).update(vars(create_chatroom(app=obj.app, new=new)))


menu_entry(
    section="people",
    title=_("Chatrooms"),
    icon="meeting_room",
    view="admin:groups_chatroom_changelist",
    permission="groups.view_chatroom",
)
panel(Chatroom, place=1000)(audit_of)
