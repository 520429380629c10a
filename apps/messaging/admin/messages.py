"""Messages: the log, to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.enums import ActionVariant

from apps.core.adminkit.big_tables import BigTableAdmin, Reading
from apps.core.adminkit.filters import (
    AppFilter,
    ChoiceFilter,
    DaysFilter,
    NumberFilter,
    chosen_apps,
    is_number,
)
from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    list_url,
    page_action,
    ticked,
)
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.messaging.admin.bodies import TYPES, badge_of_type, may_read, pretty
from apps.messaging.admin.exporting import COLUMNS, WITH_BODIES
from apps.messaging.admin.reading import read_conversation
from apps.messaging.models import EVENT, Conversation, Message, MessageType
from apps.messaging.services.retract import withdraw_message

_SENDERS = {"user": _("user"), "admin": _("API admin"), "console": _("operator")}
_TARGETS = {"single": _("single"), "group": _("group"), "chatroom": _("chatroom")}


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

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the days. In the order of their numbers, days are a range of numbers, too: of one log."""
        found = super().queryset(request, queryset)
        apps = chosen_apps(request)
        conversation = request.GET.get(ConversationFilter.parameter_name, "")
        if is_number(conversation):
            of_it = Conversation.objects.filter(pk=int(conversation))  # tenant-free: filtered below
            apps = [app for app in apps if app.pk in of_it.values_list("app", flat=True)]
        if found.query.is_empty() or not in_order_of_numbers(request) or len(apps) != 1:
            return found
        start, end = self.bounds()
        if start is not None:
            found = found.filter(pk__gt=apps[0].messages.last_number_before(start))
        after = None if end is None else apps[0].messages.first_number_from(end)
        return found if after is None else found.filter(pk__lt=after)


def in_order_of_numbers(request: HttpRequest) -> bool:
    """Whether the list is read in the order of the messages' numbers, whatever days it is about."""
    return any(map(request.GET.get, (ConversationFilter.parameter_name, SEARCH_VAR)))


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin, BigTableAdmin):
    """What was said in the operator's apps; the events of groups where one asks for them."""

    grants = ("view", "read", "retract")
    list_display = ("msg_id", "sent_at", "app", "type", "sender_name", "target")
    list_select_related = ("app", "conversation__group", "conversation__chatroom")
    list_filter = (AppFilter, TypeFilter, SentFilter, ConversationFilter)
    by_days = SentFilter
    search_fields = ("from_id",)
    search_help_text = _("Username of the sender, or a message's number")
    fieldsets = (
        (None, {"fields": ("msg_id", "sent_at", "app", "conversation", "type")}),
        (
            _("Sender and target"),
            {"fields": ("sender_name", "sender_kind", "target", "target_kind")},
        ),
        (
            _("Record"),
            {"fields": ("retracted_at", "told_time", "options_as_json", "idempotency_key")},
        ),
    )

    actions = ("retract_selected",)
    actions_detail = ("read", "retract")

    def has_read_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may read what was said."""
        return may_read(request)

    @page_action(description=_("Read what was said"), permission="read", icon="forum")
    def read(self, request: HttpRequest, message: Message) -> HttpResponse:
        """Its place in the conversation, where one says why."""
        return read_conversation(self, request, message.conversation, around=message.pk)

    def has_retract_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may take messages back."""
        return bool(request.user.has_perm("messaging.retract_message"))

    def senseless(self, row: Message) -> set[str]:
        """What is retracted can't be again; events can't be."""
        return {"retract"} if row.retracted_at is not None or row.msg_type == EVENT else set()

    @page_action(
        description=_("Retract"), permission="retract", icon="undo", variant=ActionVariant.DANGER
    )
    def retract(self, request: HttpRequest, message: Message) -> HttpResponse:
        """Take one message back."""
        return self._ask_retract(request, [message], back=change_url(message))

    @admin.action(description=_("Retract selected messages"), permissions=["retract"])
    def retract_selected(self, request: HttpRequest, messages: QuerySet[Any]) -> HttpResponse:
        """Take these messages back."""
        chosen = list(messages.select_related("app"))
        return self._ask_retract(
            request, chosen, back=list_url(Message), hidden=ticked("retract_selected", chosen)
        )

    def _ask_retract(
        self, request: HttpRequest, found: list[Message], *, back: str, hidden: Any = None
    ) -> HttpResponse:
        question = Question(
            title=_("Retract messages"),
            text=_(
                "What they say is hidden from everyone who reads from now on, and devices that have "
                "shown it are told to hide it. This can't be undone. It can be done however old they are."
            ),
            button=_("Retract"),
            back=back,
            danger=True,
            about=found,
            named=lambda each: f"{each}: {self.sender_name(each)} → {target_of(each)}",
            hidden=hidden or {},
        )

        def perform(data: dict[str, Any]) -> str:
            with transaction.atomic():
                for message in sorted(found, key=lambda message: (message.app_id, message.pk)):
                    withdraw_message(app=message.app, msg_id=message.pk)
            for message in found:
                self.noted(request, message, "retracted at")
            count = len(found)
            text = ngettext("%(count)d message retracted.", "%(count)d messages retracted.", count)
            return text % {"count": count}

        return ask(self, request, question, perform)

    def reading(self, request: HttpRequest) -> Reading:
        """By number, in the conversation, of the sender or in the apps; by time where only days are given."""
        if request.GET.get(ConversationFilter.parameter_name):
            return Reading()
        if request.GET.get(SEARCH_VAR):
            return Reading(by_app=True)
        return super().reading(request)

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By number, or by the sender's name at the time, exactly: those of deleted users, too."""
        if is_number(term) and rows.filter(pk=int(term)).exists():
            return rows.filter(pk=int(term))
        return rows.filter(from_id=term)

    def exported(self, request: HttpRequest) -> Mapping[str, Callable[[Message], Any]]:
        """With what was said, for whoever may read it; they say why."""
        return WITH_BODIES if may_read(request) else COLUMNS

    def needs_reason(self, request: HttpRequest, name: str) -> bool:
        """Where bodies are exported."""
        return may_read(request)

    @admin.display(description=_("number"))
    def msg_id(self, message: Message) -> str:
        """Its msg_id."""
        return str(message.pk)

    @admin.display(description=_("type"))
    def type(self, message: Message) -> SafeString:
        """What it is."""
        return badge_of_type(message)

    @admin.display(description=_("from"))
    def sender_name(self, message: Message) -> str:
        """Who sent it, under the names of then."""
        return _named(message.from_id, message.from_name)

    @admin.display(description=_("to"))
    def target(self, message: Message) -> str:
        """Whom it was sent to: a group or a chatroom by its name, a user under the names of then."""
        return target_of(message)

    @admin.display(description=_("sender's type"))
    def sender_kind(self, message: Message) -> str:
        """In words, as far as it is one of ours."""
        return str(_SENDERS.get(message.from_type, message.from_type))

    @admin.display(description=_("target's type"))
    def target_kind(self, message: Message) -> str:
        """Likewise."""
        return str(_TARGETS.get(message.target_type, message.target_type))

    @admin.display(description=_("time told by the client"))
    def told_time(self, message: Message) -> str:
        """As it was told."""
        return "" if message.create_time is None else str(message.create_time)

    @admin.display(description=_("delivery options"))
    def options_as_json(self, message: Message) -> SafeString | str:
        """As they were sent, but for the words of a notification: those are read in the conversation."""
        options = message.options
        if isinstance(options, dict):
            options = {name: value for name, value in options.items() if name != "notification"}
        return pretty(options or None)


def target_of(message: Message) -> str:
    """The group or the chatroom that it was sent to; or the user, under the names of then."""
    meeting = message.conversation.group or message.conversation.chatroom
    return _named(message.target_id, message.target_name) if meeting is None else str(meeting)


def _named(name: str, nickname: str) -> str:
    return f"{name} ({nickname})" if nickname else name
