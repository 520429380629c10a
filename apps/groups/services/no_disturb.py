"""Do not disturb: by single messages of some users, by some groups, or by anything at all.

Whoever is not to be disturbed is told everything all the same; only no notification is pushed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.services.across import Named, hold_named
from apps.accounts.services.no_disturb import change_quiet_users, set_global_no_disturb
from apps.core.errors import (
    NO_DISTURB_GROUP_NOT_SET,
    NO_DISTURB_GROUP_SET,
    NO_DISTURB_NO_SUCH_GROUP,
    USER_NOT_IN_GROUP,
    ImError,
)
from apps.core.models import App
from apps.groups.models import GroupMember
from apps.groups.services.members import lock_groups, lock_groups_of_any_app
from apps.groups.signals import NoDisturbChanged, no_disturb_changed


@dataclass(frozen=True, kw_only=True)
class NoDisturbChanges:
    """What is to change. `everything` is the global switch; None leaves it as it is."""

    add_usernames: Sequence[str] = ()
    remove_usernames: Sequence[str] = ()
    add_gids: Sequence[int] = ()
    remove_gids: Sequence[int] = ()
    everything: bool | None = None


@transaction.atomic
def change_no_disturb(
    *, app: App, user: User, changes: NoDisturbChanges, of: App | None = None
) -> None:
    """Make those changes, all or nothing, and tell the user's own devices.

    `of` is the app of the users and groups named where it is another. Raises NO_SUCH_USER;
    NO_DISTURB_USER_SET, NO_DISTURB_USER_NOT_SET; NO_DISTURB_NO_SUCH_GROUP, USER_NOT_IN_GROUP,
    NO_DISTURB_GROUP_SET, NO_DISTURB_GROUP_NOT_SET; NO_DISTURB_GLOBAL_ON, NO_DISTURB_GLOBAL_OFF; and
    PARAMETER_INVALID for too many users.
    """
    change_quiet_users(
        app=app,
        owner=user,
        add=changes.add_usernames,
        remove=changes.remove_usernames,
        of=of,
    )
    _change_groups(of or app, user, changes.add_gids, changes.remove_gids)
    if changes.everything is not None:
        set_global_no_disturb(app=app, owner=user, on=changes.everything)
    no_disturb_changed.send(sender=GroupMember, event=NoDisturbChanged(user.pk))


@transaction.atomic
def change_no_disturb_across(
    *, app: App, user: User, changes: Sequence[tuple[App, NoDisturbChanges]]
) -> None:
    """As `change_no_disturb`, for users and groups of several apps: all of it or nothing."""
    named = [
        Named(app=of, usernames=[*change.add_usernames, *change.remove_usernames])
        for of, change in changes
    ]
    hold_named(owner=user, named=named)
    gids = {gid for _of, change in changes for gid in (*change.add_gids, *change.remove_gids)}
    lock_groups_of_any_app([of for of, _change in changes], gids)
    for of, change in changes:
        change_no_disturb(app=app, user=user, changes=change, of=of)


def _change_groups(app: App, user: User, add: Sequence[int], remove: Sequence[int]) -> None:
    gids = {*add, *remove}
    if not gids:
        return
    standing = lock_groups(app, user, gids)
    if missing := gids - standing:
        raise ImError(NO_DISTURB_NO_SUCH_GROUP, f"No such group: {min(missing)}")
    there = dict(user.memberships.filter(group__in=gids).values_list("group", "no_disturb"))
    if strange := gids - there.keys():
        raise ImError(USER_NOT_IN_GROUP, f"Not in the group: {min(strange)}")
    if any(there[gid] for gid in add):
        raise ImError(NO_DISTURB_GROUP_SET)
    if not all(there[gid] for gid in remove):
        raise ImError(NO_DISTURB_GROUP_NOT_SET)
    user.memberships.filter(group__in=add).update(no_disturb=True)
    user.memberships.filter(group__in=remove).update(no_disturb=False)
