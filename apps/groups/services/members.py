"""Members: added and removed, within the limits."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import (
    ALREADY_MEMBER,
    GROUP_FULL,
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    PARAMETER_INVALID,
    TOO_MANY_GROUPS,
    ImError,
)
from apps.core.models import App
from apps.groups.models import LARGEST_GID, Group, GroupMember
from apps.groups.signals import GroupEvent, MembersChanged, group_dissolved, members_changed


def lock_group(app: App, gid: int) -> Group:
    """The standing group, locked until the transaction ends. Raises NO_SUCH_GROUP.

    Every change of a group or of its members takes this lock, so that they happen one after another. Users
    who come, or are made the owner, are held before it (`UserQuerySet.held`).
    """
    found = app.groups.standing().select_for_update(of=("self",)).filter(pk=gid).first()
    if found is None:
        raise ImError(NO_SUCH_GROUP)
    return found


def lock_groups(app: App, user: User, gids: Collection[int]) -> set[int]:
    """As `lock_group`, for several, in the order of their numbers: which of them stand. One query.

    They are groups of the app, or of another that the user is in.
    """
    findable = [gid for gid in gids if 0 < gid <= LARGEST_GID]
    known = Q(app=app) | Q(pk__in=user.memberships.values("group"))
    groups = Group.objects.standing().filter(known, pk__in=findable)  # tenant-free: as it says
    locked = groups.order_by("pk").select_for_update(of=("self",))
    return set(locked.values_list("pk", flat=True))


def lock_groups_of_any_app(apps: Collection[App], gids: Collection[int]) -> None:
    """Lock those of the groups that stand, before some are changed in one app and then others in another."""
    findable = [gid for gid in gids if 0 < gid <= LARGEST_GID]
    of_apps = Group.objects.standing().filter(app__in=apps)  # tenant-free: of these
    found = of_apps.filter(pk__in=findable).order_by("pk")
    list(found.select_for_update(of=("self",)).values_list("pk"))


@dataclass(frozen=True, kw_only=True)
class MemberChange:
    """Who of one app is to come, and who to go."""

    app: App
    add: Sequence[str] = ()
    remove: Sequence[str] = ()


@transaction.atomic
def change_members(
    *,
    app: App,
    gid: int,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    of: App | None = None,
) -> None:
    """Add some and remove others, in this order, all of it or nothing, and announce it.

    They are users of the app or, where it is given, of the app `of`.

    Raises NO_SUCH_GROUP, NO_SUCH_USER, ALREADY_MEMBER, GROUP_FULL, TOO_MANY_GROUPS, NOT_A_MEMBER, and
    PARAMETER_INVALID for a name in both lists or the removal of the owner, whose group must be handed on
    or dissolved. The users' rows and the group's are locked, so both limits hold however many calls run at
    once.
    """
    change = MemberChange(app=of or app, add=add, remove=remove)
    users = held_members([change])
    _change(lock_group(app, gid), [change], users)


@transaction.atomic
def change_members_across(*, app: App, gid: int, changes: Sequence[MemberChange]) -> None:
    """As `change_members`, in a group of `app`, for users of any apps that it may operate on: all or nothing.

    Everybody may go, the owner too: a group that is left empty is dissolved. Raises as `change_members`.
    """
    users = held_members(changes)
    group = lock_group(app, gid)
    going = {users[change.app.pk, name].pk for change in changes for name in change.remove}
    coming = any(change.add for change in changes)
    staying = group.members.exclude(user__in=going)
    if going and not coming and not staying.exists():
        if group.members.filter(user__in=going).count() != len(going):
            raise ImError(NOT_A_MEMBER)
        close(group)
        group_dissolved.send(sender=Group, event=GroupEvent(app.pk, group.pk))
        return
    _change(group, changes, users)


def held_members(changes: Sequence[MemberChange]) -> dict[tuple[int, str], User]:
    """All that are named, by app and name, their rows locked in the order of their ids. NO_SUCH_USER."""
    wanted: list[tuple[App, str]] = []
    named = Q(pk__in=[])
    for change in changes:
        if both := set(change.add) & set(change.remove):
            raise ImError(PARAMETER_INVALID, f"remove: {min(both)} is also to be added")
        names = [*change.add, *change.remove]
        wanted += [(change.app, name) for name in names]
        named |= Q(app=change.app, username__in=[name for name in names if "\0" not in name])
    held = User.objects.held().filter(named)  # tenant-free: each by their app
    users = {(user.app_id, user.username): user for user in held}
    for app, name in wanted:
        if (app.pk, name) not in users:
            raise ImError(NO_SUCH_USER, f"No such user: {name}")
    return users


def _change(
    group: Group, changes: Sequence[MemberChange], users: Mapping[tuple[int, str], User]
) -> None:
    coming = [
        users[change.app.pk, name] for change in changes for name in dict.fromkeys(change.add)
    ]
    going = [
        users[change.app.pk, name] for change in changes for name in dict.fromkeys(change.remove)
    ]
    _add(group, coming, [change.app for change in changes])
    _remove(group, going)
    group.updated_at = timezone.now()
    group.spans_apps = group.spans_apps or any(user.app_id != group.app_id for user in coming)
    group.save(update_fields=["updated_at", "spans_apps"])
    event = MembersChanged(
        group.app_id,
        group.pk,
        added=tuple(user.pk for user in coming),
        removed=tuple(user.pk for user in going),
    )
    members_changed.send(sender=Group, events=(event,))


def _add(group: Group, users: list[User], apps: Iterable[App]) -> None:
    if not users:
        return
    if group.members.filter(user__in=users).exists():
        raise ImError(ALREADY_MEMBER)
    if group.members.count() + len(users) > group.max_members:
        raise ImError(GROUP_FULL)
    for app in apps:
        check_room_for_groups(app, [user for user in users if user.app_id == app.pk])
    group.members.bulk_create(GroupMember(group=group, user=user) for user in users)


def _remove(group: Group, users: list[User]) -> None:
    if any(user.pk == group.owner_id for user in users):
        raise ImError(PARAMETER_INVALID, "remove: the owner can't be removed from their group")
    removed, _ = group.members.filter(user__in=users).delete()
    if removed != len(users):
        raise ImError(NOT_A_MEMBER)


def check_room_for_groups(app: App, users: Iterable[User]) -> None:
    """Refuse (TOO_MANY_GROUPS) if one of them is in as many groups as the app allows. One query."""
    if in_most_groups(app, users).exists():
        raise ImError(TOO_MANY_GROUPS)


def in_most_groups(app: App, users: Iterable[User]) -> "QuerySet[GroupMember, int]":
    """The ids of those of them who are in as many groups as the app allows."""
    return (
        GroupMember.objects.filter(user__in=list(users))  # tenant-free: the users are the tenant's
        .order_by()
        .values("user")
        .annotate(groups=Count("pk"))
        .filter(groups__gte=app.max_groups_per_user)
        .values_list("user", flat=True)
    )


def close(group: Group) -> None:
    """Write the end of a group the caller has locked; announces nothing."""
    group.members.all().delete()
    group.dissolved_at = timezone.now()
    group.save(update_fields=["dissolved_at"])
