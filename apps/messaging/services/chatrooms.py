"""Conversations of chatrooms: who is there hears what is said while they are, and is owed nothing more.

Who comes and who goes by themselves is not told in the log: a room of thousands would hear of little else.
"""

from collections.abc import Collection, Sequence

from apps.accounts.models import User
from apps.core.models import App
from apps.groups.models import Chatroom
from apps.groups.services.chatroom_members import enter_chatroom
from apps.messaging.drafts import Event
from apps.messaging.log import append_events
from apps.messaging.models import Conversation, ConversationKind, Message, Participant

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
    conversation = app.conversations.create(kind=ConversationKind.CHATROOM, chatroom=room)
    let_hear(
        app=app,
        conversation=conversation,
        user_ids=room.members.order_by("pk").values_list("user", flat=True),
    )


def let_hear(*, app: App, conversation: Conversation, user_ids: Collection[int]) -> None:
    """Let who came hear what comes. Of rooms they are no longer in, nothing is kept for them."""
    Participant.objects.filter(  # tenant-free: the users are the tenant's
        user__in=user_ids, live_only=True, ends_at__isnull=False
    ).delete()
    end = app.messages.end()
    Participant.objects.bulk_create(  # tenant-free: the conversation is the tenant's
        Participant(
            conversation=conversation,
            user_id=pk,
            starts_after=end,
            read_up_to=end,
            live_only=True,
        )
        for pk in user_ids
    )


def let_go(*, conversation: Conversation, user_ids: Collection[int]) -> None:
    """Who left by themselves hears nothing more, and nobody is told."""
    conversation.participants.filter(user__in=user_ids).delete()


def tell_removed(*, app: App, conversation: Conversation, user_ids: Sequence[int]) -> None:
    """Tell the room whom the app put out, who hear that and nothing more."""
    names = dict(app.users.filter(pk__in=user_ids).values_list("pk", "username"))
    parts = [
        user_ids[start : start + _NAMES_AT_MOST]
        for start in range(0, len(user_ids), _NAMES_AT_MOST)
    ]
    events = [
        _event(conversation, "remove_members", tuple(names[pk] for pk in part)) for part in parts
    ]
    for part, msg_id in zip(parts, append_events(app=app, events=events), strict=True):
        conversation.participants.present().filter(user__in=part).update(ends_at=msg_id)


def tell(
    *, app: App, conversation: Conversation, event_type: str, usernames: tuple[str, ...] = ()
) -> None:
    """Tell the room of something that happened to it, or to that user."""
    append_events(app=app, events=[_event(conversation, event_type, usernames)])


def close_chatroom(*, app: App, conversation: Conversation) -> None:
    """Tell the room that it is deleted, the last that is heard there."""
    (told,) = append_events(app=app, events=[_event(conversation, "delete_chatroom", ())])
    conversation.participants.present().update(ends_at=told)


def _event(conversation: Conversation, event_type: str, names: tuple[str, ...]) -> Event:
    return Event(
        conversation_id=conversation.pk,
        target_type="chatroom",
        target_id=str(conversation.chatroom_id),
        event_type=event_type,
        to_username_list=names,
    )
