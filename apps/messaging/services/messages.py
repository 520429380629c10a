"""Sending."""

from contextlib import nullcontext

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import (
    BUSY,
    FORBIDDEN_SENDER,
    KEY_REUSED,
    MESSAGE_TOO_LONG,
    SENDER_BLOCKED,
    SENDER_MUTED,
    SENDER_NOT_IN_CHATROOM,
    SENDER_NOT_IN_GROUP,
    SENDER_SILENCED,
    ImError,
)
from apps.core.models import App
from apps.messaging import filters, log
from apps.messaging.drafts import IN_OWN_NAME, Draft, body_bytes
from apps.messaging.log import Appended
from apps.messaging.models import Message
from apps.messaging.signals import MessageSent, message_sent

_TRIES = 3


def send_message(*, app: App, draft: Draft) -> Appended:
    """Append the message to the app's log and announce it.

    The filters run first, so what is stored is what is delivered. Stored and committed when this returns,
    unless it was called in a transaction. A draft with an idempotency key that its sender has used for the
    same message is answered with that message, and not stored again.

    Raises NO_SUCH_USER for an unknown sender or recipient, NO_SUCH_GROUP, NO_SUCH_CHATROOM, FORBIDDEN_SENDER
    for a disabled sender or an "admin" who is none, SENDER_BLOCKED, SENDER_NOT_IN_GROUP, SENDER_SILENCED,
    SENDER_NOT_IN_CHATROOM, SENDER_MUTED, MESSAGE_TOO_LONG, KEY_REUSED; a filter may raise any ImError.
    """
    digest = draft.digest  # as sent: a filter may change its mind between two tries of one message
    draft = filters.apply(app, draft)
    if body_bytes(draft.body) > settings.IM_MESSAGE_BODY_MAX_BYTES:
        raise ImError(MESSAGE_TOO_LONG)
    # Without a receiver to veto it, the send is one statement, which commits by itself.
    with transaction.atomic() if message_sent.has_listeners(Message) else nullcontext():
        for _ in range(_TRIES):
            stored = log.append(app=app, draft=draft, digest=digest)
            if stored is not None:
                event = MessageSent(app.pk, stored.msg_id)
                message_sent.send(sender=Message, event=event)
                return stored
            earlier = _earlier_or_refusal(app, draft, digest)
            if earlier is not None:
                return earlier
    # What stood in the way was gone each time that we looked: a sender enabled that moment, say.
    raise ImError(BUSY)


def _earlier_or_refusal(app: App, draft: Draft, digest: bytes) -> Appended | None:
    """Why nothing was stored: the same message sent before, or an ImError. None if it may go now."""
    sender = app.users.by_username(draft.from_id)
    if sender.disabled_at is not None or (draft.from_type == "admin" and not sender.is_admin):
        raise ImError(FORBIDDEN_SENDER)
    earlier = _same_key(app, draft, digest, sender)
    if earlier is not None:
        return earlier
    _refuse(app, draft, sender)
    return None


def _refuse(app: App, draft: Draft, sender: User) -> None:
    """Raise what stands between the sender and the target, if anything does."""
    if draft.target_type == "group":
        group = app.groups.by_gid(int(draft.target_id))
        member = group.members.filter(user=sender).first()
        if member is None and draft.from_type == "user":
            raise ImError(SENDER_NOT_IN_GROUP)
        if member is not None and member.silenced and draft.from_type in IN_OWN_NAME:
            raise ImError(SENDER_SILENCED)
    elif draft.target_type == "chatroom":
        room = app.chatrooms.by_room_id(int(draft.target_id))
        if draft.from_type == "user" and not room.members.filter(user=sender).exists():
            raise ImError(SENDER_NOT_IN_CHATROOM)
        if draft.from_type == "user" and room.mutes.filter(user=sender).exists():
            raise ImError(SENDER_MUTED)
    else:
        target = app.users.by_username(draft.target_id)
        if target.blocks.filter(blocked=sender).exists():
            raise ImError(SENDER_BLOCKED)


def _same_key(app: App, draft: Draft, digest: bytes, sender: User) -> Appended | None:
    if draft.idempotency_key is None:
        return None
    earlier = app.messages.filter(sender=sender, idempotency_key=draft.idempotency_key).first()
    if earlier is None:
        return None
    if bytes(earlier.idempotency_hash or b"") != digest:
        raise ImError(KEY_REUSED)
    return Appended(earlier.pk, earlier.sent_at)
