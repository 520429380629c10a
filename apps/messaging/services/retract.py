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
from apps.messaging.logs import EventCopy, append_event_copies
from apps.messaging.models import Message
from apps.messaging.signals import MessageRetracted, message_retracted


@transaction.atomic
def retract_message(*, app: App, sender: User, msg_id: int, asked_by_app: bool = False) -> None:
    """Hide the body from everyone who reads it from now on, and tell those who have read it by an event.

    One that stands in the logs of several apps is retracted in all of them.

    Raises NO_SUCH_MESSAGE for one that there is not, or that the user can't see unless it is the app that
    asks; NOT_THE_SENDER, ALREADY_RETRACTED, and RETRACT_TOO_LATE after `settings.IM_RETRACT_SECONDS`.
    """
    message = _held(app, msg_id)
    if message.sender_id != sender.pk:
        # Whether there is a message that one cannot see is nobody's business.
        seen = asked_by_app or app.messages.visible_to(sender).filter(pk=message.pk).exists()
        raise ImError(NOT_THE_SENDER if seen else NO_SUCH_MESSAGE)
    if message.retracted_at is not None:
        raise ImError(ALREADY_RETRACTED)
    if timezone.now() - message.sent_at > timedelta(seconds=settings.IM_RETRACT_SECONDS):
        raise ImError(RETRACT_TOO_LATE)
    _hide(message)


@transaction.atomic
def withdraw_message(*, app: App, msg_id: int) -> None:
    """The same on behalf of those who run the app: whoever sent it, and however long ago.

    Raises NO_SUCH_MESSAGE, ALREADY_RETRACTED.
    """
    message = _held(app, msg_id)
    if message.retracted_at is not None:
        raise ImError(ALREADY_RETRACTED)
    _hide(message)


def _held(app: App, msg_id: int) -> Message:
    message = app.messages.said().select_for_update().filter(pk=msg_id).first()
    if message is None:
        raise ImError(NO_SUCH_MESSAGE)
    return message


def _hide(message: Message) -> None:
    copies = [message]
    if message.origin_id is not None:
        same = Message.objects.copies_of(message.origin_id)  # tenant-free: in each log it stands in
        copies = list(same.select_for_update())
    pks = [copy.pk for copy in copies]
    Message.objects.filter(pk__in=pks).update(retracted_at=timezone.now())  # tenant-free: likewise
    append_event_copies([EventCopy(copy.app_id, 0, _event(copy)) for copy in copies])
    for copy in copies:
        event = MessageRetracted(copy.app_id, copy.pk)
        message_retracted.send(sender=Message, event=event)


def _event(message: Message) -> Event:
    return Event(
        conversation_id=message.conversation_id,
        target_type=TARGET_TYPES[message.target_type],
        target_id=message.target_id,
        target_app_key=message.target_app_key,
        event_type="retract_message",
        from_username=message.from_id,
        from_app_key=message.from_app_key,
        msg_id=message.pk,
    )
