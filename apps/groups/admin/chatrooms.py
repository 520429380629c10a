"""Chatrooms: opened, edited, closed; who is in them, and who may not speak there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.accounts.models import User
from apps.core.adminkit.audit_entries import audit_of
from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import AppFilter, is_number
from apps.core.adminkit.menu import menu_entry
from apps.core.adminkit.operations import Question, ask, change_url, page_action, row_link
from apps.core.adminkit.panels import SHOWN, Panel, panel
from apps.core.adminkit.scoped import AnyModelForm
from apps.groups.admin.chatroom_members import members_of_room
from apps.groups.admin.forms import (
    ChatroomForm,
    NewChatroomForm,
    NewMembersForm,
    NewOwnerForm,
)
from apps.groups.admin.groups import StandingFilter
from apps.groups.models import Chatroom
from apps.groups.services.chatroom_members import add_chatroom_members
from apps.groups.services.chatrooms import (
    NewChatroom,
    create_chatroom,
    delete_chatroom,
    update_chatroom,
)


class OpenFilter(StandingFilter):
    """Standing or deleted."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those in that state."""
        if self.value() not in ("standing", "dissolved"):
            return queryset
        return queryset.filter(deleted_at__isnull=self.value() == "standing")


@admin.register(Chatroom)
class ChatroomAdmin(BigTableAdmin):
    """Chatrooms of the operator's apps. A dissolved one is there to be read."""

    form = ChatroomForm
    grants = ("view", "add", "change", "delete")
    list_display = ("name", "room_id", "app", "owner", "member_count", "status", "created_at")
    list_select_related = ("app", "owner")
    list_filter = (AppFilter, OpenFilter)
    search_fields = ("name",)
    found_by = "name"
    search_help_text = _("How a name begins, or a chatroom's number")
    readonly_fields = (
        "room_id",
        "app",
        "owner",
        "max_members",
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
        (None, {"fields": ("room_id", "app", "status", "name", "description")}),
        (_("People"), {"fields": ("owner", "member_count", "max_members")}),
        (_("Record"), {"fields": ("created_at", "updated_at", "deleted_at")}),
    )
    actions_detail = ("add_members", "transfer", "dissolve")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing changes in a dissolved room."""
        if isinstance(obj, Chatroom) and obj.deleted_at is not None:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_dissolve_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete chatrooms."""
        return bool(request.user.has_perm("groups.delete_chatroom"))

    def has_add_members_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add members."""
        return bool(request.user.has_perm("groups.add_chatroommember"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Chatroom | None = None
    ) -> tuple[str, ...]:
        """Much is given once, or changes in ways of its own."""
        return self.readonly_fields if obj is not None else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[AnyModelForm]:
        """A new room has people."""
        if obj is None:
            kwargs["form"] = NewChatroomForm
        form: type[AnyModelForm] = super().get_form(request, obj, change=change, **kwargs)
        return form

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By the beginning of the name, a range of an index; or by number."""
        named = super().find(request, rows, term)
        return named | rows.filter(pk=int(term)) if is_number(term) else named

    @admin.display(description=_("number"))
    def room_id(self, room: Chatroom) -> str:
        """Its number."""
        return str(room.pk)

    @admin.display(description=_("status"))
    def status(self, room: Chatroom) -> SafeString:
        """Whether it stands."""
        if room.deleted_at is None:
            return badge(_("standing"), "success")
        return badge(_("dissolved"))

    def senseless(self, row: Chatroom) -> set[str]:
        """Nothing makes sense for a dissolved room."""
        return set() if row.deleted_at is None else set(self.actions_detail)

    def save_model(self, request: HttpRequest, obj: Chatroom, form: Any, change: bool) -> None:
        """Open the room, or change its description."""
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

    @page_action(
        description=_("Add members"),
        permission="add_members",
        icon="group_add",
        variant=ActionVariant.PRIMARY,
    )
    def add_members(self, request: HttpRequest, room: Chatroom) -> HttpResponse:
        """Let users in."""
        return self._ask(
            request,
            room,
            title=_("Add members"),
            text=_("All of them enter, or none. They read the latest messages and what follows."),
            button=_("Add"),
            form_class=NewMembersForm,
            perform=lambda data: add_chatroom_members(
                app=room.app, room_id=room.pk, usernames=data["usernames"]
            ),
            done=_("Added."),
        )

    @page_action(description=_("Transfer"), permission="change", icon="swap_horiz")
    def transfer(self, request: HttpRequest, room: Chatroom) -> HttpResponse:
        """Make another member the owner."""
        return self._ask(
            request,
            room,
            title=_("Transfer the chatroom"),
            text=_("Another member becomes the owner. The owner before stays a member."),
            button=_("Transfer"),
            form_class=NewOwnerForm,
            perform=lambda data: update_chatroom(
                app=room.app, room_id=room.pk, changes={}, owner_username=data["username"]
            ),
            done=_("The chatroom has a new owner."),
        )

    @page_action(description=_("Dissolve"), permission="dissolve", icon="group_off")
    def dissolve(self, request: HttpRequest, room: Chatroom) -> HttpResponse:
        """Close the room for good."""
        return self._ask(
            request,
            room,
            title=_("Dissolve the chatroom"),
            text=_("This can't be undone. Everyone leaves it; what was said is kept."),
            button=_("Dissolve"),
            perform=lambda _data: delete_chatroom(app=room.app, room_id=room.pk),
            done=_("The chatroom is dissolved."),
            danger=True,
        )

    def _ask(
        self, request: HttpRequest, room: Chatroom, *, perform: Any, done: Any, **more: Any
    ) -> HttpResponse:
        """Ask about one room, and go back to it."""
        more.setdefault("form_class", forms.Form)
        question = Question(back=change_url(room), about=[room], **more)

        def answer(data: dict[str, Any]) -> str:
            perform(data)
            return gettext(str(done))

        return ask(self, request, question, answer)


menu_entry(
    section="people",
    title=_("Chatrooms"),
    icon="meeting_room",
    view="admin:groups_chatroom_changelist",
    permission="groups.view_chatroom",
)
panel(Chatroom)(members_of_room)
panel(Chatroom, place=1000)(audit_of)


@panel(User)
def chatrooms_of_user(request: HttpRequest, user: User) -> Panel | None:
    """The rooms the user is in."""
    if not request.user.has_perm("groups.view_chatroom"):
        return None
    found = user.chatroom_memberships.select_related("chatroom").order_by("-pk")[:SHOWN]
    return Panel(
        title=_("Chatrooms"),
        headers=[_("chatroom"), _("since")],
        rows=[[row_link(member.chatroom), member.joined_at] for member in found],
        empty=_("The user is in no chatroom."),
    )
