"""What the log does about the news of users, groups and chatrooms: it tells it, among the messages."""

from collections.abc import Sequence

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
from apps.groups.models import Chatroom
from apps.groups.signals import (
    ChatroomEvent,
    ChatroomMembersChanged,
    ChatroomMuteChanged,
    ChatroomOwnerChanged,
    GroupEvent,
    GroupsHeld,
    GroupsImported,
    MembersChanged,
    MembersSilenced,
    NoDisturbChanged,
    OwnerChanged,
    ShieldsChanged,
    chatroom_created,
    chatroom_deleted,
    chatroom_members_changed,
    chatroom_mute_changed,
    chatroom_owner_changed,
    chatroom_updated,
    group_created,
    group_dissolved,
    group_updated,
    groups_held,
    groups_imported,
    members_changed,
    members_silenced,
    no_disturb_changed,
    owner_changed,
    shields_changed,
)
from apps.messaging import logs
from apps.messaging.services import chatrooms, conversations, notices
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
    conversations.tell_members_silenced(event=event)


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
    """All that one transaction changed, in the logs of all apps concerned."""
    if events:
        conversations.tell_members_changed(changes=events)


@receiver(owner_changed)
def tell_owner_changed(*, event: OwnerChanged, **kwargs: object) -> None:
    """The group hears who owns it."""
    owner = User.objects.select_related("app").get(pk=event.owner_id)  # tenant-free: by the event
    conversations.tell_owner_changed(group_id=event.group_id, owner=owner)


@receiver(group_updated)
def tell_group_updated(*, event: GroupEvent, **kwargs: object) -> None:
    """The group hears that it was changed."""
    conversations.tell_group_updated(group_id=event.group_id)


@receiver(group_dissolved)
def close_conversation(*, event: GroupEvent, **kwargs: object) -> None:
    """The conversation ends with the group."""
    conversations.close_group(group_id=event.group_id)


@receiver(chatroom_created)
def open_conversation_of_chatroom(*, event: ChatroomEvent, **kwargs: object) -> None:
    """A chatroom comes with its conversation too."""
    app = _app(event.app_id)
    chatrooms.open_chatroom(app=app, room=app.chatrooms.get(pk=event.chatroom_id))


@receiver(chatroom_members_changed)
def change_hearers(*, event: ChatroomMembersChanged, **kwargs: object) -> None:
    """Who is in hears the room; it is told only of those whom the app put out."""
    if event.added:
        room = Chatroom.objects.get(pk=event.chatroom_id)  # tenant-free: the event names a row
        chatrooms.let_hear(room=room, users=_users(event.added))
    if event.removed and event.left:
        chatrooms.let_go(room_id=event.chatroom_id, user_ids=event.removed)
    elif event.removed:
        chatrooms.tell_removed(room_id=event.chatroom_id, users=_users(event.removed))


@receiver(chatroom_updated)
def tell_chatroom_updated(*, event: ChatroomEvent, **kwargs: object) -> None:
    """The room hears that it was changed."""
    chatrooms.tell(room_id=event.chatroom_id, event_type="update_chatroom")


@receiver(chatroom_owner_changed)
def tell_chatroom_owner_changed(*, event: ChatroomOwnerChanged, **kwargs: object) -> None:
    """The room hears who owns it."""
    users = [_user(event.owner_id)]
    chatrooms.tell(room_id=event.chatroom_id, event_type="change_owner", users=users)


@receiver(chatroom_mute_changed)
def tell_mute_changed(*, event: ChatroomMuteChanged, **kwargs: object) -> None:
    """The room hears who may not speak, and who may again."""
    kind = "mute_member" if event.muted else "unmute_member"
    users = [_user(event.user_id)]
    chatrooms.tell(room_id=event.chatroom_id, event_type=kind, users=users)


@receiver(chatroom_deleted)
def close_conversation_of_chatroom(*, event: ChatroomEvent, **kwargs: object) -> None:
    """The conversation ends with the room."""
    chatrooms.close_chatroom(room_id=event.chatroom_id)


def _users(pks: Sequence[int]) -> list[User]:
    found = User.objects.select_related("app").in_bulk(pks)  # tenant-free: the event names rows
    return [found[pk] for pk in pks]


@receiver(groups_held)
def hold_logs(*, event: GroupsHeld, **kwargs: object) -> None:
    """Several logs are about to be told: they are locked in order, whichever news comes first."""
    logs.hold(
        conversations.apps_hearing(group_ids=event.group_ids, chatroom_ids=event.chatroom_ids)
        | notices.apps_of_friends(user_ids=event.leaving)
    )
