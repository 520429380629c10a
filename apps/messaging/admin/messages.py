"""Messages: the log, to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin, Reading
from apps.core.adminkit.filters import AppFilter, ChoiceFilter, DaysFilter, NumberFilter, is_number
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.messaging.admin.bodies import TYPES, gist, may_read, pretty
from apps.messaging.models import EVENT, Message, MessageType


class ConversationFilter(NumberFilter):
    """What was said in one conversation."""

    title = _("conversation number")
    parameter_name = "conversation"
    lookup = "conversation"


class TypeFilter(ChoiceFilter):
    """One type of message, or the events."""

    title = _("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Each. Events are shown in their conversation alone: elsewhere no index finds them."""
        if request.GET.get(ConversationFilter.parameter_name):
            return list(TYPES.items())
        return list(MessageType.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the type."""
        if not request.GET.get(ConversationFilter.parameter_name):
            queryset = queryset.exclude(msg_type=EVENT)
        offered = dict(self.lookup_choices)
        return queryset.filter(msg_type=self.value()) if self.value() in offered else queryset


class SentFilter(DaysFilter):
    """Sent from a day to a day."""

    title = _("day of sending")
    field = "sent_at"


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin, BigTableAdmin):
    """What was said in the operator's apps; the events of groups where one asks for them."""

    grants = ("view", "read")
    list_display = ("msg_id", "sent_at", "app", "type", "sender_name", "target", "says")
    list_select_related = ("app",)
    list_filter = (AppFilter, TypeFilter, SentFilter, ConversationFilter)
    search_fields = ("from_id",)
    search_help_text = _("Username of the sender, or a message's number")
    fieldsets = (
        (None, {"fields": ("msg_id", "sent_at", "app", "conversation", "type")}),
        (_("Sender and target"), {"fields": ("sender_name", "from_type", "target", "target_type")}),
        (_("Content"), {"fields": ("body_as_json",)}),
        (
            _("Record"),
            {"fields": ("retracted_at", "told_time", "options_as_json", "idempotency_key")},
        ),
    )

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Without what was said, for whoever may not read it."""
        columns = super().get_list_display(request)
        return [column for column in columns if column != "says" or may_read(request)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Likewise."""
        shown = super().get_fieldsets(request, obj)
        return [
            each for each in shown if each[1]["fields"] != ("body_as_json",) or may_read(request)
        ]

    def reading(self, request: HttpRequest) -> Reading:
        """By number, in the conversation or the apps; by time where days are given.

        A sender is looked for in all apps at once: there is no index for it, so one pass is the least.
        """
        if request.GET.get(ConversationFilter.parameter_name) or request.GET.get(SEARCH_VAR):
            return Reading()
        if any(map(request.GET.get, SentFilter.parameters())):
            return Reading(("sent_at", "pk"), by_app=True)
        return Reading(by_app=True)

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By the sender's name at the time, exactly: those of deleted users, too. Or by number."""
        if is_number(term):
            return rows.filter(Q(from_id=term) | Q(pk=int(term)))
        return rows.filter(from_id=term)

    @admin.display(description=_("number"))
    def msg_id(self, message: Message) -> str:
        """Its msg_id."""
        return str(message.pk)

    @admin.display(description=_("type"))
    def type(self, message: Message) -> SafeString:
        """What it is."""
        if message.retracted_at is not None:
            return badge(_("retracted"), "warning")
        name = TYPES.get(message.msg_type, message.msg_type)
        return badge(name, "default" if message.msg_type == EVENT else "info")

    @admin.display(description=_("from"))
    def sender_name(self, message: Message) -> str:
        """Who sent it, under the names of then."""
        return _named(message.from_id, message.from_name)

    @admin.display(description=_("to"))
    def target(self, message: Message) -> str:
        """Whom it was sent to, under the names of then."""
        return _named(message.target_id, message.target_name)

    @admin.display(description=_("content"))
    def says(self, message: Message) -> str:
        """A line of it."""
        return gist(message)

    @admin.display(description=_("body"))
    def body_as_json(self, message: Message) -> SafeString | str:
        """All of it."""
        return pretty(message.body)

    @admin.display(description=_("time told by the client"))
    def told_time(self, message: Message) -> str:
        """As it was told."""
        return "" if message.create_time is None else str(message.create_time)

    @admin.display(description=_("delivery options"))
    def options_as_json(self, message: Message) -> SafeString | str:
        """As they were sent."""
        return pretty(message.options)


def _named(name: str, nickname: str) -> str:
    return f"{name} ({nickname})" if nickname else name
