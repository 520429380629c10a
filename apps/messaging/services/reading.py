"""How far a user has read, and what passes without being stored."""

from functools import partial

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import NO_SUCH_CONVERSATION, NO_SUCH_MESSAGE, ImError
from apps.core.models import App
from apps.messaging.models import Conversation, ConversationKind, Participant
from apps.messaging.signals import Whisper, whispered


@transaction.atomic
def mark_read(*, app: App, user: User, conversation_id: int, msg_id: int) -> None:
    """Note that the user has read the conversation up to that message: only ever forward.

    Those who are in it are told, unless the user is not in it any more or it is a chatroom. Raises
    NO_SUCH_CONVERSATION for one the user was never in, NO_SUCH_MESSAGE for an id that is not of a row in it
    that they can see.
    """
    stretch = _present_or_past(user, conversation_id)
    seen = app.messages.visible_to(user).filter(conversation=conversation_id, pk=msg_id)
    if not seen.exists():
        raise ImError(NO_SUCH_MESSAGE)
    moved = user.participations.filter(pk=stretch.pk, read_up_to__lt=msg_id)
    if moved.update(read_up_to=msg_id) and _is_heard(stretch):
        _whisper(app, user, conversation_id, "read", read_up_to=msg_id)


def tell_typing(*, app: App, user: User, conversation_id: int) -> None:
    """Let the others who are connected know that the user is typing. Raises NO_SUCH_CONVERSATION.

    Nobody is told where the other of a pair blocks the user, whose message would be refused, nor in a
    chatroom: what each of thousands does there would go to thousands.
    """
    stretch = user.participations.present().filter(conversation=conversation_id).first()
    if stretch is None:
        raise ImError(NO_SUCH_CONVERSATION)
    if not _is_heard(stretch):
        return
    blocks = user.blocked_by.filter(
        owner__participations__conversation=conversation_id,
        owner__participations__conversation__kind=ConversationKind.SINGLE,
    )
    if not blocks.exists():
        _whisper(app, user, conversation_id, "typing")


def _present_or_past(user: User, conversation_id: int) -> Participant:
    stretches = user.participations.filter(conversation=conversation_id)
    last = stretches.order_by("-starts_after").first()
    if last is None:
        raise ImError(NO_SUCH_CONVERSATION)
    return last


def _is_heard(stretch: Participant) -> bool:
    """Whether the others in it are told what its user does."""
    return stretch.ends_at is None and not stretch.live_only


def _whisper(
    app: App, user: User, conversation_id: int, kind: str, read_up_to: int | None = None
) -> None:
    whisper = Whisper(app.pk, conversation_id, user.pk, user.username, kind, read_up_to)
    send = partial(whispered.send, sender=Conversation, whisper=whisper)
    transaction.on_commit(send)
