"""Retracting: the sender takes a message back."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import (
    ALREADY_RETRACTED,
    NO_SUCH_MESSAGE,
    NOT_THE_SENDER,
    RETRACT_TOO_LATE,
    ImError,
)
from apps.core.models import App
from apps.messaging.drafts import TARGET_TYPES, Event
from apps.messaging.log import append_events
from apps.messaging.models import EVENT, Message
from apps.messaging.signals import MessageRetracted, message_retracted


@transaction.atomic
def retract_message(*, app: App, sender: User, msg_id: int) -> None:
    """Hide the body from everyone who reads it from now on, and tell those who have read it by an event.

    Raises NO_SUCH_MESSAGE for one that the user can't see, NOT_THE_SENDER, ALREADY_RETRACTED, and
    RETRACT_TOO_LATE after `settings.IM_RETRACT_SECONDS`.
    """
    message = app.messages.exclude(msg_type=EVENT).select_for_update().filter(pk=msg_id).first()
    if message is None:
        raise ImError(NO_SUCH_MESSAGE)
    if message.sender_id != sender.pk:
        # Whether there is a message that one cannot see is nobody's business.
        seen = app.messages.visible_to(sender).filter(pk=message.pk).exists()
        raise ImError(NOT_THE_SENDER if seen else NO_SUCH_MESSAGE)
    if message.retracted_at is not None:
        raise ImError(ALREADY_RETRACTED)
    now = timezone.now()
    if now - message.sent_at > timedelta(seconds=settings.IM_RETRACT_SECONDS):
        raise ImError(RETRACT_TOO_LATE)
    app.messages.filter(pk=message.pk).update(retracted_at=now)
    event = Event(
        conversation_id=message.conversation_id,
        target_type=TARGET_TYPES[message.target_type],
        target_id=message.target_id,
        event_type="retract_message",
        from_username=sender.username,
        msg_id=message.pk,
    )
    append_events(app=app, events=[event])
    message_retracted.send(sender=Message, event=MessageRetracted(app.pk, message.pk))
