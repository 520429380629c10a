"""What happens to groups when users are deleted."""

from collections.abc import Collection

from apps.core.models import App
from apps.groups.models import Group
from apps.groups.services.groups import close, hand_over
from apps.groups.signals import (
    GroupEvent,
    MembersChanged,
    OwnerChanged,
    group_dissolved,
    members_changed,
    owner_changed,
)


def leave_all_groups(*, app: App, user_ids: Collection[int]) -> None:
    """Take the users out of their groups. Call inside the transaction that deletes them.

    A group whose owner goes passes to the member who has been in it longest; one that is left empty is
    dissolved. All groups are locked first, in the order of their numbers, and the news is sent last, so
    that two such calls cannot deadlock.
    """
    touched = app.groups.standing().filter(members__user__in=user_ids).values("pk")
    groups = list(app.groups.standing().filter(pk__in=touched).select_for_update().order_by("pk"))
    departures: list[MembersChanged] = []
    dissolved: list[GroupEvent] = []
    owners: list[OwnerChanged] = []
    for group in groups:
        gone = group.members.filter(user__in=user_ids)
        gone_ids = tuple(gone.order_by("pk").values_list("user", flat=True))
        gone.delete()
        heir = group.members.select_related("user").order_by("pk").first()
        if heir is None:
            close(group)
            dissolved.append(GroupEvent(app.pk, group.pk))
            continue
        departures.append(MembersChanged(app.pk, group.pk, removed=gone_ids, left=True))
        if group.owner_id in user_ids:
            hand_over(group, heir.user)
            owners.append(OwnerChanged(app.pk, group.pk, heir.user_id))
    members_changed.send(sender=Group, events=tuple(departures))
    for owner in owners:
        owner_changed.send(sender=Group, event=owner)
    for group_event in dissolved:
        group_dissolved.send(sender=Group, event=group_event)
