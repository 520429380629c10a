"""Newcomers: whom a group or a chatroom would not take, and why, before anything is tried."""

from collections.abc import Collection, Mapping, Sequence

from apps.accounts.models import User
from apps.core.errors import (
    ALREADY_MEMBER,
    NO_SUCH_USER,
    TOO_MANY_CHATROOMS,
    TOO_MANY_GROUPS,
    ErrorCode,
)
from apps.core.models import App
from apps.groups.models import Chatroom, Group
from apps.groups.services.chatroom_members import in_most_chatrooms
from apps.groups.services.members import in_most_groups


def barred_from_group(*, group: Group, usernames: Sequence[str], of: App) -> dict[str, ErrorCode]:
    """Whom of these users of `of` `change_members` would refuse, in their order, and with what.

    Locks nothing, so it may be otherwise a moment later. Three queries.
    """
    users = of.users.known_among(usernames)
    there = group.members.filter(user__in=users.values()).values_list("user", flat=True)
    reasons = {
        ALREADY_MEMBER: set(there),
        TOO_MANY_GROUPS: set(in_most_groups(of, users.values())),
    }
    return _barred(usernames, users, reasons)


def barred_from_chatroom(
    *, room: Chatroom, usernames: Sequence[str], of: App
) -> dict[str, ErrorCode]:
    """As `barred_from_group`. Who is in the room already stays, and is not barred."""
    users = of.users.known_among(usernames)
    there = room.members.filter(user__in=users.values()).values_list("user", flat=True)
    reasons = {TOO_MANY_CHATROOMS: set(in_most_chatrooms(users.values())) - set(there)}
    return _barred(usernames, users, reasons)


def _barred(
    usernames: Sequence[str],
    users: Mapping[str, User],
    reasons: Mapping[ErrorCode, Collection[int]],
) -> dict[str, ErrorCode]:
    found: dict[str, ErrorCode] = {}
    for name in usernames:
        if name not in users:
            found[name] = NO_SUCH_USER
            continue
        for code, user_ids in reasons.items():
            if users[name].pk in user_ids:
                found.setdefault(name, code)
    return found
