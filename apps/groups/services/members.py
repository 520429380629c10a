"""Members: added and removed, within the limits."""

from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import (
    ALREADY_MEMBER,
    GROUP_FULL,
    NO_SUCH_GROUP,
    NOT_A_MEMBER,
    PARAMETER_INVALID,
    TOO_MANY_GROUPS,
    ImError,
)
from apps.core.models import App
from apps.groups.models import LARGEST_GID, Group, GroupMember
from apps.groups.signals import MembersChanged, members_changed


def lock_group(app: App, gid: int) -> Group:
    """The standing group, locked until the transaction ends. Raises NO_SUCH_GROUP.

    Every change of a group or of its members takes this lock, so that they happen one after another. Users
    who come, or are made the owner, are held before it (`UserQuerySet.held`).
    """
    found = app.groups.standing().select_for_update(of=("self",)).filter(pk=gid).first()
    if found is None:
        raise ImError(NO_SUCH_GROUP)
    return found


def lock_groups(app: App, gids: Collection[int]) -> set[int]:
    """As `lock_group`, for several, in the order of their numbers: which of them stand. One query."""
    findable = [gid for gid in gids if 0 < gid <= LARGEST_GID]
    found = app.groups.standing().filter(pk__in=findable).order_by("pk")
    return set(found.select_for_update(of=("self",)).values_list("pk", flat=True))


@transaction.atomic
def change_members(
    *, app: App, gid: int, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> None:
    """Add some and remove others, in this order, all of it or nothing, and announce it.

    Raises NO_SUCH_GROUP, NO_SUCH_USER, ALREADY_MEMBER, GROUP_FULL, TOO_MANY_GROUPS, NOT_A_MEMBER, and
    PARAMETER_INVALID for a name in both lists or the removal of the owner, whose group must be handed on
    or dissolved. The users' rows and the group's are locked, so both limits hold however many calls run at
    once.
    """
    if both := set(add) & set(remove):
        raise ImError(PARAMETER_INVALID, f"remove: {min(both)} is also to be added")
    users = app.users.held().by_usernames([*add, *remove])
    group = lock_group(app, gid)
    coming = [users[name] for name in dict.fromkeys(add)]
    going = [users[name] for name in dict.fromkeys(remove)]
    _add(app, group, coming)
    _remove(group, going)
    group.updated_at = timezone.now()
    group.save(update_fields=["updated_at"])
    event = MembersChanged(
        app.pk,
        group.pk,
        added=tuple(user.pk for user in coming),
        removed=tuple(user.pk for user in going),
    )
    members_changed.send(sender=Group, events=(event,))


def _add(app: App, group: Group, users: list[User]) -> None:
    if not users:
        return
    if group.members.filter(user__in=users).exists():
        raise ImError(ALREADY_MEMBER)
    if group.members.count() + len(users) > group.max_members:
        raise ImError(GROUP_FULL)
    check_room_for_groups(app, users)
    group.members.bulk_create(GroupMember(group=group, user=user) for user in users)


def _remove(group: Group, users: list[User]) -> None:
    if any(user.pk == group.owner_id for user in users):
        raise ImError(PARAMETER_INVALID, "remove: the owner can't be removed from their group")
    removed, _ = group.members.filter(user__in=users).delete()
    if removed != len(users):
        raise ImError(NOT_A_MEMBER)


def check_room_for_groups(app: App, users: Iterable[User]) -> None:
    """Refuse (TOO_MANY_GROUPS) if one of them is in as many groups as the app allows. One query."""
    full = (
        GroupMember.objects.filter(user__in=list(users))  # tenant-free: the users are the tenant's
        .order_by()
        .values("user")
        .annotate(groups=Count("pk"))
        .filter(groups__gte=app.max_groups_per_user)
    )
    if full.exists():
        raise ImError(TOO_MANY_GROUPS)
