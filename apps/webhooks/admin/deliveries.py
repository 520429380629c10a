"""Deliveries: what became of each POST, and what it says."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.core.adminkit.badges import Colour, badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import ChoiceFilter
from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    list_url,
    page_action,
    row_link,
    ticked,
)
from apps.core.adminkit.panels import SHOWN, Panel, panel
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.core.services.audit import HIDDEN
from apps.messaging.admin.bodies import pretty
from apps.messaging.models import EVENT
from apps.webhooks.batches import body_of
from apps.webhooks.models import Delivery, DeliveryState, Endpoint, Problem
from apps.webhooks.services.deliveries import try_again

_COLOURS: dict[str, Colour] = {
    DeliveryState.PENDING: "info",
    DeliveryState.DELIVERED: "success",
    DeliveryState.PARKED: "danger",
    DeliveryState.AGAIN: "warning",
}
_PREVIEWED = 20  # rows of a body that are shown


class StateFilter(ChoiceFilter):
    """One state."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Each."""
        return list(DeliveryState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that stand so."""
        offered = dict(self.lookup_choices)
        return queryset.filter(state=self.value()) if self.value() in offered else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin, BigTableAdmin):
    """What one endpoint was told, reached from its page."""

    app_path = "endpoint__app"
    grants = ("view",)
    parents = {"endpoint": Endpoint}
    list_display = ("number", "how", "rows", "attempts", "status", "problem", "created_at")
    list_select_related = ("endpoint__app",)
    list_filter = (StateFilter,)
    fieldsets = (
        (None, {"fields": ("number", "endpoint_link", "how", "rows", "after", "up_to")}),
        (
            _("Tries"),
            {
                "fields": (
                    "attempts",
                    "attempted_at",
                    "status",
                    "milliseconds",
                    "problem",
                    "detail",
                    "created_at",
                )
            },
        ),
        (_("Body"), {"fields": ("body",)}),
    )
    actions = ("retry_selected",)
    actions_detail = ("retry",)

    def has_retry_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change the endpoint."""
        return bool(request.user.has_perm("webhooks.change_endpoint"))

    @admin.display(description=_("number"))
    def number(self, delivery: Delivery) -> str:
        """As the header X-IM-Delivery tells it."""
        return str(delivery.pk)

    @admin.display(description=_("webhook"))
    def endpoint_link(self, delivery: Delivery) -> SafeString:
        """Whom it is for."""
        return row_link(delivery.endpoint)

    @admin.display(description=_("state"))
    def how(self, delivery: Delivery) -> SafeString:
        """How it stands."""
        return _state(delivery)

    @admin.display(description=_("as it would be posted now"))
    def body(self, delivery: Delivery) -> SafeString | str:
        """Its first rows, without what was said: that is read in its conversation.

        What was told of users is not kept once it is told.
        """
        raw = body_of(delivery)
        if raw is None:
            return gettext("Nothing is left to tell.")
        body = orjson.loads(raw)
        shown = {
            name: [_veiled(row) for row in value[:_PREVIEWED]] if isinstance(value, list) else value
            for name, value in body.items()
        }
        return pretty(shown)

    def senseless(self, row: Delivery) -> set[str]:
        """What was not given up is not tried again by hand."""
        return set() if row.state == DeliveryState.PARKED else {"retry"}

    @page_action(
        description=_("Try again"),
        permission="retry",
        icon="replay",
        variant=ActionVariant.PRIMARY,
    )
    def retry(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        """Try one again."""
        return self._ask(request, [delivery], {})

    @admin.action(description=_("Try selected deliveries again"), permissions=["retry"])
    def retry_selected(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> HttpResponse:
        """Try these again."""
        chosen = list(deliveries.select_related("endpoint__app"))
        return self._ask(request, chosen, ticked("retry_selected", chosen))

    def _ask(
        self, request: HttpRequest, chosen: list[Delivery], hidden: dict[str, list[str]]
    ) -> HttpResponse:
        endpoints = {delivery.endpoint for delivery in chosen}
        question = Question(
            title=_("Try again"),
            text=_(
                "What was given up is posted once more, after what was told in the meantime. A paused "
                "webhook has to be resumed first."
            ),
            button=_("Try again"),
            back=change_url(endpoints.pop()) if len(endpoints) == 1 else list_url(Endpoint),
            about=chosen,
            hidden=hidden,
        )

        def perform(data: dict[str, Any]) -> str:
            count = sum(try_again(delivery=delivery) for delivery in chosen)
            text = ngettext(
                "%(count)d delivery is tried again.", "%(count)d deliveries are tried again.", count
            )
            return text % {"count": count}

        return ask(self, request, question, perform)


def _veiled(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a body, without the words of people."""
    if "msg" in row:
        return {**row, "msg": _veiled(row["msg"]), "notification": HIDDEN}
    hidden = {"notification"} if row.get("msg_type") == EVENT else {"msg_body", "notification"}
    return {name: HIDDEN if name in hidden else value for name, value in row.items()}


def _state(delivery: Delivery) -> SafeString:
    return badge(DeliveryState(delivery.state).label, _COLOURS[delivery.state])


def said_of(problem: str, detail: str) -> str:
    """What went wrong, in the operator's language, with what the other end said."""
    if not problem:
        return ""
    text = str(Problem(problem).label)
    return f"{text}: {detail}" if detail and problem != Problem.FORBIDDEN else text


@panel(Endpoint)
def deliveries_of_endpoint(request: HttpRequest, endpoint: Endpoint) -> Panel | None:
    """What it was told last."""
    if not request.user.has_perm("webhooks.view_delivery"):
        return None
    deliveries = endpoint.deliveries.order_by("-pk")[:SHOWN]
    return Panel(
        title=_("Deliveries"),
        headers=[
            _("number"),
            _("state"),
            _("rows"),
            _("tries"),
            _("what went wrong"),
            _("last try at"),
        ],
        rows=[
            [
                row_link(each),
                _state(each),
                each.rows,
                each.attempts,
                said_of(each.problem, each.detail),
                each.attempted_at,
            ]
            for each in deliveries
        ],
        empty=_("Nothing was told yet."),
        more=f"{list_url(Delivery)}?endpoint={endpoint.pk}",
    )
