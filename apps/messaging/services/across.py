"""Sending to users of other apps: the message is a row in the log of each app that it concerns."""

from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction

from apps.accounts.models import User
from apps.core.errors import (
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    SENDER_BLOCKED,
    ImError,
)
from apps.core.models import App
from apps.groups.models import Group
from apps.messaging import logs
from apps.messaging.drafts import Draft
from apps.messaging.log import Appended
from apps.messaging.models import Conversation, ConversationKind, Message, Participant
from apps.messaging.services.checks import (
    check_speaks_in_group,
    filtered,
    permitted_sender,
    sent_before,
)
from apps.messaging.services.conversations import open_in_apps, places_of
from apps.messaging.signals import MessageSent, message_sent


def send_across(*, app: App, draft: Draft, digest: bytes) -> Appended:
    """Store a draft that the app's filters have passed in all logs concerned; how it stands in the sender's.

    For a user or a group of another app, and for a group of the app's own that has members of others. A
    user of another app takes a grant; so does a group, unless the sender is in it. The target's app filters
    it too.

    Raises as `send_message`, and NO_SUCH_TARGET_APP, CROSS_APP_REFUSED.
    """
    sender = permitted_sender(app, draft)
    earlier = sent_before(app, draft, digest, sender)
    if earlier is not None:
        return earlier
    send = _to_group if draft.target_type == "group" else _to_user
    try:
        with transaction.atomic():
            stored = send(app, sender, draft, digest)
            for app_id, each in sorted(stored.items()):
                message_sent.send(sender=Message, event=MessageSent(app_id, each.msg_id))
    except IntegrityError:  # two tries of one message at once: the key let one of them through
        earlier = sent_before(app, draft, digest, sender)
        if earlier is None:
            raise
        return earlier
    return stored[app.pk]


def _to_user(app: App, sender: User, draft: Draft, digest: bytes) -> dict[int, Appended]:
    target_app = app.reach([draft.target_app_key])[draft.target_app_key]
    target = target_app.users.by_username(draft.target_id)
    if target.blocks.filter(blocked=sender).exists():
        raise ImError(SENDER_BLOCKED)
    draft = filtered(target_app, draft)
    return logs.append_copies(
        app=app,
        target=target_app,
        sender_id=sender.pk,
        places=_places_of_pair(sender, target),
        draft=draft,
        digest=digest,
    )


def _places_of_pair(sender: User, target: User) -> Sequence[Conversation]:
    """The pair's conversation in either app, made with the first message."""
    low, high = sorted((sender, target), key=lambda user: user.pk)
    pair = Conversation.objects.filter(  # tenant-free: of the two apps of the pair
        kind=ConversationKind.SINGLE, user_low=low, user_high=high
    )
    there = list(pair)
    if len(there) == 2:
        return there
    held = User.objects.held().filter(pk__in=[low.pk, high.pk])  # tenant-free: looked up in theirs
    if len(held) != 2:
        raise ImError(NO_SUCH_USER)
    for user in held:
        place, _made = Conversation.objects.get_or_create(  # tenant-free: of the user's app
            app_id=user.app_id, kind=ConversationKind.SINGLE, user_low=low, user_high=high
        )
        Participant.objects.get_or_create(  # tenant-free: likewise
            conversation=place, user=user, ends_at=None, defaults={"starts_after": 0}
        )
    return list(pair.all())


def _to_group(app: App, sender: User, draft: Draft, digest: bytes) -> dict[int, Appended]:
    gid = int(draft.target_id)
    joined = sender.memberships.filter(group=gid).select_related("group__app").first()
    if joined is not None and draft.target_app_key in {"", joined.group.app.app_key}:
        group_app = joined.group.app
    else:
        key = draft.target_app_key or app.app_key
        group_app = app.reach([key])[key]
    if group_app.pk != app.pk:
        draft = filtered(group_app, draft)
    group = _held_group(group_app, gid)
    check_speaks_in_group(group, sender, draft)
    places = places_of([group.pk])[group.pk]
    if all(place.app_id != app.pk for place in places):  # its log tells what its users send
        open_in_apps(group=group, app_ids=[app.pk])
        places = [*places, app.conversations.of_group(group)]
    return logs.append_copies(
        app=app, target=group_app, sender_id=sender.pk, places=places, draft=draft, digest=digest
    )


def _held_group(app: App, gid: int) -> Group:
    """The group, whose members stay who they are until the transaction ends; they may speak meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM groups_group WHERE id = %s AND app_id = %s AND dissolved_at IS NULL"
            " FOR KEY SHARE",
            [gid, app.pk],
        )
        if not cursor.rowcount:
            raise ImError(NO_SUCH_GROUP)
    return app.groups.by_gid(gid)
