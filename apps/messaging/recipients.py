"""Whom a message is to be made known to by a notification, beside being told."""

from django.db.models import Exists, OuterRef, Q

from apps.accounts.models import NoDisturb, User, UserQuerySet
from apps.groups.models import GroupMember
from apps.messaging.models import EVENT, ConversationKind, Message


def recipients_to_notify(message: Message) -> UserQuerySet:
    """The users to push a notification of the message to: one query, by id, when it is read.

    Those who may read it, but not its sender; nobody who is disabled, shields the group, or does not want to
    be disturbed by it, by its sender or by anything; and nobody at all for an event, a message that was
    retracted, one whose sender asked for no notification, and one that only those who are there get: in a
    chatroom, or with `no_offline`. It says how things are now, so that a shield set after the message holds
    for it too.
    """
    if _is_silent(message):
        return User.objects.none()  # tenant-free: nobody
    reading = message.conversation.participants.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gte=message.pk),
        starts_after__lt=message.pk,
        shielded=False,
    )
    users = User.objects.enabled().filter(  # tenant-free: the conversation is the tenant's
        pk__in=reading.values("user"), no_disturb=False
    )
    quiet = NoDisturb.objects.filter(  # tenant-free: the owner is a reader
        owner=OuterRef("pk"), peer=message.sender_id
    )
    here = GroupMember.objects.filter(  # tenant-free: the conversation's own group
        user=OuterRef("pk"), group=message.conversation.group_id
    )
    if message.conversation.group_id is None:
        users = users.exclude(Exists(quiet))
    else:
        users = users.exclude(Exists(here.filter(Q(no_disturb=True) | Q(shielded=True))))
    return users.exclude(pk=message.sender_id or 0).order_by("pk")


def _is_silent(message: Message) -> bool:
    options = message.options or {}
    return (
        message.msg_type == EVENT
        or message.retracted_at is not None
        or message.conversation.kind == ConversationKind.CHATROOM
        or any(options.get(name) for name in ("no_notification", "no_offline"))
    )
