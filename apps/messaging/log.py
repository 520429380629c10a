"""The log of each app: append-only, ordered. The only place that assigns a `msg_id`.

Every insert takes the app's advisory lock first, as the last thing its transaction waits for. PostgreSQL
releases it once the row is visible, so ids become visible in their own order: a reader that asks for ids
above its cursor never skips one. An identity column alone does not give that, for a transaction that took
the lower id may commit last.

A send is one statement: its checks, the lock and the insert. Which check failed is worked out only when it
inserted nothing (`apps.messaging.services.messages`). What the lock orders is only the insert: the checks
see the state of the moment at which the statement began.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from apps.core.models import App
from apps.messaging import bells
from apps.messaging.drafts import IN_OWN_NAME, Draft, Event
from apps.messaging.models import EVENT, ConversationKind

LOCK = 0x1063  # the class of advisory locks that are logs; the object is the app
TAKE_LOCK = f"pg_advisory_xact_lock({LOCK}, %(app)s::int)"

COLUMNS = """
    app_id, conversation_id, sender_id, from_type, from_id, from_name, from_platform, target_type, target_id,
    target_name, msg_type, body, create_time, options, idempotency_key, idempotency_hash, sent_at
"""

# Who may speak, for all kinds of target. An unknown name and a barred one look the same here.
_SENDER = """
    sender AS MATERIALIZED (
        SELECT id FROM accounts_user
        WHERE app_id = %(app)s AND username = %(from_id)s AND disabled_at IS NULL
            AND (is_admin OR NOT %(admins_only)s)
    )
"""
_NOT_SAID_BEFORE = """
    (%(key)s::text IS NULL OR NOT EXISTS (
        SELECT FROM messaging_message m
        WHERE m.app_id = %(app)s AND m.sender_id = sender.id AND m.idempotency_key = %(key)s::text
    ))
"""
_NOT_BLOCKED = """
    NOT EXISTS (
        SELECT FROM accounts_block b WHERE b.owner_id = target.id AND b.blocked_id = sender.id
    )
"""
# `locked` yields its row only once the lock is held; the defaults and the time of the row come after it.
_INSERT_UNLESS_SPANNING = f"""
    locked AS MATERIALIZED (
        SELECT sender_id, conversation_id, {TAKE_LOCK} FROM place
    )
    INSERT INTO messaging_message ({COLUMNS})
    SELECT %(app)s, conversation_id, sender_id, %(from_type)s, %(from_id)s, %(from_name)s,
        %(from_platform)s, %(target_type)s, %(target_id)s, %(target_name)s, %(msg_type)s, %(body)s::jsonb,
        %(create_time)s::jsonb, %(options)s::jsonb, %(key)s, %(hash)s, clock_timestamp()
    FROM locked WHERE NOT {{spanning}}
    ON CONFLICT (app_id, sender_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id, sent_at
"""
_INSERT = _INSERT_UNLESS_SPANNING.format(spanning="FALSE")
# A group may have got its first member of another app since the statement began, whose log this message then
# has to stand in as well. The function sees that; the statement itself sees the state before.
_INSERT_TO_GROUP = _INSERT_UNLESS_SPANNING.format(spanning="messaging_spans_apps(%(gid)s)")
_INSERT_TO_CHATROOM = _INSERT_UNLESS_SPANNING.format(
    spanning="messaging_room_spans_apps(%(room_id)s)"
)

TO_USER = f"""
    WITH {_SENDER},
    target AS MATERIALIZED (
        SELECT id FROM accounts_user WHERE app_id = %(app)s AND username = %(target_id)s
    ),
    place AS MATERIALIZED (
        SELECT sender.id AS sender_id, c.id AS conversation_id
        FROM sender CROSS JOIN target
        JOIN messaging_conversation c ON c.kind = {ConversationKind.SINGLE}
            AND c.user_low_id = LEAST(sender.id, target.id)
            AND c.user_high_id = GREATEST(sender.id, target.id)
        WHERE {_NOT_BLOCKED} AND {_NOT_SAID_BEFORE}
    ),
    {_INSERT}
"""
# The same for a pair that has no conversation yet, and for no other: one that was refused for another
# reason may hold the log's lock by now. The users' rows are locked before the log is, in the order of their
# ids: their deletion does it in that order too, so neither waits for the other in a circle. All that counts
# is what the locked rows say, where somebody who was deleted meanwhile is not among them.
_TO_USER_FOR_THE_FIRST_TIME = f"""
    WITH people AS MATERIALIZED (
        SELECT id, username, is_admin, disabled_at FROM accounts_user
        WHERE app_id = %(app)s AND username IN (%(from_id)s, %(target_id)s) AND NOT EXISTS (
            SELECT FROM accounts_user a CROSS JOIN accounts_user b JOIN messaging_conversation c
                ON c.user_low_id = LEAST(a.id, b.id) AND c.user_high_id = GREATEST(a.id, b.id)
            WHERE a.app_id = %(app)s AND a.username = %(from_id)s
                AND b.app_id = %(app)s AND b.username = %(target_id)s
                AND c.kind = {ConversationKind.SINGLE}
        )
        ORDER BY id FOR KEY SHARE
    ),
    sender AS MATERIALIZED (
        SELECT id FROM people
        WHERE username = %(from_id)s AND disabled_at IS NULL AND (is_admin OR NOT %(admins_only)s)
    ),
    allowed AS MATERIALIZED (
        SELECT sender.id AS sender_id, target.id AS target_id
        FROM sender JOIN people AS target ON target.username = %(target_id)s
        WHERE {_NOT_BLOCKED} AND {_NOT_SAID_BEFORE}
    ),
    made AS (
        INSERT INTO messaging_conversation AS c (app_id, kind, user_low_id, user_high_id)
        SELECT %(app)s, {ConversationKind.SINGLE}, LEAST(sender_id, target_id),
            GREATEST(sender_id, target_id)
        FROM allowed
        ON CONFLICT (user_low_id, user_high_id, app_id) WHERE kind = {ConversationKind.SINGLE}
            DO UPDATE SET kind = excluded.kind
        RETURNING id
    ),
    joined AS (
        INSERT INTO messaging_participant
            (conversation_id, user_id, starts_after, read_up_to)
        SELECT made.id, member.id, 0, 0 FROM made, (
            SELECT sender_id AS id FROM allowed UNION SELECT target_id FROM allowed
        ) AS member
        ON CONFLICT (conversation_id, user_id) WHERE ends_at IS NULL DO NOTHING
        RETURNING 1
    ),
    place AS MATERIALIZED (
        SELECT allowed.sender_id, made.id AS conversation_id
        FROM allowed CROSS JOIN made CROSS JOIN (SELECT count(*) FROM joined) AS present
    ),
    {_INSERT}
"""
_TO_GROUP = f"""
    WITH {_SENDER},
    place AS MATERIALIZED (
        SELECT sender.id AS sender_id, c.id AS conversation_id
        FROM sender
        JOIN groups_group g ON g.id = %(gid)s AND g.app_id = %(app)s AND g.dissolved_at IS NULL
            AND NOT g.spans_apps
        JOIN messaging_conversation c ON c.group_id = g.id AND c.app_id = g.app_id
        LEFT JOIN groups_groupmember m ON m.group_id = g.id AND m.user_id = sender.id
        WHERE {_NOT_SAID_BEFORE} AND (m.id IS NOT NULL OR NOT %(members_only)s)
            AND (m.silenced IS NOT TRUE OR NOT %(in_own_name)s)
    ),
    {_INSERT_TO_GROUP}
"""
_TO_CHATROOM = f"""
    WITH {_SENDER},
    place AS MATERIALIZED (
        SELECT sender.id AS sender_id, c.id AS conversation_id
        FROM sender
        JOIN groups_chatroom r ON r.id = %(room_id)s AND r.app_id = %(app)s AND r.deleted_at IS NULL
            AND NOT r.spans_apps
        JOIN messaging_conversation c ON c.chatroom_id = r.id AND c.app_id = r.app_id
        WHERE {_NOT_SAID_BEFORE} AND (NOT %(members_only)s OR EXISTS (
            SELECT FROM groups_chatroommember m WHERE m.chatroom_id = r.id AND m.user_id = sender.id
        )) AND NOT (%(members_only)s AND EXISTS (
            SELECT FROM groups_chatroommute m WHERE m.chatroom_id = r.id AND m.user_id = sender.id
        ))
    ),
    {_INSERT_TO_CHATROOM}
"""
_EVENTS = f"""
    WITH locked AS MATERIALIZED (SELECT {TAKE_LOCK})
    INSERT INTO messaging_message ({COLUMNS})
    SELECT %(app)s, conversation_id, NULL, 'api', from_id, '', '', target_type, target_id, '', '{EVENT}',
        body, NULL, NULL, NULL, NULL, clock_timestamp()
    FROM locked CROSS JOIN LATERAL (
        SELECT * FROM ROWS FROM (
            jsonb_to_recordset(%(rows)s) AS (
                conversation_id bigint, from_id text, target_type text, target_id text, body jsonb
            )
        ) WITH ORDINALITY AS fresh (conversation_id, from_id, target_type, target_id, body, place)
    ) AS fresh
    ORDER BY place
    RETURNING id
"""


# The names of the columns, and their types in the rows that are told: what else a message has stays as it is
# for none of its kind.
_OF_IMPORTED = """
    conversation_id bigint, sender_id bigint, from_type text, from_id text, from_name text,
    from_platform text, target_type text, target_id text, target_name text, msg_type text, body jsonb,
    options jsonb, sent_at timestamptz, source_id bigint
"""
_NAMES_OF_IMPORTED = ", ".join(column.split()[0] for column in _OF_IMPORTED.split(","))
_IMPORTED = f"""
    INSERT INTO messaging_message (app_id, {_NAMES_OF_IMPORTED})
    SELECT %(app)s, {_NAMES_OF_IMPORTED}
    FROM ROWS FROM (jsonb_to_recordset(%(rows)s) AS ({_OF_IMPORTED}))
        WITH ORDINALITY AS told ({_NAMES_OF_IMPORTED}, place)
    ORDER BY place
    ON CONFLICT (app_id, source_id) WHERE source_id IS NOT NULL DO NOTHING
    RETURNING id, source_id
"""


@dataclass(frozen=True)
class Appended:
    """Where and when a message was stored."""

    msg_id: int
    sent_at: datetime
    repeated: bool = field(default=False, compare=False)  # it was sent before, under the same key


def append(*, app: App, draft: Draft, digest: bytes) -> Appended | None:
    """Store the message at the end of the app's log if the draft may be sent; otherwise None, and nothing.

    Neither is one to a group that spans apps: `apps.messaging.logs` stores those.

    `digest` is that of the message as its sender wrote it, and kept with an idempotency key. One statement,
    or two for the first message of a pair of users. In a transaction make it the last write: the app's lock
    is held until that ends.
    """
    values = values_of(app, draft, digest)
    if draft.target_type == "group":
        row = _execute(_TO_GROUP, values)
    elif draft.target_type == "chatroom":
        row = _execute(_TO_CHATROOM, values)
    else:
        row = _execute(TO_USER, values) or _execute(_TO_USER_FOR_THE_FIRST_TIME, values)
    if row is None:
        return None
    ring(app)
    return Appended(*row)


def append_events(*, app: App, events: Sequence[Event]) -> list[int]:
    """Store the events, in order, at the end of the app's log; their ids. Call after all that may wait."""
    if not events:
        return []
    rows = [
        {
            "conversation_id": event.conversation_id,
            "from_id": event.from_username,
            "target_type": event.target_type,
            "target_id": event.target_id,
            "body": event.body,
        }
        for event in events
    ]
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"app": app.pk, "rows": json.dumps(rows)})
        ids = [pk for (pk,) in cursor.fetchall()]
    ring(app)
    return ids


def hold(app: App) -> None:
    """Take the app's lock until the transaction ends: nothing else is appended meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {TAKE_LOCK}", {"app": app.pk})


def append_imported(*, app: App, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Store messages of another service, in order, at the end of the log; by `source_id`, their ids.

    One statement. Those whose `source_id` is in the log already are left out. Rings no bell: they are not
    news. The caller holds the log (`hold`), having looked in what order its rows belong.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IMPORTED, {"app": app.pk, "rows": json.dumps(rows, default=str)})
        return {source_id: pk for pk, source_id in cursor.fetchall()}


def ring(app: App) -> None:
    """Tell the waiting readers, once it is committed: earlier, they would find nothing."""
    ring_app(app.pk)


def ring_app(app_id: int) -> None:
    """As `ring`, by the app's id."""
    transaction.on_commit(partial(bells.get().ring, app_id))


def _execute(statement: str, values: Mapping[str, Any]) -> tuple[int, datetime] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[int, datetime] | None = cursor.fetchone()
    return row


def values_of(app: App, draft: Draft, digest: bytes) -> dict[str, Any]:
    """What the statements that store a message ask for."""
    key = draft.idempotency_key
    values: dict[str, Any] = {
        "app": app.pk,
        "admins_only": draft.from_type == "admin",
        "from_type": draft.from_type,
        "from_id": draft.from_id,
        "from_name": draft.from_name,
        "from_platform": draft.from_platform,
        "target_type": draft.target_type,
        "target_id": draft.target_id,
        "target_name": draft.target_name,
        "msg_type": draft.msg_type,
        "body": json.dumps(draft.body),
        "create_time": None if draft.create_time is None else json.dumps(draft.create_time),
        "options": json.dumps(draft.options) if draft.options else None,
        "key": key,
        "hash": digest if key is not None else None,
    }
    if draft.target_type == "group":
        values["gid"] = int(draft.target_id)
    elif draft.target_type == "chatroom":
        values["room_id"] = int(draft.target_id)
    if draft.target_type != "single":
        values["members_only"] = draft.from_type == "user"
        values["in_own_name"] = draft.from_type in IN_OWN_NAME
    return values
