"""Sending."""

from contextlib import nullcontext

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import BUSY, SENDER_BLOCKED, ImError
from apps.core.models import App
from apps.messaging import log
from apps.messaging.drafts import Draft
from apps.messaging.log import Appended
from apps.messaging.models import Message
from apps.messaging.services.across import send_across
from apps.messaging.services.checks import (
    check_speaks_in_chatroom,
    check_speaks_in_group,
    filtered,
    permitted_sender,
    sent_before,
)
from apps.messaging.signals import MessageSent, message_sent

_TRIES = 3


def send_message(*, app: App, draft: Draft) -> Appended:
    """Append the message to the app's log and announce it.

    The filters run first, so what is stored is what is delivered. Stored and committed when this returns,
    unless it was called in a transaction. A draft with an idempotency key that its sender has used for the
    same message is answered with that message, and not stored again.

    Raises NO_SUCH_USER for an unknown sender or recipient, NO_SUCH_GROUP, NO_SUCH_CHATROOM, FORBIDDEN_SENDER
    for a disabled sender or an "admin" who is none, SENDER_BLOCKED, SENDER_NOT_IN_GROUP, SENDER_SILENCED,
    SENDER_NOT_IN_CHATROOM, SENDER_MUTED, MESSAGE_TOO_LONG, KEY_REUSED; for what is another app's
    NO_SUCH_TARGET_APP, CROSS_APP_REFUSED; a filter may raise any ImError.
    """
    digest = draft.digest  # as sent: a filter may change its mind between two tries of one message
    draft = filtered(app, draft)
    if draft.target_app_key not in {"", app.app_key}:
        return send_across(app=app, draft=draft, digest=digest)
    try:
        return _send(app, draft, digest)
    except _SpansAppsError:
        return send_across(app=app, draft=draft, digest=digest)


class _SpansAppsError(Exception):
    """The message concerns users of several apps."""


def _send(app: App, draft: Draft, digest: bytes) -> Appended:
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
    """Why nothing was stored: the same message sent before, or an ImError. None if it may go now.

    Raises _SpansAppsError where the message does not stand in the app's own log alone.
    """
    sender = permitted_sender(app, draft)
    earlier = sent_before(app, draft, digest, sender)
    if earlier is not None:
        return earlier
    _refuse(app, draft, sender)
    return None


def _refuse(app: App, draft: Draft, sender: User) -> None:
    """Raise what stands between the sender and the target, if anything does."""
    if draft.target_type == "group":
        gid = int(draft.target_id)
        if sender.memberships.filter(group=gid).exclude(group__app=app).exists():
            raise _SpansAppsError
        group = app.groups.by_gid(gid)
        if group.spans_apps:
            raise _SpansAppsError
        check_speaks_in_group(group, sender, draft)
    elif draft.target_type == "chatroom":
        room_id = int(draft.target_id)
        if sender.chatroom_memberships.filter(chatroom=room_id).exclude(chatroom__app=app).exists():
            raise _SpansAppsError
        room = app.chatrooms.by_room_id(room_id)
        if room.spans_apps:
            raise _SpansAppsError
        check_speaks_in_chatroom(room, sender, draft)
    else:
        target = app.users.by_username(draft.target_id)
        if target.blocks.filter(blocked=sender).exists():
            raise ImError(SENDER_BLOCKED)
