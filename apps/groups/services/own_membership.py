"""What users do about groups by themselves: join, leave, and rule their own."""

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import (
    ALREADY_MEMBER,
    GROUP_FULL,
    GROUP_NOT_PUBLIC,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    NOT_THE_OWNER,
    PARAMETER_INVALID,
    ImError,
)
from apps.core.models import App
from apps.groups.models import Group, GroupKind, GroupMember
from apps.groups.services.members import check_room_for_groups, lock_group
from apps.groups.signals import MembersChanged, members_changed


def owned_group(*, user: User, gid: int) -> Group:
    """The group, of whichever app, if the user owns it.

    Raises NO_SUCH_GROUP for one they cannot see, NOT_THE_OWNER.
    """
    group = Group.objects.seen_by(user, gid)  # tenant-free: what the user may see
    if group.owner_id != user.pk:
        raise ImError(NOT_THE_OWNER)
    return group


@transaction.atomic
def join_group(*, app: App, user: User, gid: int) -> None:
    """Become a member of a public group.

    Raises NO_SUCH_USER for one deleted meanwhile, NO_SUCH_GROUP, GROUP_NOT_PUBLIC, ALREADY_MEMBER,
    GROUP_FULL, TOO_MANY_GROUPS.
    """
    if not app.users.held().filter(pk=user.pk):
        raise ImError(NO_SUCH_USER)
    group = lock_group(app, gid)
    if group.members.filter(user=user).exists():
        raise ImError(ALREADY_MEMBER)
    if group.kind != GroupKind.PUBLIC:
        raise ImError(GROUP_NOT_PUBLIC)
    if group.members.count() >= group.max_members:
        raise ImError(GROUP_FULL)
    check_room_for_groups(app, [user])
    GroupMember(group=group, user=user).save(force_insert=True)
    _tell(group, MembersChanged(group.app_id, group.pk, added=(user.pk,)))


@transaction.atomic
def leave_group(*, app: App, user: User, gid: int) -> None:
    """Be a member no longer. Raises NO_SUCH_GROUP, NOT_A_MEMBER, PARAMETER_INVALID for the owner."""
    joined = user.memberships.filter(group=gid).select_related("group__app").first()
    group = lock_group(joined.group.app if joined is not None else app, gid)
    if group.owner_id == user.pk:
        raise ImError(PARAMETER_INVALID, "gid: hand your own group on or dissolve it, to leave it")
    removed, _ = group.members.filter(user=user).delete()
    if not removed:
        raise ImError(NOT_A_MEMBER)
    _tell(group, MembersChanged(group.app_id, group.pk, removed=(user.pk,), left=True))


def _tell(group: Group, event: MembersChanged) -> None:
    group.updated_at = timezone.now()
    group.save(update_fields=["updated_at"])
    members_changed.send(sender=Group, events=(event,))
