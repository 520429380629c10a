"""Several logs at once: what concerns users of several apps is a row in the log of each.

The rows of one message, its copies, have the same `origin_id`: the id it has in its sender's log. They are
inserted with the locks of all their logs held, which are taken in the order of the apps; so each log stays in
the order of its ids, and all of them tell the same in the same order.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from apps.core.models import App
from apps.messaging.drafts import Draft, Event
from apps.messaging.log import COLUMNS, LOCK, Appended, ring_app, values_of
from apps.messaging.models import EVENT, Conversation

_HELD = f"""
    held AS MATERIALIZED (
        SELECT pg_advisory_xact_lock({LOCK}, app_id)
        FROM (SELECT DISTINCT app_id FROM places ORDER BY app_id OFFSET 0) AS apps
    ),
    numbered AS MATERIALIZED (
        SELECT nextval('messaging_message_id_seq') AS id, clock_timestamp() AS at, places.*
        FROM places CROSS JOIN (SELECT count(*) FROM held) AS all_held
        ORDER BY place
    )
    INSERT INTO messaging_message (id, origin_id, from_app_key, target_app_key, {COLUMNS})
"""
_COPIES = f"""
    WITH places AS MATERIALIZED (
        SELECT * FROM unnest(
            %(apps)s::int[], %(conversations)s::bigint[], %(senders_keys)s::text[],
            %(targets_keys)s::text[]
        ) WITH ORDINALITY AS p (app_id, conversation_id, from_app_key, target_app_key, place)
    ),
    {_HELD}
    SELECT id, (SELECT id FROM numbered WHERE app_id = %(app)s), from_app_key, target_app_key,
        app_id, conversation_id, %(sender)s::bigint, %(from_type)s, %(from_id)s, %(from_name)s,
        %(from_platform)s, %(target_type)s, %(target_id)s, %(target_name)s, %(msg_type)s, %(body)s::jsonb,
        %(create_time)s::jsonb, %(options)s::jsonb,
        CASE WHEN app_id = %(app)s THEN %(key)s::text END,
        CASE WHEN app_id = %(app)s THEN %(hash)s::bytea END, (SELECT min(at) FROM numbered)
    FROM numbered ORDER BY place
    RETURNING app_id, id, sent_at
"""
_EVENTS = f"""
    WITH places AS MATERIALIZED (
        SELECT * FROM ROWS FROM (
            jsonb_to_recordset(%(rows)s) AS (
                app_id int, conversation_id bigint, told int, from_id text, from_app_key text,
                target_type text, target_id text, target_app_key text, body jsonb
            )
        ) WITH ORDINALITY AS fresh (
            app_id, conversation_id, told, from_id, from_app_key, target_type, target_id,
            target_app_key, body, place
        )
    ),
    {_HELD}
    SELECT id,
        CASE WHEN count(*) OVER (PARTITION BY told) > 1 THEN min(id) OVER (PARTITION BY told) END,
        from_app_key, target_app_key, app_id, conversation_id, NULL, 'api', from_id, '', '',
        target_type, target_id, '', '{EVENT}', body, NULL, NULL, NULL, NULL, at
    FROM numbered ORDER BY place
    RETURNING id
"""


@dataclass(frozen=True)
class EventCopy:
    """An event as it stands in the log of one app. Those with the same `told` tell the same."""

    app_id: int
    told: int
    event: Event


def append_copies(
    *,
    app: App,
    target: App,
    sender_id: int,
    places: Iterable[Conversation],
    draft: Draft,
    digest: bytes,
) -> dict[int, Appended]:
    """Store the message in each of the conversations, one of which is of the sender's `app`; by app.

    Checks nothing, and is the last write of a transaction: the logs stay locked until that ends. Raises
    IntegrityError for an idempotency key that the sender has used. Whose keys are whose: names of the sender
    are the app's, names of the target are the `target` app's.
    """
    there = sorted(places, key=lambda place: place.app_id)
    values = {
        **values_of(app, draft, digest),
        "sender": sender_id,
        "apps": [place.app_id for place in there],
        "conversations": [place.pk for place in there],
        "senders_keys": [key_in(place.app_id, app) for place in there],
        "targets_keys": [key_in(place.app_id, target) for place in there],
    }
    with connection.cursor() as cursor:
        cursor.execute(_COPIES, values)
        stored = {app_id: Appended(pk, sent_at) for app_id, pk, sent_at in cursor.fetchall()}
    for app_id in stored:
        ring_app(app_id)
    return stored


def append_event_copies(copies: Sequence[EventCopy]) -> list[int]:
    """Store the events, each in its app's log, in this order; their ids. Call after all that may wait."""
    if not copies:
        return []
    rows = [
        {
            "app_id": copy.app_id,
            "conversation_id": copy.event.conversation_id,
            "told": copy.told,
            "from_id": copy.event.from_username,
            "from_app_key": copy.event.from_app_key,
            "target_type": copy.event.target_type,
            "target_id": copy.event.target_id,
            "target_app_key": copy.event.target_app_key,
            "body": copy.event.body,
        }
        for copy in copies
    ]
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"rows": json.dumps(rows)})
        ids = [pk for (pk,) in cursor.fetchall()]
    for app_id in {copy.app_id for copy in copies}:
        ring_app(app_id)
    return ids


def hold(app_ids: Iterable[int]) -> None:
    """Take the locks of these logs now: before a transaction appends to some of them, and then to others."""
    ordered = sorted(set(app_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_advisory_xact_lock({LOCK}, app_id) FROM unnest(%s::int[]) AS app_id",
            [ordered],
        )


def key_in(app_id: int, owner: App) -> str:
    """How the log of an app names the app that a name belongs to: not at all where it is its own."""
    return "" if app_id == owner.pk else owner.app_key
