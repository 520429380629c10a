"""What the log does about the news of groups: it tells it, in order, among the messages."""

from django.dispatch import receiver

from apps.core.models import App
from apps.groups.signals import (
    GroupEvent,
    GroupsImported,
    MembersChanged,
    OwnerChanged,
    group_created,
    group_dissolved,
    group_updated,
    groups_imported,
    members_changed,
    owner_changed,
)
from apps.messaging.services import conversations


def _app(app_id: int) -> App:
    return App.objects.get(pk=app_id)  # tenant-free: this is the tenant itself


@receiver(group_created)
def open_conversation(*, event: GroupEvent, **kwargs: object) -> None:
    """A group comes with its conversation."""
    app = _app(event.app_id)
    conversations.open_group(app=app, group=app.groups.get(pk=event.group_id))


@receiver(groups_imported)
def open_conversations(*, event: GroupsImported, **kwargs: object) -> None:
    """Imported groups come with theirs, in which nothing is told."""
    conversations.open_imported_groups(app=_app(event.app_id), group_ids=event.group_ids)


@receiver(members_changed)
def tell_members_changed(*, events: tuple[MembersChanged, ...], **kwargs: object) -> None:
    """All events of one transaction are of one app."""
    if events:
        conversations.tell_members_changed(app=_app(events[0].app_id), changes=events)


@receiver(owner_changed)
def tell_owner_changed(*, event: OwnerChanged, **kwargs: object) -> None:
    """The group hears who owns it."""
    app = _app(event.app_id)
    owner = app.users.get(pk=event.owner_id)
    conversations.tell_owner_changed(app=app, group_id=event.group_id, owner=owner)


@receiver(group_updated)
def tell_group_updated(*, event: GroupEvent, **kwargs: object) -> None:
    """The group hears that it was changed."""
    conversations.tell_group_updated(app=_app(event.app_id), group_id=event.group_id)


@receiver(group_dissolved)
def close_conversation(*, event: GroupEvent, **kwargs: object) -> None:
    """The conversation ends with the group."""
    conversations.close_group(app=_app(event.app_id), group_id=event.group_id)
