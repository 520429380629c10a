"""What the statistics note about users and groups, in the transaction of the change."""

from django.dispatch import receiver

from apps.accounts.signals import UsersChanged, users_deleted, users_registered
from apps.console.models import ChangeKind
from apps.console.services.rollup import note
from apps.groups.signals import (
    GroupEvent,
    GroupsImported,
    group_created,
    group_dissolved,
    groups_imported,
)


@receiver(users_registered)
def note_registered(*, event: UsersChanged, **kwargs: object) -> None:
    """One row, whatever the size of the batch."""
    note(app_id=event.app_id, kind=ChangeKind.USERS_REGISTERED, amount=len(event.user_ids))


@receiver(users_deleted)
def note_deleted(*, event: UsersChanged, **kwargs: object) -> None:
    """One row, whatever the size of the batch."""
    note(app_id=event.app_id, kind=ChangeKind.USERS_DELETED, amount=len(event.user_ids))


@receiver(group_created)
def note_created(*, event: GroupEvent, **kwargs: object) -> None:
    """One more."""
    note(app_id=event.app_id, kind=ChangeKind.GROUP_CREATED)


@receiver(groups_imported)
def note_imported(*, event: GroupsImported, **kwargs: object) -> None:
    """One row, whatever the size of the batch."""
    note(app_id=event.app_id, kind=ChangeKind.GROUP_CREATED, amount=len(event.group_ids))


@receiver(group_dissolved)
def note_dissolved(*, event: GroupEvent, **kwargs: object) -> None:
    """One less."""
    note(app_id=event.app_id, kind=ChangeKind.GROUP_DISSOLVED)
