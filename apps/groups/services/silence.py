"""Silence: members who may not speak in their group."""

from collections.abc import Sequence

from django.db import transaction

from apps.core.errors import NOT_A_MEMBER, ImError
from apps.core.models import App
from apps.groups.models import Group
from apps.groups.services.members import lock_group
from apps.groups.signals import MembersSilenced, members_silenced


@transaction.atomic
def silence_members(
    *, app: App, gid: int, usernames: Sequence[str], silenced: bool, of: App | None = None
) -> None:
    """Let none of these members speak in the group any more or, with `silenced` false, let them again.

    They are users of the app or, where it is given, of the app `of`.

    All or none; of whom it holds already, nothing is told. Ends when they leave the group. Raises
    NO_SUCH_GROUP, NO_SUCH_USER, NOT_A_MEMBER.
    """
    users = (of or app).users.held().by_usernames(usernames)
    group = lock_group(app, gid)
    there = group.members.filter(user__in=users.values())
    if there.count() != len(users):
        raise ImError(NOT_A_MEMBER)
    others = there.filter(silenced=not silenced)
    changed = tuple(others.order_by("pk").values_list("user", flat=True))
    others.update(silenced=silenced)
    if changed:
        event = MembersSilenced(app.pk, group.pk, changed, silenced)
        members_silenced.send(sender=Group, event=event)
