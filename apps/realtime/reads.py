"""What a gateway asks the database, in its threads: rows, who may see them, who is who."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import orjson

from apps.core.models import App
from apps.messaging import sync
from apps.messaging.api.serializers import message_reply
from apps.messaging.models import Message, Participant

BATCH = 500  # rows of an app's log read at once


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the log as it goes out: its id, and its JSON, made once for all who get it."""

    msg_id: int
    json: bytes


@dataclass(frozen=True)
class Batch:
    """The next rows of an app's log; for each the users connected here who may see it."""

    rows: Sequence[tuple[Row, Sequence[int]]]
    position: int
    has_more: bool


def next_batch(app: App, position: int, user_ids: Collection[int]) -> Batch:
    """The rows after a position, and who of those users may see each. At most two queries.

    Who may see a row is read after the row: whoever came or went with it has come or gone by then, and a
    stretch that has ended still says where.
    """
    messages = list(app.messages.filter(pk__gt=position).order_by("pk")[:BATCH])
    if not messages:
        return Batch([], position, has_more=False)
    conversations = {message.conversation_id for message in messages}
    stretches = Participant.objects.filter(  # tenant-free: of the app's own conversations
        conversation__in=conversations, user__in=user_ids, user__app=app
    ).values_list("conversation_id", "user_id", "starts_after", "ends_at")
    readers: dict[int, list[tuple[int, int, int | None]]] = {}
    for conversation_id, user_id, starts_after, ends_at in stretches:
        readers.setdefault(conversation_id, []).append((user_id, starts_after, ends_at))
    rows = [
        (_row(app, message), _seen_by(message, readers.get(message.conversation_id, [])))
        for message in messages
    ]
    return Batch(rows, messages[-1].pk, has_more=len(messages) == BATCH)


def _seen_by(message: Message, stretches: list[tuple[int, int, int | None]]) -> list[int]:
    return [
        user_id
        for user_id, starts_after, ends_at in stretches
        if starts_after < message.pk and (ends_at is None or message.pk <= ends_at)
    ]


def rows_for(app: App, user_id: int, position: int, limit: int) -> tuple[list[Row], bool]:
    """What one user may read after a position, and whether there is more. Raises CURSOR_OUTLIVED."""
    page = sync.read_after(app=app, user_id=user_id, position=position, limit=limit)
    return [_row(app, message) for message in page.messages], page.has_more


def members_of(conversation_id: int, user_ids: Collection[int]) -> set[int]:
    """Who of those users is in the conversation now."""
    present = Participant.objects.present().filter(  # tenant-free: the gateway's own connections
        conversation=conversation_id, user__in=user_ids
    )
    return set(present.values_list("user", flat=True))


def _row(app: App, message: Message) -> Row:
    return Row(message.pk, orjson.dumps(message_reply(app, message)))
