"""What the home page tells of messages."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.home import Card, home_card
from apps.core.adminkit.numbers import number_of
from apps.core.adminkit.operations import list_url
from apps.core.adminkit.scope import query_of
from apps.core.models import App
from apps.messaging.models import Message

_COUNTED = 20_000  # messages of one minute
_MINUTE = timedelta(minutes=1)


@home_card(place=40)
def messages_a_minute(request: HttpRequest, apps: list[App]) -> Card | None:
    """How many were sent within the last minute."""
    if not request.user.has_perm("messaging.view_message"):
        return None
    now = timezone.now()
    recent = Message.objects.filter(app__in=apps).said().sent_within(now - _MINUTE, now)
    return Card(
        title=_("Messages a minute"),
        value=number_of(recent, counted=_COUNTED),
        url=list_url(Message) + query_of(request),
        icon="chat",
    )
