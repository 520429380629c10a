"""What groups do about the news from below."""

from django.dispatch import receiver

from apps.accounts.signals import UsersChanged, users_deleted
from apps.core.models import App
from apps.groups.services.chatrooms import tell_owners, vacate_chatrooms
from apps.groups.services.departures import leave_all_groups


@receiver(users_deleted)
def take_out_of_groups(*, event: UsersChanged, **kwargs: object) -> None:
    """The deleted leave their groups and chatrooms before their rows go.

    The rooms are locked before the groups, and their news sent after: it takes the log's lock.
    """
    app = App.objects.get(pk=event.app_id)  # tenant-free: this is the tenant itself
    owners = vacate_chatrooms(app=app, user_ids=event.user_ids)
    rooms = [owner.chatroom_id for owner in owners]
    leave_all_groups(app=app, user_ids=event.user_ids, chatroom_ids=rooms)
    tell_owners(owners)
