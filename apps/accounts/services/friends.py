"""Friends: added and removed on both sides at once, noted by each for themselves.

There is no invitation: whoever is added is a friend. Whom a user refuses, they block.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from apps.accounts.models import Friendship, User
from apps.accounts.services.holding import check_length, held_with
from apps.accounts.signals import (
    FriendsChanged,
    friends_added,
    friends_noted,
    friends_removed,
)
from apps.core.errors import (
    ALREADY_FRIENDS,
    NOT_A_FRIEND,
    PARAMETER_INVALID,
    SENDER_BLOCKED,
    ImError,
)
from apps.core.models import App


@dataclass(frozen=True, kw_only=True)
class Note:
    """What a user writes down about a friend: at most 64 and 250 bytes. None leaves it as it is."""

    username: str
    note_name: str | None = None
    others: str | None = None


@transaction.atomic
def add_friends(
    *,
    app: App,
    owner: User,
    usernames: Sequence[str],
    of: App | None = None,
    by_owner: bool = False,
) -> None:
    """Make them and the owner friends of each other: all or none. Three statements, and the news.

    `of` is their app where it is another, `by_owner` whether the owner does it by themselves: then one who
    blocks them refuses it (SENDER_BLOCKED). Raises NO_SUCH_USER, ALREADY_FRIENDS, and PARAMETER_INVALID for
    the owner among them, or if one of all would have more friends than `settings.IM_RELATIONS_PER_USER`.
    """
    friends = held_with(app=app, owner=owner, usernames=usernames, of=of)
    if owner in friends:
        raise ImError(PARAMETER_INVALID, "body: nobody is a friend of themselves")
    if by_owner and owner.blocked_by.filter(owner__in=friends).exists():
        raise ImError(SENDER_BLOCKED)
    sides = [(owner, friend) for friend in friends] + [(friend, owner) for friend in friends]
    try:
        with transaction.atomic():
            owner.friendships.bulk_create(
                Friendship(owner=one, friend=other) for one, other in sides
            )
    except IntegrityError:
        raise ImError(ALREADY_FRIENDS) from None
    check_length(_longest_list([owner, *friends]), "friends")
    friends_added.send(sender=Friendship, event=_event(app, owner, friends, by_owner))


def _longest_list(users: list[User]) -> int:
    lists = Friendship.objects.filter(owner__in=users)  # tenant-free: the users are held
    counts = lists.order_by().values("owner").annotate(friends=Count("pk")).order_by("-friends")
    return counts.values_list("friends", flat=True).first() or 0


@transaction.atomic
def remove_friends(
    *,
    app: App,
    owner: User,
    usernames: Sequence[str],
    of: App | None = None,
    by_owner: bool = False,
) -> None:
    """End those friendships on both sides, with their notes. Who was no friend is none now.

    Arguments as in `add_friends`. Raises NO_SUCH_USER, and then ends none.
    """
    people = held_with(app=app, owner=owner, usernames=usernames, of=of)
    mine = owner.friendships.filter(friend__in=people)
    friends = [side.friend for side in mine.select_related("friend").order_by("pk")]
    if not friends:
        return
    both = Q(owner=owner, friend__in=friends) | Q(owner__in=friends, friend=owner)
    Friendship.objects.filter(both).delete()  # tenant-free: the users are held
    friends_removed.send(sender=Friendship, event=_event(app, owner, friends, by_owner))


@transaction.atomic
def note_friends(*, app: App, owner: User, notes: Sequence[Note], of: App | None = None) -> None:
    """Write down those notes: all or none. Only the owner sees them, and is told. One statement.

    `of` is the friends' app where it is another. Raises NO_SUCH_USER, NOT_A_FRIEND.
    """
    friends = held_with(app=app, owner=owner, usernames=[note.username for note in notes], of=of)
    sides = {side.friend_id: side for side in owner.friendships.filter(friend__in=friends)}
    named = {friend.username: friend for friend in friends}
    for note in notes:
        side = sides.get(named[note.username].pk)
        if side is None:
            raise ImError(NOT_A_FRIEND, f"Not a friend: {note.username}")
        if note.note_name is not None:
            side.note_name = note.note_name
        if note.others is not None:
            side.others = note.others
    owner.friendships.bulk_update(sides.values(), ["note_name", "others"])
    friends_noted.send(sender=Friendship, event=_event(app, owner, friends, by_owner=True))


def _event(app: App, owner: User, friends: Sequence[User], by_owner: bool) -> FriendsChanged:
    return FriendsChanged(app.pk, owner.pk, tuple(friend.pk for friend in friends), by_owner)
