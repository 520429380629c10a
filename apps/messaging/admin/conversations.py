"""Conversations, and who may read which stretch of them: to read."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.accounts.models import User
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import AppFilter, ChoiceFilter, NumberFilter
from apps.core.adminkit.operations import change_url, link, list_url, page_action, row_link
from apps.core.adminkit.panels import SHOWN, Panel, panel
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.groups.models import Chatroom, Group
from apps.messaging.admin.bodies import badge_of_type, may_read
from apps.messaging.admin.compose import way_to_write
from apps.messaging.admin.messages import target_of
from apps.messaging.admin.reading import SIDE, read_conversation
from apps.messaging.admin.recipients import CHATROOM, GROUP, USER
from apps.messaging.models import Conversation, ConversationKind, Message, Participant


class KindFilter(ChoiceFilter):
    """Of two, of a group, or the notices of one."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Each of them."""
        return [(str(number), name) for number, name in ConversationKind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the kind."""
        kinds = {str(number) for number in ConversationKind.values}
        return queryset.filter(kind=self.value()) if self.value() in kinds else queryset


class GroupFilter(NumberFilter):
    """The conversation of a group."""

    title = _("group number")
    parameter_name = "group"
    lookup = "group"


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin, BigTableAdmin):
    """Conversations of the operator's apps."""

    list_display = ("number", "kind", "between", "app", "created_at", "messages_link")
    list_select_related = ("app", "group", "chatroom", "user_low", "user_high")
    list_filter = (AppFilter, KindFilter, GroupFilter)
    fields = ("number", "kind", "between", "app", "created_at", "messages_link")
    actions_detail = ("read",)

    def has_read_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may read what was said: a permission of its own."""
        return may_read(request)

    @page_action(
        description=_("Read what was said"),
        permission="read",
        icon="forum",
        variant=ActionVariant.PRIMARY,
    )
    def read(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        """Read it, for a reason."""
        return read_conversation(self, request, conversation)

    def title_of(self, row: Conversation) -> str:
        """Who speaks there."""
        return html.unescape(str(parties(row, str)))

    @admin.display(description=_("number"))
    def number(self, conversation: Conversation) -> str:
        """Its id."""
        return str(conversation.pk)

    @admin.display(description=_("between"))
    def between(self, conversation: Conversation) -> SafeString | str:
        """The group, or the two users."""
        return parties(conversation)

    @admin.display(description=_("messages"))
    def messages_link(self, conversation: Conversation) -> SafeString:
        """A link to the list of them."""
        return link(messages_url(conversation.pk), gettext("Show"))


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin, BigTableAdmin):
    """The participants of one conversation, or the conversations of one user."""

    app_path = "conversation__app"
    parents = {"conversation": Conversation, "user": User}
    list_display = (
        "user_link",
        "conversation_link",
        "starts_after",
        "ends_at",
        "read_up_to",
    )
    list_display_links = None
    list_select_related = (
        "user",
        "conversation__group",
        "conversation__chatroom",
        "conversation__user_low",
        "conversation__user_high",
    )
    fields = ("user", "conversation", "starts_after", "ends_at", "read_up_to")

    @admin.display(description=_("user"))
    def user_link(self, participant: Participant) -> SafeString:
        """Who it is."""
        return row_link(participant.user)

    @admin.display(description=_("conversation"))
    def conversation_link(self, participant: Participant) -> SafeString | str:
        """With whom."""
        return parties(participant.conversation)


def parties(
    conversation: Conversation, shown: Callable[[Any], SafeString | str] = row_link
) -> SafeString | str:
    """Who speaks there: the group, the chatroom, or who is left of the two; or whose notices they are."""
    if conversation.group is not None:
        return shown(conversation.group)
    if conversation.chatroom is not None:
        return shown(conversation.chatroom)
    there = [conversation.user_low, conversation.user_high]
    one, other = (shown(user) if user else gettext("(deleted)") for user in there)
    alone = conversation.user_low_id is not None and there[0] == there[1]
    if alone or conversation.kind == ConversationKind.NOTICES:
        return one
    return format_html("{} – {}", one, other)  # noqa: RUF001 a dash


def messages_url(conversation_id: int) -> str:
    """The list of what was said there."""
    return f"{list_url(Message)}?conversation={conversation_id}"


def _last_messages(conversation: Conversation, note: str = "") -> Panel:
    messages = conversation.messages.order_by("-pk")[:SHOWN]
    return Panel(
        title=_("Last messages"),
        headers=[_("sent at"), _("from"), _("type")],
        rows=[
            [
                link(change_url(message), formats.localize(timezone.localtime(message.sent_at))),
                message.from_id,
                badge_of_type(message),
            ]
            for message in messages
        ],
        empty=_("Nothing was said."),
        more=messages_url(conversation.pk),
        note=note,
    )


@panel(Conversation)
def messages_of_conversation(request: HttpRequest, conversation: Conversation) -> Panel | None:
    """What was said last: that it was, not what."""
    if not request.user.has_perm("messaging.view_message"):
        return None
    return _last_messages(conversation)


@panel(Group)
def messages_of_group(request: HttpRequest, group: Group) -> Panel | None:
    """What was said last in the group."""
    conversation = group.app.conversations.filter(group=group).first()
    if conversation is None or not request.user.has_perm("messaging.view_message"):
        return None
    standing = group.dissolved_at is None
    return _last_messages(conversation, way_to_write(request, GROUP, group) if standing else "")


@panel(Chatroom)
def messages_of_chatroom(request: HttpRequest, room: Chatroom) -> Panel | None:
    """What was said last in the chatroom."""
    conversation = room.app.conversations.filter(chatroom=room).first()
    if conversation is None or not request.user.has_perm("messaging.view_message"):
        return None
    standing = room.deleted_at is None
    return _last_messages(conversation, way_to_write(request, CHATROOM, room) if standing else "")


@panel(Conversation)
def participants_of_conversation(request: HttpRequest, conversation: Conversation) -> Panel | None:
    """Who may read it."""
    if not request.user.has_perm("messaging.view_participant"):
        return None
    participants = conversation.participants.select_related("user").order_by("-pk")[:SHOWN]
    return Panel(
        title=_("Participants"),
        headers=[
            _("user"),
            _("starts after message"),
            _("ends at message"),
            _("read up to message"),
        ],
        rows=[
            [row_link(found.user), found.starts_after, found.ends_at, found.read_up_to]
            for found in participants
        ],
        empty=_("Nobody."),
        more=f"{list_url(Participant)}?conversation={conversation.pk}",
    )


@panel(User, place=60)
def conversations_of_user(request: HttpRequest, user: User) -> Panel | None:
    """Where the user reads."""
    if not request.user.has_perm("messaging.view_participant"):
        return None
    there = user.participations.select_related(*ParticipantAdmin.list_select_related[1:])
    rows = []
    for found in there.order_by("-pk")[:SHOWN]:
        url = change_url(found.conversation, "read") + f"?{SIDE}={user.pk}"
        read = link(url, gettext("Read")) if may_read(request) else ""
        rows.append([parties(found.conversation), found.conversation.get_kind_display(), read])
    return Panel(
        title=_("Conversations"),
        headers=[_("between"), _("kind"), ""],
        rows=rows,
        empty=_("The user is in no conversation."),
        more=f"{list_url(Participant)}?user={user.pk}",
        note=way_to_write(request, USER, user),
    )


@panel(User, place=70)
def messages_of_user(request: HttpRequest, user: User) -> Panel | None:
    """What the user sent last: to whom and when, not what."""
    if not request.user.has_perm("messaging.view_message"):
        return None
    sent = user.app.messages.filter(from_id=user.username, sender=user).select_related(
        "conversation__group", "conversation__chatroom"
    )
    return Panel(
        title=_("Recent messages"),
        headers=[_("sent at"), _("to"), _("type")],
        rows=[
            [
                link(change_url(message), formats.localize(timezone.localtime(message.sent_at))),
                target_of(message),
                badge_of_type(message),
            ]
            for message in sent.order_by("-pk")[:SHOWN]
        ],
        empty=_("The user has sent nothing."),
        more=f"{list_url(Message)}?{urlencode({'app': user.app_id, SEARCH_VAR: user.username})}",
    )
