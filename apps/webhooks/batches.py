"""What an endpoint is to be told next: read from the app's log, or from what was noted for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.conf import settings
from django.db.models import Q

from apps.core.api.dialects import dialect_of
from apps.core.models import App
from apps.messaging.api import dialects as dialects  # the names of each are there once this is
from apps.messaging.api.serializers import message_reply
from apps.messaging.models import EVENT, Message, MessageQuerySet
from apps.webhooks.models import Delivery, Endpoint, EndpointKind
from apps.webhooks.pushes import pushes_of

#: Messages looked at for one POST of push notifications: a few queries are made for each.
_PUSHED_AT_ONCE: Final = 20
#: In a report, rows are changed for the dialect under this name.
_AS_REPORTED: Final = "reports.app_messages"


@dataclass(frozen=True)
class Batch:
    """How many rows one POST has, and the stretch (after, up_to] of the log that has no others."""

    rows: int
    after: int
    up_to: int


def next_of_log(endpoint: Endpoint) -> Batch | None:
    """The messages after the endpoint's position; None if the log ends there. Two queries.

    A batch without rows tells that there is nothing for it up to that message.
    """
    last = endpoint.app.messages.filter(pk__gt=endpoint.position).order_by("-pk").values("pk")[:1]
    end = last[0]["pk"] if last else None
    if end is None:
        return None
    most = _PUSHED_AT_ONCE if endpoint.kind == EndpointKind.PUSH else settings.IM_WEBHOOK_BATCH
    wanted = _wanted(endpoint, endpoint.position, end).values_list("pk", flat=True)
    ids = list(wanted[:most])
    return Batch(len(ids), endpoint.position, ids[-1] if len(ids) == most else end)


def next_occurrences(endpoint: Endpoint) -> list[int]:
    """The ids of what was noted and not told yet, oldest first."""
    noted = endpoint.occurrences.filter(delivery__isnull=True).order_by("pk")
    return list(noted.values_list("pk", flat=True)[: settings.IM_WEBHOOK_BATCH])


def body_of(delivery: Delivery) -> bytes | None:
    """The JSON to post, as things are now: retracted messages are empty. None if nothing is left to tell."""
    endpoint = delivery.endpoint
    name, rows = _rows_of(endpoint, delivery)
    if not rows:
        return None
    return orjson.dumps({"total": len(rows), name: rows})


def empty_body(kind: str) -> bytes:
    """A POST that tells nothing, to try an endpoint."""
    return orjson.dumps({"total": 0, _NAMES[EndpointKind(kind)]: []})


_NAMES: Final = {
    EndpointKind.MESSAGES: "messages",
    EndpointKind.EVENTS: "events",
    EndpointKind.PUSH: "pushes",
}


def _rows_of(endpoint: Endpoint, delivery: Delivery) -> tuple[str, list[Any]]:
    name = _NAMES[EndpointKind(endpoint.kind)]
    if endpoint.kind == EndpointKind.EVENTS:
        return name, [noted.body for noted in delivery.occurrences.order_by("pk")]
    messages = list(_wanted(endpoint, delivery.after, delivery.up_to))
    if endpoint.kind == EndpointKind.PUSH:
        return name, pushes_of(endpoint.app, messages, _as_reported(endpoint.app, messages))
    return name, _as_reported(endpoint.app, messages)


def _wanted(endpoint: Endpoint, after: int, up_to: int) -> MessageQuerySet:
    """The rows of that stretch that the endpoint is to be told. What was imported is no news."""
    rows = endpoint.app.messages.news().filter(pk__gt=after, pk__lte=up_to).order_by("pk")
    if endpoint.kind == EndpointKind.MESSAGES and endpoint.group_events:
        return rows.filter(
            ~Q(msg_type=EVENT) | Q(target_type="group") | Q(body__event_type="retract_message")
        )
    return rows.said()


def _as_reported(app: App, messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The messages as a report of the app has them, in the app's dialect."""
    rows = [message_reply(app, message) for message in messages]
    page = dialect_of(app.api_version).difference(_AS_REPORTED).outbound({"messages": rows})
    reported: list[dict[str, Any]] = page["messages"]
    return reported
