"""What happens to groups when users are deleted."""

from collections.abc import Collection

from django.db import connection

from apps.accounts.models import Friendship, User
from apps.core.models import App
from apps.groups.models import Group, GroupMember
from apps.groups.services.groups import hand_over
from apps.groups.services.members import close
from apps.groups.signals import (
    GroupEvent,
    GroupsHeld,
    MembersChanged,
    OwnerChanged,
    group_dissolved,
    groups_held,
    members_changed,
    owner_changed,
)

# Whoever is being deleted has their row locked and waits for the group: nobody waits for them.
_HEIR = """
    SELECT u.id FROM groups_groupmember m JOIN accounts_user u ON u.id = m.user_id
    WHERE m.group_id = %s ORDER BY m.id LIMIT 1 FOR KEY SHARE OF u SKIP LOCKED
"""


def leave_all_groups(
    *, app: App, user_ids: Collection[int], chatroom_ids: Collection[int] = ()
) -> None:
    """Take the users out of their groups. Call inside the transaction that deletes them.

    A group whose owner goes passes to the member who has been in it longest; one that is left empty is
    dissolved. So it is in the groups of other apps. All groups are locked first, in the order of their
    numbers, and the news is sent last, so that two such calls cannot deadlock. `chatroom_ids` are rooms of
    which the caller sends news afterwards.
    """
    members = GroupMember.objects.filter(
        user__in=user_ids
    )  # tenant-free: the users are the tenant's
    touched = Group.objects.standing().filter(
        pk__in=members.values("group")
    )  # tenant-free: likewise
    groups = list(touched.select_for_update().order_by("pk"))
    friends_elsewhere = Friendship.objects.filter(  # tenant-free: the users are the tenant's
        friend__in=user_ids
    ).exclude(owner__app=app)
    if any(group.spans_apps for group in groups) or friends_elsewhere.exists():
        gids = tuple(group.pk for group in groups)
        held = GroupsHeld(gids, leaving=tuple(user_ids), chatroom_ids=tuple(chatroom_ids))
        groups_held.send(sender=Group, event=held)
    if not groups:
        return
    departures: list[MembersChanged] = []
    dissolved: list[GroupEvent] = []
    owners: list[OwnerChanged] = []
    for group in groups:
        gone = group.members.filter(user__in=user_ids)
        gone_ids = tuple(gone.order_by("pk").values_list("user", flat=True))
        gone.delete()
        heir = _heir(group)
        if heir is None:
            close(group)
            dissolved.append(GroupEvent(group.app_id, group.pk))
            continue
        departures.append(MembersChanged(group.app_id, group.pk, removed=gone_ids, left=True))
        if group.owner_id in user_ids:
            hand_over(group, heir)
            owners.append(OwnerChanged(group.app_id, group.pk, heir.pk))
    members_changed.send(sender=Group, events=tuple(departures))
    for owner in owners:
        owner_changed.send(sender=Group, event=owner)
    for group_event in dissolved:
        group_dissolved.send(sender=Group, event=group_event)


def _heir(group: Group) -> User | None:
    """The member who has been in it longest. Deletions come one by one in an app, but not across apps."""
    if not group.spans_apps:
        member = group.members.select_related("user").order_by("pk").first()
        return member.user if member is not None else None
    with connection.cursor() as cursor:
        cursor.execute(_HEIR, [group.pk])
        row = cursor.fetchone()
    return User.objects.get(pk=row[0]) if row else None  # tenant-free: a member of the group
