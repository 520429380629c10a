"""Conversations of chatrooms: who is there hears what is said while they are, and is owed nothing more.

Who comes and who goes by themselves is not told in the log: a room of thousands would hear of little else.
"""

from collections.abc import Collection, Sequence

from apps.accounts.models import User
from apps.core.models import App
from apps.groups.models import Chatroom
from apps.groups.services.chatroom_members import enter_chatroom
from apps.messaging.models import Conversation, ConversationKind, Message, Participant
from apps.messaging.services import telling
from apps.messaging.services.telling import News, let_hear_no_further, places_of_chatrooms

LATEST = 50
"""Messages of the room that who enters gets to see."""
_NAMES_AT_MOST = 500  # in one event: the row goes to everybody who is there


def enter(*, app: App, user: User, room_id: int) -> tuple[Chatroom, Conversation, list[Message]]:
    """Be in the room. Returns it, its conversation, and the latest 50 messages, oldest first.

    They are read once the user is in: what is said from then on reaches them by following the log, and what
    was said at that very moment perhaps both ways. Who is in already gets the latest again. Raises as
    `enter_chatroom`.
    """
    room = enter_chatroom(app=app, user=user, room_id=room_id)
    conversation = app.conversations.of_chatroom(room)
    said = app.messages.said().filter(conversation=conversation).order_by("-pk")
    return room, conversation, list(said[:LATEST])[::-1]


def open_chatroom(*, app: App, room: Chatroom) -> None:
    """Make the new room's conversation, and let its members hear it from here on."""
    app.conversations.create(kind=ConversationKind.CHATROOM, chatroom=room)
    members = room.members.select_related("user__app").order_by("pk")
    let_hear(room=room, users=[member.user for member in members])


def open_room_in_apps(*, room: Chatroom, app_ids: Collection[int]) -> None:
    """Make the room's conversation in each of these apps, where there is none yet."""
    Conversation.objects.bulk_create(  # tenant-free: of the apps of those who are in the room
        [
            Conversation(app_id=app_id, kind=ConversationKind.CHATROOM, chatroom=room)
            for app_id in sorted(app_ids)
        ],
        ignore_conflicts=True,
    )


def let_hear(*, room: Chatroom, users: Sequence[User]) -> None:
    """Let who came hear what comes, each in the log of their app, which they come with.

    Of rooms they are no longer in, nothing is kept for them.
    """
    apps = {user.app_id: user.app for user in users}
    if others := apps.keys() - {room.app_id}:
        open_room_in_apps(room=room, app_ids=others)
    Participant.objects.filter(  # tenant-free: the users are named
        user__in=users, live_only=True, ends_at__isnull=False
    ).delete()
    for app in apps.values():
        conversation = app.conversations.of_chatroom(room)
        end_of_log = app.messages.end()
        Participant.objects.bulk_create(  # tenant-free: the conversation is the app's
            Participant(
                conversation=conversation,
                user=user,
                starts_after=end_of_log,
                read_up_to=end_of_log,
                live_only=True,
            )
            for user in users
            if user.app_id == app.pk
        )


def let_go(*, room_id: int, user_ids: Collection[int]) -> None:
    """Who left by themselves hears nothing more, and nobody is told."""
    Participant.objects.filter(  # tenant-free: of the room, in every app
        conversation__chatroom=room_id, user__in=user_ids
    ).delete()


def tell_removed(*, room_id: int, users: Sequence[User]) -> None:
    """Tell the room whom the app put out, who hear that and nothing more. They come with their apps."""
    parts = [
        users[start : start + _NAMES_AT_MOST] for start in range(0, len(users), _NAMES_AT_MOST)
    ]
    places = places_of_chatrooms([room_id])
    told = telling.tell(places, [News(room_id, "remove_members", part) for part in parts])
    for part, ids in zip(parts, told, strict=True):
        let_hear_no_further(places[room_id], part, ids)


def tell(*, room_id: int, event_type: str, users: Sequence[User] = ()) -> None:
    """Tell the room of something that happened to it, or to those users, who come with their apps."""
    telling.tell(places_of_chatrooms([room_id]), [News(room_id, event_type, users)])


def close_chatroom(*, room_id: int) -> None:
    """Tell the room that it is deleted, the last that is heard there."""
    places = places_of_chatrooms([room_id])
    (told,) = telling.tell(places, [News(room_id, "delete_chatroom")])
    telling.end(places[room_id], told)
