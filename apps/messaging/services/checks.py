"""What every send is checked for, whichever way it goes."""

from django.conf import settings

from apps.accounts.models import User
from apps.core.errors import (
    FORBIDDEN_SENDER,
    KEY_REUSED,
    MESSAGE_TOO_LONG,
    SENDER_MUTED,
    SENDER_NOT_IN_CHATROOM,
    SENDER_NOT_IN_GROUP,
    SENDER_SILENCED,
    ImError,
)
from apps.core.models import App
from apps.groups.models import Chatroom, Group
from apps.messaging import filters
from apps.messaging.drafts import IN_OWN_NAME, Draft, body_bytes
from apps.messaging.log import Appended


def filtered(app: App, draft: Draft) -> Draft:
    """What the app's filters make of the draft. Raises what they do, and MESSAGE_TOO_LONG."""
    draft = filters.apply(app, draft)
    if body_bytes(draft.body) > settings.IM_MESSAGE_BODY_MAX_BYTES:
        raise ImError(MESSAGE_TOO_LONG)
    return draft


def permitted_sender(app: App, draft: Draft) -> User:
    """Who sends it. Raises NO_SUCH_USER, FORBIDDEN_SENDER for a disabled one or an "admin" who is none."""
    sender = app.users.by_username(draft.from_id)
    if sender.disabled_at is not None or (draft.from_type == "admin" and not sender.is_admin):
        raise ImError(FORBIDDEN_SENDER)
    return sender


def sent_before(app: App, draft: Draft, digest: bytes, sender: User) -> Appended | None:
    """The same message that the sender sent under the same key; KEY_REUSED if that was another one."""
    if draft.idempotency_key is None:
        return None
    earlier = app.messages.filter(sender=sender, idempotency_key=draft.idempotency_key).first()
    if earlier is None:
        return None
    if bytes(earlier.idempotency_hash or b"") != digest:
        raise ImError(KEY_REUSED)
    return Appended(earlier.pk, earlier.sent_at, repeated=True)


def check_speaks_in_group(group: Group, sender: User, draft: Draft) -> None:
    """Raises SENDER_NOT_IN_GROUP for a "user" who is not in it, SENDER_SILENCED."""
    member = group.members.filter(user=sender).first()
    if member is None and draft.from_type == "user":
        raise ImError(SENDER_NOT_IN_GROUP)
    if member is not None and member.silenced and draft.from_type in IN_OWN_NAME:
        raise ImError(SENDER_SILENCED)


def check_speaks_in_chatroom(room: Chatroom, sender: User, draft: Draft) -> None:
    """Raises SENDER_NOT_IN_CHATROOM for a "user" who is not there, SENDER_MUTED for one who is muted."""
    if draft.from_type != "user":
        return
    if not room.members.filter(user=sender).exists():
        raise ImError(SENDER_NOT_IN_CHATROOM)
    if room.mutes.filter(user=sender).exists():
        raise ImError(SENDER_MUTED)
