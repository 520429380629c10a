"""Sending to users of other apps: the message is a row in the log of each app that it concerns."""

from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction

from apps.accounts.models import User
from apps.core.errors import (
    NO_SUCH_USER,
    SENDER_BLOCKED,
    ImError,
)
from apps.core.models import App
from apps.messaging import logs
from apps.messaging.drafts import Draft
from apps.messaging.log import Appended
from apps.messaging.models import Conversation, ConversationKind, Message, Participant
from apps.messaging.services.chatrooms import open_room_in_apps
from apps.messaging.services.checks import (
    check_speaks_in_chatroom,
    check_speaks_in_group,
    filtered,
    permitted_sender,
    sent_before,
)
from apps.messaging.services.conversations import open_in_apps
from apps.messaging.services.telling import places_of_chatrooms, places_of_groups
from apps.messaging.signals import MessageSent, message_sent


def send_across(*, app: App, draft: Draft, digest: bytes) -> Appended:
    """Store a draft that the app's filters have passed in all logs concerned; how it stands in the sender's.

    For a user, a group or a chatroom of another app, and for a group or chatroom of the app's own that has
    members of others. A user of another app takes a grant; so does a group or chatroom, unless the sender is
    in it. The target's app filters it too.

    Raises as `send_message`, and NO_SUCH_TARGET_APP, CROSS_APP_REFUSED.
    """
    sender = permitted_sender(app, draft)
    earlier = sent_before(app, draft, digest, sender)
    if earlier is not None:
        return earlier
    send = {"group": _to_group, "chatroom": _to_chatroom}.get(draft.target_type, _to_user)
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
    pairs = Conversation.objects.singles()  # tenant-free: of the two apps of the pair
    pair = pairs.filter(user_low=low, user_high=high)
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
    group_app = _app_of(app, draft, joined.group.app if joined is not None else None)
    draft = _filtered_there(app, group_app, draft)
    _hold_members("groups_group", "dissolved_at", gid)
    group = group_app.groups.by_gid(gid)
    check_speaks_in_group(group, sender, draft)
    places = places_of_groups([group.pk])[group.pk]
    if all(place.app_id != app.pk for place in places):  # its log tells what its users send
        open_in_apps(group=group, app_ids=[app.pk])
        places = [*places, app.conversations.of_group(group)]
    return logs.append_copies(
        app=app, target=group_app, sender_id=sender.pk, places=places, draft=draft, digest=digest
    )


def _to_chatroom(app: App, sender: User, draft: Draft, digest: bytes) -> dict[int, Appended]:
    room_id = int(draft.target_id)
    entered = sender.chatroom_memberships.filter(chatroom=room_id)
    there = entered.select_related("chatroom__app").first()
    room_app = _app_of(app, draft, there.chatroom.app if there is not None else None)
    draft = _filtered_there(app, room_app, draft)
    _hold_members("groups_chatroom", "deleted_at", room_id)
    room = room_app.chatrooms.by_room_id(room_id)
    check_speaks_in_chatroom(room, sender, draft)
    places = places_of_chatrooms([room.pk])[room.pk]
    if all(place.app_id != app.pk for place in places):
        open_room_in_apps(room=room, app_ids=[app.pk])
        places = [*places, app.conversations.of_chatroom(room)]
    return logs.append_copies(
        app=app, target=room_app, sender_id=sender.pk, places=places, draft=draft, digest=digest
    )


def _app_of(app: App, draft: Draft, joined: App | None) -> App:
    """Whose group or chatroom it is. `joined` is the app of the one of that number that the sender is in."""
    if joined is not None and draft.target_app_key in {"", joined.app_key}:
        return joined
    key = draft.target_app_key or app.app_key
    return app.reach([key])[key]


def _filtered_there(app: App, there: App, draft: Draft) -> Draft:
    return draft if there.pk == app.pk else filtered(there, draft)


def _hold_members(table: str, ended: str, number: int) -> None:
    """Let nobody come or go until the transaction ends. Who changes members locks the row for update."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT FROM {table} WHERE id = %s AND {ended} IS NULL FOR KEY SHARE",
            [number],
        )
