"""What groups do about the news from below."""

from django.dispatch import receiver

from apps.accounts.signals import UsersChanged, users_deleted
from apps.core.models import App
from apps.groups.services.departures import leave_all_groups


@receiver(users_deleted)
def take_out_of_groups(*, event: UsersChanged, **kwargs: object) -> None:
    """The deleted leave their groups before their rows go."""
    app = App.objects.get(pk=event.app_id)  # tenant-free: this is the tenant itself
    leave_all_groups(app=app, user_ids=event.user_ids)
