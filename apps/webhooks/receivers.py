"""What webhooks note about the news of users: rows of their own, in the same transaction."""

from django.dispatch import receiver

from apps.accounts.signals import (
    UsersChanged,
    users_deleted,
    users_disabled,
    users_enabled,
    users_registered,
)
from apps.webhooks.services.occurrences import note_users


@receiver(users_registered)
def note_registered(*, event: UsersChanged, **kwargs: object) -> None:
    """Whoever is new. The app's server knows those who were imported."""
    if not event.imported:
        note_users(app_id=event.app_id, event="users_registered", user_ids=event.user_ids)


@receiver(users_disabled)
def note_disabled(*, event: UsersChanged, **kwargs: object) -> None:
    """Who may not log in or send any more."""
    note_users(app_id=event.app_id, event="users_disabled", user_ids=event.user_ids)


@receiver(users_enabled)
def note_enabled(*, event: UsersChanged, **kwargs: object) -> None:
    """Who may again."""
    note_users(app_id=event.app_id, event="users_enabled", user_ids=event.user_ids)


@receiver(users_deleted)
def note_deleted(*, event: UsersChanged, **kwargs: object) -> None:
    """Who is gone; their names can still be read."""
    note_users(app_id=event.app_id, event="users_deleted", user_ids=event.user_ids)
