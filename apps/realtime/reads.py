"""What a gateway asks the database, in its threads: rows, who may see them, who is who."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import orjson

from apps.core.models import App
from apps.messaging import sync
from apps.messaging.api.serializers import message_reply
from apps.messaging.models import EVENT, Message, Participant

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


@dataclass(frozen=True)
class LogState:
    """An app's log as it is now: its epoch, its last row, and the highest id given to a row of any app."""

    epoch: int
    end: int
    last_id: int


def state_of_log(app: App) -> LogState:
    """How the app's log stands. Three short queries."""
    epochs = App.objects.filter(pk=app.pk).values_list(
        "log_epoch", flat=True
    )  # tenant-free: itself
    epoch = epochs.get()
    return LogState(epoch, app.messages.end(), sync.last_id())


# One statement, so one snapshot: whoever came or went with a row has come or gone in it, and a stretch that
# has ended still says where. The users are one array, so that the statement stays the same, and prepared.
_NEXT = f"""
WITH fresh AS MATERIALIZED (
    SELECT * FROM messaging_message WHERE app_id = %(app)s AND id > %(position)s
    ORDER BY id LIMIT %(rows)s
)
SELECT fresh.*, ARRAY(
    SELECT p.user_id FROM messaging_participant p
    WHERE p.conversation_id = fresh.conversation_id AND p.user_id = ANY(%(users)s::bigint[])
        AND p.starts_after < fresh.id AND fresh.id <= COALESCE(p.ends_at, 9223372036854775807)
        AND (fresh.msg_type = '{EVENT}' OR NOT p.shielded)
) AS readers
FROM fresh ORDER BY id
"""  # noqa: S608 put together from constants


def next_batch(app: App, position: int, user_ids: Collection[int]) -> Batch:
    """The rows after a position, and who of those users may see each. One query."""
    # As text: of ten thousand numbers a tenth of the time that a list takes.
    users = "{" + ",".join(map(str, user_ids)) + "}"
    values = {"app": app.pk, "position": position, "rows": BATCH, "users": users}
    messages = list(Message.objects.raw(_NEXT, values))  # tenant-free: by the app's id
    rows = [(_row(app, message), getattr(message, "readers", [])) for message in messages]
    last = messages[-1].pk if messages else position
    return Batch(rows, last, has_more=len(messages) == BATCH)


def rows_for(app: App, user_id: int, place: sync.Place, limit: int) -> list[Row]:
    """What one user may read after a place. Raises CURSOR_OUTLIVED."""
    page = sync.read_after(app=app, user_id=user_id, place=place, limit=limit)
    return [_row(app, message) for message in page.messages]


def members_of(conversation_id: int, user_ids: Collection[int]) -> set[int]:
    """Who of those users is in the conversation now, and does not shield it."""
    present = Participant.objects.listening().filter(  # tenant-free: the gateway's own connections
        conversation=conversation_id, user__in=user_ids
    )
    return set(present.values_list("user", flat=True))


def _row(app: App, message: Message) -> Row:
    reply = message_reply(app, message)
    try:
        return Row(message.pk, orjson.dumps(reply))
    except TypeError:
        # A number of more than 64 bits. The API takes none, but an add-on may have stored one, and a single
        # row must not stop the log for everybody.
        return Row(message.pk, json.dumps(reply).encode())
