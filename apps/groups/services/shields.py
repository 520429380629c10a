"""Shields: members who stay in a group and are told nothing that is said there."""

from collections.abc import Sequence

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import (
    NO_SUCH_USER,
    SHIELD_NO_SUCH_GROUP,
    SHIELD_NOT_SET,
    SHIELD_SET,
    USER_NOT_IN_GROUP,
    ImError,
)
from apps.core.models import App
from apps.groups.models import GroupMember
from apps.groups.services.members import lock_groups
from apps.groups.signals import ShieldsChanged, shields_changed


@transaction.atomic
def change_shields(
    *, app: App, user: User, add: Sequence[int] = (), remove: Sequence[int] = ()
) -> None:
    """Let the user be told nothing of the first groups any more, and of the others again: all or nothing.

    What is said meanwhile they can look up, but are never told. Ends when they leave the group. Raises
    SHIELD_NO_SUCH_GROUP, USER_NOT_IN_GROUP, SHIELD_SET, SHIELD_NOT_SET, and NO_SUCH_USER for one deleted
    meanwhile.
    """
    if not app.users.held().filter(pk=user.pk):
        raise ImError(NO_SUCH_USER, f"No such user: {user.username}")
    gids = {*add, *remove}
    standing = lock_groups(app, user, gids)
    if missing := gids - standing:
        raise ImError(SHIELD_NO_SUCH_GROUP, f"No such group: {min(missing)}")
    there = dict(user.memberships.filter(group__in=gids).values_list("group", "shielded"))
    if strange := gids - there.keys():
        raise ImError(USER_NOT_IN_GROUP, f"Not in the group: {min(strange)}")
    if any(there[gid] for gid in add):
        raise ImError(SHIELD_SET)
    if not all(there[gid] for gid in remove):
        raise ImError(SHIELD_NOT_SET)
    user.memberships.filter(group__in=add).update(shielded=True)
    user.memberships.filter(group__in=remove).update(shielded=False)
    event = ShieldsChanged(user.pk, tuple(add), tuple(remove))
    shields_changed.send(sender=GroupMember, event=event)
