"""Whom to notify of a message by a push service, because nobody is there to see it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.models import ClientSession, Connection, User
from apps.core.models import App
from apps.messaging.models import Message
from apps.messaging.recipients import recipients_to_notify

#: Recipients named along with a message; where there are more, the message is repeated.
_TOGETHER: Final = 500


def pushes_of(
    app: App, messages: Sequence[Message], reported: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """For each message, as reported, whom to notify of it on which devices; those with nobody are left out.

    Who is connected at this moment is told already. Two queries for each message.
    """
    return [
        {"msg": row, "notification": row.get("notification", {}), "recipients": recipients}
        for message, row in zip(messages, reported, strict=True)
        for recipients in _recipients(message)
    ]


def _recipients(message: Message) -> Iterator[list[dict[str, Any]]]:
    connected = Connection.objects.filter(  # tenant-free: those of the users to notify
        gateway__beat_at__gt=Now() - timedelta(seconds=settings.IM_PRESENCE_SECONDS),
        session__user=OuterRef("pk"),
    )
    to_notify = recipients_to_notify(message).filter(~Exists(connected))
    absent = list(to_notify.only("pk", "username"))
    for place in range(0, len(absent), _TOGETHER):
        users = absent[place : place + _TOGETHER]
        devices = _devices_of(users)
        yield [{"username": user.username, "devices": devices.get(user.pk, [])} for user in users]


def _devices_of(users: Sequence[User]) -> dict[int, list[dict[str, str]]]:
    """Where each of them has logged in, by their id; the latest last."""
    sessions = ClientSession.objects.filter(user__in=users)  # tenant-free: of the users given
    found: dict[int, list[dict[str, str]]] = {}
    for session in sessions.live(timezone.now()).order_by("pk"):
        device = {"platform": session.platform, "device_id": session.device_id}
        found.setdefault(session.user_id, []).append(device)
    return found
