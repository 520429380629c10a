"""Who is in a chatroom: taken out, muted, heard again."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    link,
    list_url,
    page_action,
    row_link,
    ticked,
)
from apps.core.adminkit.panels import SHOWN, Panel
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.groups.models import Chatroom, ChatroomMember, ChatroomMemberQuerySet
from apps.groups.services.chatroom_members import remove_chatroom_members, set_chatroom_mute


@admin.register(ChatroomMember)
class ChatroomMemberAdmin(ReadOnlyAdmin, BigTableAdmin):
    """The members of one chatroom, which may be ten thousand. They are added on the room's page."""

    app_path = "chatroom__app"
    grants = ("view", "add", "change", "delete")
    parents = {"chatroom": Chatroom}
    list_display = ("user_link", "nickname", "voice", "joined_at")
    list_display_links = None
    list_select_related = ("user", "chatroom")
    list_per_page = 100
    fields = ("user", "chatroom", "voice", "joined_at")
    actions = ("remove_selected", "mute_selected", "unmute_selected")
    actions_detail = ("remove", "mute", "unmute")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each with whether they may speak."""
        members = cast("ChatroomMemberQuerySet", super().get_queryset(request))
        return members.in_list_order()

    def has_remove_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete members."""
        return bool(request.user.has_perm("groups.delete_chatroommember"))

    def has_mute_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change members."""
        return bool(request.user.has_perm("groups.change_chatroommember"))

    @admin.display(description=_("user"))
    def user_link(self, member: ChatroomMember) -> SafeString:
        """Who it is."""
        return row_link(member.user)

    @admin.display(description=_("nickname"))
    def nickname(self, member: ChatroomMember) -> str:
        """The user's."""
        return member.user.nickname

    @admin.display(description=_("speaks"))
    def voice(self, member: ChatroomMember) -> SafeString:
        """Whether they may speak."""
        return _voice(member)

    def senseless(self, row: ChatroomMember) -> set[str]:
        """Mute who speaks, hear who is muted; the owner stays."""
        senseless = {"mute"} if _is_muted(row) else {"unmute"}
        return senseless | ({"remove"} if row.chatroom.owner_id == row.user_id else set())

    @page_action(description=_("Remove"), permission="remove", icon="person_remove")
    def remove(self, request: HttpRequest, member: ChatroomMember) -> HttpResponse:
        """Take one member out."""
        return self._ask_remove(request, [member], {})

    @page_action(description=_("Silence"), permission="mute", icon="mic_off")
    def mute(self, request: HttpRequest, member: ChatroomMember) -> HttpResponse:
        """Let one member not speak."""
        return self._ask_mute(request, [member], {}, muted=True)

    @page_action(description=_("Let speak"), permission="mute", icon="mic")
    def unmute(self, request: HttpRequest, member: ChatroomMember) -> HttpResponse:
        """Let one member speak again."""
        return self._ask_mute(request, [member], {}, muted=False)

    @admin.action(description=_("Remove from the chatroom"), permissions=["remove"])
    def remove_selected(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse:
        """Take these members out."""
        chosen = _with_rooms(members)
        return self._ask_remove(request, chosen, ticked("remove_selected", chosen))

    @admin.action(description=_("Silence selected members"), permissions=["mute"])
    def mute_selected(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse:
        """Let these members not speak."""
        chosen = _with_rooms(members)
        return self._ask_mute(request, chosen, ticked("mute_selected", chosen), muted=True)

    @admin.action(description=_("Let selected members speak"), permissions=["mute"])
    def unmute_selected(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse:
        """Let these members speak again."""
        chosen = _with_rooms(members)
        return self._ask_mute(request, chosen, ticked("unmute_selected", chosen), muted=False)

    def _ask_remove(
        self, request: HttpRequest, members: list[ChatroomMember], hidden: dict[str, list[str]]
    ) -> HttpResponse:
        question = Question(
            title=_("Remove members"),
            text=_("They leave the chatroom. They may enter again."),
            button=_("Remove"),
            back=_back(members),
            danger=True,
            about=_named(members),
            hidden=hidden,
        )

        def perform(data: dict[str, Any]) -> str:
            with transaction.atomic():
                for room, theirs in _by_room(members):
                    names = [member.user.username for member in theirs]
                    remove_chatroom_members(app=room.app, room_id=room.pk, usernames=names)
                    self.noted(request, room, "chatroom members")
            return gettext("Removed.")

        return ask(self, request, question, perform)

    def _ask_mute(
        self,
        request: HttpRequest,
        members: list[ChatroomMember],
        hidden: dict[str, list[str]],
        *,
        muted: bool,
    ) -> HttpResponse:
        text = _("What they send to the chatroom is refused until they are let speak again.")
        question = Question(
            title=_("Silence members") if muted else _("Let members speak"),
            text=text if muted else _("They can send to the chatroom again."),
            button=_("Silence") if muted else _("Let speak"),
            back=_back(members),
            about=_named(members),
            hidden=hidden,
        )

        def perform(data: dict[str, Any]) -> str:
            with transaction.atomic():
                for room, theirs in _by_room(members):
                    for member in theirs:
                        set_chatroom_mute(
                            app=room.app,
                            room_id=room.pk,
                            username=member.user.username,
                            muted=muted,
                        )
                    self.noted(request, room, "mutes in chatrooms")
            return gettext("Silenced.") if muted else gettext("They may speak.")

        return ask(self, request, question, perform)


def _with_rooms(members: QuerySet[Any]) -> list[ChatroomMember]:
    return list(members.select_related("user", "chatroom__app"))


def _by_room(members: list[ChatroomMember]) -> list[tuple[Chatroom, list[ChatroomMember]]]:
    """The members of each room, the rooms and the users in the order of their ids: so are the locks."""
    rooms = {member.chatroom_id: member.chatroom for member in members}
    ordered = sorted(members, key=lambda member: member.user_id)
    return [
        (rooms[pk], [member for member in ordered if member.chatroom_id == pk])
        for pk in sorted(rooms)
    ]


def _back(members: list[ChatroomMember]) -> str:
    rooms = {member.chatroom for member in members}
    return change_url(rooms.pop()) if len(rooms) == 1 else list_url(Chatroom)


def _named(members: list[ChatroomMember]) -> list[str]:
    return [f"{member.user} – {member.chatroom}" for member in members]  # noqa: RUF001 a dash


def _is_muted(member: ChatroomMember) -> bool:
    return bool(getattr(member, "muted", False))


def _voice(member: ChatroomMember) -> SafeString:
    return badge(_("silenced"), "warning") if _is_muted(member) else badge(_("speaks"), "success")


def members_of_room(request: HttpRequest, room: Chatroom) -> Panel | None:
    """Who is in the room: as they came."""
    if not request.user.has_perm("groups.view_chatroommember") or room.deleted_at is not None:
        return None
    rows = []
    for member in room.members.in_list_order()[:SHOWN]:
        manage = link(change_url(member), gettext("Details"))
        who = row_link(member.user)
        rows.append([who, member.user.nickname, _voice(member), member.joined_at, manage])
    return Panel(
        title=_("Members"),
        headers=[_("user"), _("nickname"), _("speaks"), _("joined"), ""],
        rows=rows,
        empty=_("Nobody."),
        note=gettext("%(count)s of at most %(limit)d.")
        % {"count": room.member_count, "limit": room.max_members},
        more=f"{list_url(ChatroomMember)}?chatroom={room.pk}",
    )
