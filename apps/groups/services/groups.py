"""Groups: created, changed, handed on, dissolved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import GROUP_FULL, NOT_A_MEMBER, ImError
from apps.core.models import App
from apps.groups.models import Group, GroupKind, GroupMember, Role
from apps.groups.services.members import check_room_for_groups, close, lock_group
from apps.groups.signals import (
    GroupEvent,
    OwnerChanged,
    group_created,
    group_dissolved,
    group_updated,
    owner_changed,
)


@dataclass(frozen=True, kw_only=True)
class NewGroup:
    """A group to be created. The owner is a member whether or not listed."""

    owner_username: str
    name: str
    description: str = ""
    avatar: str = ""
    kind: int = GroupKind.PRIVATE
    members_username: Sequence[str] = ()


@transaction.atomic
def create_group(*, app: App, new: NewGroup) -> Group:
    """Create the group with its first members and announce it.

    Raises NO_SUCH_USER, GROUP_FULL above the app's size limit, TOO_MANY_GROUPS if one of them is in too many.
    """
    names = list(dict.fromkeys([new.owner_username, *new.members_username]))
    if len(names) > app.max_group_members:
        raise ImError(GROUP_FULL)
    users = app.users.held().by_usernames(names)
    check_room_for_groups(app, users.values())
    group = app.groups.create(
        name=new.name,
        description=new.description,
        avatar=new.avatar,
        kind=new.kind,
        owner=users[new.owner_username],
        max_members=app.max_group_members,
    )
    group.members.bulk_create(
        GroupMember(
            group=group,
            user=user,
            role=Role.OWNER if name == new.owner_username else Role.MEMBER,
        )
        for name, user in users.items()
    )
    group.refresh_from_db(fields=["created_at", "updated_at"])
    group_created.send(sender=Group, event=GroupEvent(app.pk, group.pk))
    return group


@transaction.atomic
def update_group(*, app: App, gid: int, changes: Mapping[str, Any]) -> None:
    """Set `name`, `description`, `avatar`, `kind` or `max_members`, whichever is given, and tell the group.

    Whoever is in it beyond a lower limit stays. Raises NO_SUCH_GROUP.
    """
    group = lock_group(app, gid)
    if not changes:
        return
    for name, value in changes.items():
        setattr(group, name, value)
    group.updated_at = timezone.now()
    group.save(update_fields=[*changes, "updated_at"])
    group_updated.send(sender=Group, event=GroupEvent(app.pk, group.pk))


@transaction.atomic
def transfer_group(*, app: App, gid: int, username: str, of: App | None = None) -> None:
    """Make another member the owner, a user of the app or of another one, `of`, that it may operate on.

    Raises NO_SUCH_GROUP, NO_SUCH_USER, NOT_A_MEMBER. Nothing happens when they own it already.
    """
    user = (of or app).users.held().by_username(username)
    group = lock_group(app, gid)
    if not group.members.filter(user=user).exists():
        raise ImError(NOT_A_MEMBER)
    if group.owner_id != user.pk:
        hand_over(group, user)
        owner_changed.send(sender=Group, event=OwnerChanged(app.pk, group.pk, user.pk))


def hand_over(group: Group, user: User) -> None:
    """Write the new owner, a member of the group, which the caller has locked; announces nothing."""
    group.members.filter(role=Role.OWNER).update(role=Role.MEMBER)
    group.members.filter(user=user).update(role=Role.OWNER)
    group.owner = user
    group.updated_at = timezone.now()
    group.save(update_fields=["owner", "updated_at"])


@transaction.atomic
def dissolve_group(*, app: App, gid: int) -> None:
    """End the group: members go, its log stays readable to those who were there. Raises NO_SUCH_GROUP."""
    group = lock_group(app, gid)
    close(group)
    group_dissolved.send(sender=Group, event=GroupEvent(app.pk, group.pk))
