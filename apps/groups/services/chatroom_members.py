"""Who is in a chatroom: added and removed by the app, entering and leaving by themselves, muted."""

from collections.abc import Collection, Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import (
    CHATROOM_FULL,
    NO_SUCH_CHATROOM,
    NO_SUCH_USER,
    NOT_IN_CHATROOM,
    OWNER_STAYS,
    TOO_MANY_CHATROOMS,
    ImError,
)
from apps.core.models import App
from apps.groups.models import Chatroom, ChatroomMember, ChatroomMute
from apps.groups.services.members import MemberChange, held_members
from apps.groups.signals import (
    ChatroomMembersChanged,
    ChatroomMuteChanged,
    chatroom_members_changed,
    chatroom_mute_changed,
)


def lock_chatroom(app: App, room_id: int) -> Chatroom:
    """The standing room, locked until the transaction ends. Raises NO_SUCH_CHATROOM.

    As with groups: every change takes this lock, after the users it concerns are held.
    """
    found = app.chatrooms.standing().select_for_update(of=("self",)).filter(pk=room_id).first()
    if found is None:
        raise ImError(NO_SUCH_CHATROOM)
    return found


@transaction.atomic
def add_chatroom_members(*, app: App, room_id: int, usernames: Sequence[str]) -> None:
    """Let them in, all or none; who is there already stays. The room is not told.

    Raises NO_SUCH_CHATROOM, NO_SUCH_USER, CHATROOM_FULL, TOO_MANY_CHATROOMS.
    """
    users = app.users.held().by_usernames(usernames)
    room = lock_chatroom(app, room_id)
    _add(room, list(users.values()))


@transaction.atomic
def change_chatroom_members_across(
    *, app: App, room_id: int, changes: Sequence[MemberChange]
) -> None:
    """Let users of any apps that the app may operate on into its room, and put others out: all or nothing.

    Who is there already stays. Raises as `add_chatroom_members` and `remove_chatroom_members`, and
    PARAMETER_INVALID for a name in both lists.
    """
    users = held_members(changes)
    room = lock_chatroom(app, room_id)
    _add(room, [users[change.app.pk, name] for change in changes for name in change.add])
    going = [users[change.app.pk, name] for change in changes for name in change.remove]
    if going:
        _put_out(room, going)


def _add(room: Chatroom, users: Sequence[User]) -> None:
    here = set(room.members.filter(user__in=users).values_list("user", flat=True))
    _let_in(room, [user for user in users if user.pk not in here])


def _put_out(room: Chatroom, users: Sequence[User]) -> None:
    pks = sorted(user.pk for user in users)
    if room.owner_id in pks:
        raise ImError(OWNER_STAYS)
    take_out(room, pks)
    event = ChatroomMembersChanged(room.app_id, room.pk, removed=tuple(pks))
    chatroom_members_changed.send(sender=Chatroom, event=event)


@transaction.atomic
def remove_chatroom_members(*, app: App, room_id: int, usernames: Sequence[str]) -> None:
    """Put them out, all or none, and tell the room.

    Raises NO_SUCH_CHATROOM, NO_SUCH_USER, NOT_IN_CHATROOM, OWNER_STAYS.
    """
    users = app.users.by_usernames(usernames)
    room = lock_chatroom(app, room_id)
    _put_out(room, list(users.values()))


@transaction.atomic
def enter_chatroom(*, app: App, user: User, room_id: int) -> Chatroom:
    """Be in the room; whoever is there already stays, in one of another app too. The room is not told.

    Returns it.

    Raises NO_SUCH_USER for one deleted meanwhile, NO_SUCH_CHATROOM, CHATROOM_FULL, TOO_MANY_CHATROOMS.
    """
    if not app.users.held().filter(pk=user.pk):
        raise ImError(NO_SUCH_USER)
    room = _lock_seen(app, user, room_id)
    if not room.members.filter(user=user).exists():
        _let_in(room, [user])
    return room


@transaction.atomic
def leave_chatroom(*, app: App, user: User, room_id: int) -> None:
    """Be in the room no longer. The room is not told.

    Raises NO_SUCH_CHATROOM, NOT_IN_CHATROOM, OWNER_STAYS.
    """
    room = _lock_seen(app, user, room_id)
    if room.owner_id == user.pk:
        raise ImError(OWNER_STAYS)
    take_out(room, [user.pk])
    event = ChatroomMembersChanged(room.app_id, room.pk, removed=(user.pk,), left=True)
    chatroom_members_changed.send(sender=Chatroom, event=event)


def _lock_seen(app: App, user: User, room_id: int) -> Chatroom:
    """As `lock_chatroom`, also for a room of another app that the user is in."""
    try:
        return lock_chatroom(app, room_id)
    except ImError:
        there = user.chatroom_memberships.filter(chatroom=room_id)
        entered = there.select_related("chatroom__app").first()
        if entered is None:
            raise
        return lock_chatroom(entered.chatroom.app, room_id)


@transaction.atomic
def set_chatroom_mute(
    *, app: App, room_id: int, username: str, muted: bool, of: App | None = None
) -> None:
    """Forbid a member to speak in the room, or allow it again, and tell the room if that is new.

    They are a user of the app or, where it is given, of the app `of`.

    It holds until it is taken back, even if they leave and come again. Raises NO_SUCH_USER,
    NO_SUCH_CHATROOM, and NOT_IN_CHATROOM for one who is neither there nor muted.
    """
    user = (of or app).users.held().by_username(username)
    room = lock_chatroom(app, room_id)
    was_muted = room.mutes.filter(user=user).exists()
    if not (room.members.filter(user=user).exists() or (was_muted and not muted)):
        raise ImError(NOT_IN_CHATROOM)
    if muted == was_muted:
        return
    if muted:
        ChatroomMute(chatroom=room, user=user).save(force_insert=True)
    else:
        room.mutes.filter(user=user).delete()
    event = ChatroomMuteChanged(app.pk, room.pk, user.pk, muted)
    chatroom_mute_changed.send(sender=Chatroom, event=event)


def fill(room: Chatroom, users: Sequence[User]) -> None:
    """Write them into a room that the caller has locked, or just made; announces nothing.

    Raises CHATROOM_FULL, TOO_MANY_CHATROOMS.
    """
    if room.member_count + len(users) > room.max_members:
        raise ImError(CHATROOM_FULL)
    _check_room_for_chatrooms(users)
    room.members.bulk_create(ChatroomMember(chatroom=room, user=user) for user in users)
    _count(room, len(users))


def take_out(room: Chatroom, user_ids: Collection[int]) -> None:
    """Take them out of a room that the caller has locked; announces nothing. Raises NOT_IN_CHATROOM."""
    removed, _ = room.members.filter(user__in=user_ids).delete()
    if removed != len(user_ids):
        raise ImError(NOT_IN_CHATROOM)
    _count(room, -removed)


def _let_in(room: Chatroom, users: Sequence[User]) -> None:
    if not users:
        return
    if not room.spans_apps and any(user.app_id != room.app_id for user in users):
        room.spans_apps = True
        room.save(update_fields=["spans_apps"])
    fill(room, users)
    event = ChatroomMembersChanged(room.app_id, room.pk, added=tuple(user.pk for user in users))
    chatroom_members_changed.send(sender=Chatroom, event=event)


def _count(room: Chatroom, more: int) -> None:
    room.member_count += more
    room.updated_at = timezone.now()
    room.save(update_fields=["member_count", "updated_at"])


def _check_room_for_chatrooms(users: Sequence[User]) -> None:
    """Refuse (TOO_MANY_CHATROOMS) if one of them is in as many as allowed. One query."""
    if in_most_chatrooms(users).exists():
        raise ImError(TOO_MANY_CHATROOMS)


def in_most_chatrooms(users: Iterable[User]) -> "QuerySet[ChatroomMember, int]":
    """The ids of those of them who are in as many chatrooms as allowed."""
    return (
        ChatroomMember.objects.filter(user__in=list(users))  # tenant-free: they are the tenant's
        .order_by()
        .values("user")
        .annotate(rooms=Count("pk"))
        .filter(rooms__gte=settings.IM_CHATROOMS_PER_USER)
        .values_list("user", flat=True)
    )
