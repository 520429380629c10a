"""What the log does about the news of users and groups: it tells it, in order, among the messages."""

from django.dispatch import receiver

from apps.accounts.models import User
from apps.accounts.signals import (
    FriendsChanged,
    UsersChanged,
    friends_added,
    friends_noted,
    friends_removed,
    users_deleted,
)
from apps.core.models import App
from apps.groups.signals import (
    GroupEvent,
    GroupsImported,
    MembersChanged,
    MembersSilenced,
    NoDisturbChanged,
    OwnerChanged,
    ShieldsChanged,
    group_created,
    group_dissolved,
    group_updated,
    groups_imported,
    members_changed,
    members_silenced,
    no_disturb_changed,
    owner_changed,
    shields_changed,
)
from apps.messaging.services import conversations, notices
from apps.messaging.services.notices import Notice


def _app(app_id: int) -> App:
    return App.objects.get(pk=app_id)  # tenant-free: this is the tenant itself


def _people(event: FriendsChanged) -> tuple[User, list[User]]:
    """The owner and the friends, in their order, with their apps. One query."""
    found = User.objects.select_related("app").in_bulk(  # tenant-free: friends may be of other apps
        [event.owner_id, *event.friend_ids]
    )
    return found[event.owner_id], [found[pk] for pk in event.friend_ids]


def _user(pk: int) -> User:
    return User.objects.select_related("app").get(pk=pk)  # tenant-free: the event names a row


@receiver(friends_added)
def tell_friends_added(*, event: FriendsChanged, **kwargs: object) -> None:
    """Each hears of the other."""
    _tell_friends(event, "add_friends")


@receiver(friends_removed)
def tell_friends_removed(*, event: FriendsChanged, **kwargs: object) -> None:
    """Each hears of the other."""
    _tell_friends(event, "remove_friends")


def _tell_friends(event: FriendsChanged, event_type: str) -> None:
    owner, friends = _people(event)
    doer = owner.username if event.by_owner else ""
    notices.tell_friends(owner=owner, friends=friends, event_type=event_type, from_username=doer)


@receiver(friends_noted)
def tell_friends_noted(*, event: FriendsChanged, **kwargs: object) -> None:
    """Only who wrote it down hears of it, on their devices."""
    owner, friends = _people(event)
    names = tuple(friend.username for friend in friends)
    notice = Notice(user=owner, event_type="note_friends", to_username_list=names)
    notices.tell(app=owner.app, notices=[notice])


@receiver(users_deleted)
def tell_friends_of_deletion(*, event: UsersChanged, **kwargs: object) -> None:
    """The friends of the deleted have one friend less."""
    notices.tell_of_deletion(app=_app(event.app_id), user_ids=event.user_ids)


@receiver(no_disturb_changed)
def tell_no_disturb_changed(*, event: NoDisturbChanged, **kwargs: object) -> None:
    """The user's devices may ask what it is now."""
    user = _user(event.user_id)
    notices.tell(app=user.app, notices=[Notice(user=user, event_type="update_no_disturb")])


@receiver(shields_changed)
def turn_shields(*, event: ShieldsChanged, **kwargs: object) -> None:
    """From here on the user is told nothing of the ones, and everything of the others."""
    notices.turn_shields(
        user=_user(event.user_id), shielded=event.shielded, unshielded=event.unshielded
    )


@receiver(members_silenced)
def tell_members_silenced(*, event: MembersSilenced, **kwargs: object) -> None:
    """The group hears who may not speak, or may again."""
    conversations.tell_members_silenced(app=_app(event.app_id), event=event)


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
