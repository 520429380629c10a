"""Chatrooms: created, changed, deleted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import OWNER_NOT_IN_CHATROOM, ImError
from apps.core.models import App
from apps.groups.models import Chatroom, ChatroomMember
from apps.groups.services.chatroom_members import fill, lock_chatroom
from apps.groups.signals import (
    ChatroomEvent,
    ChatroomOwnerChanged,
    chatroom_created,
    chatroom_deleted,
    chatroom_owner_changed,
    chatroom_updated,
)


@dataclass(frozen=True, kw_only=True)
class NewChatroom:
    """A chatroom to be created. The owner is a member whether or not listed."""

    owner_username: str
    name: str
    description: str = ""
    members_username: Sequence[str] = ()


@transaction.atomic
def create_chatroom(*, app: App, new: NewChatroom) -> Chatroom:
    """Create the room, of `settings.IM_CHATROOM_MAX_MEMBERS`, with its first members, and announce it.

    Raises NO_SUCH_USER, CHATROOM_FULL, TOO_MANY_CHATROOMS if one of them is in too many.
    """
    names = list(dict.fromkeys([new.owner_username, *new.members_username]))
    users = app.users.held().by_usernames(names)
    room = app.chatrooms.create(
        name=new.name,
        description=new.description,
        owner=users[new.owner_username],
        max_members=settings.IM_CHATROOM_MAX_MEMBERS,
    )
    fill(room, list(users.values()))
    room.refresh_from_db(fields=["created_at"])
    chatroom_created.send(sender=Chatroom, event=ChatroomEvent(app.pk, room.pk))
    return room


@transaction.atomic
def update_chatroom(
    *, app: App, room_id: int, changes: Mapping[str, Any], owner_username: str | None = None
) -> None:
    """Set `name`, `description` or `max_members`, whichever is given, and the owner, and tell what is new.

    Whoever is in the room beyond a lower limit stays. Raises NO_SUCH_CHATROOM, NO_SUCH_USER,
    OWNER_NOT_IN_CHATROOM.
    """
    owner = None
    if owner_username is not None:
        owner = app.users.held().by_username(owner_username)
    room = lock_chatroom(app, room_id)
    if owner is not None and not room.members.filter(user=owner).exists():
        raise ImError(OWNER_NOT_IN_CHATROOM)
    fresh = {name: value for name, value in changes.items() if getattr(room, name) != value}
    if fresh:
        for name, value in fresh.items():
            setattr(room, name, value)
        room.updated_at = timezone.now()
        room.save(update_fields=[*fresh, "updated_at"])
        chatroom_updated.send(sender=Chatroom, event=ChatroomEvent(app.pk, room.pk))
    if owner is not None and room.owner_id != owner.pk:
        _hand_over(room, owner)
        tell_owners([ChatroomOwnerChanged(app.pk, room.pk, owner.pk)])


@transaction.atomic
def delete_chatroom(*, app: App, room_id: int) -> None:
    """End the room and tell it. What was said stays in its report. Raises NO_SUCH_CHATROOM."""
    room = lock_chatroom(app, room_id)
    room.members.all().delete()
    room.mutes.all().delete()
    room.member_count = 0
    room.deleted_at = timezone.now()
    room.save(update_fields=["member_count", "deleted_at"])
    chatroom_deleted.send(sender=Chatroom, event=ChatroomEvent(app.pk, room.pk))


def vacate_chatrooms(*, app: App, user_ids: Collection[int]) -> list[ChatroomOwnerChanged]:
    """Take the users out of their rooms. Call inside the transaction that deletes them.

    A room whose owner goes passes to the member of its app who has been in it longest; one that is left
    without such stays, without an owner. The rooms are locked in the order of their numbers. Returns the
    news for `tell_owners`, once all that may wait has been locked.
    """
    members = ChatroomMember.objects.filter(
        user__in=user_ids
    )  # tenant-free: the users are the tenant's
    touched = members.values("chatroom")
    standing = Chatroom.objects.standing()  # tenant-free: they may be in rooms of other apps
    rooms = standing.filter(pk__in=touched).select_for_update().order_by("pk")
    owners: list[ChatroomOwnerChanged] = []
    for room in rooms:
        gone, _ = room.members.filter(user__in=user_ids).delete()
        room.member_count -= gone
        room.save(update_fields=["member_count"])
        if room.owner_id in user_ids:
            own = room.members.filter(user__app=room.app_id)
            heir = own.select_related("user").order_by("pk").first()
            _hand_over(room, heir.user if heir else None)
            if heir is not None:
                owners.append(ChatroomOwnerChanged(room.app_id, room.pk, heir.user_id))
    return owners


def tell_owners(events: Collection[ChatroomOwnerChanged]) -> None:
    """Announce who owns rooms now."""
    for event in events:
        chatroom_owner_changed.send(sender=Chatroom, event=event)


def _hand_over(room: Chatroom, owner: User | None) -> None:
    room.owner = owner
    room.updated_at = timezone.now()
    room.save(update_fields=["owner", "updated_at"])
