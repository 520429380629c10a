"""A big world: an app with as many users, groups and messages as one likes, to try things at that size.

PostgreSQL makes the rows itself, out of `generate_series`, so a million users and three million messages are
a matter of minutes. What comes out is such as the API would have left: members read their group's
conversation, ids follow the times, everything is of one app. Events, and what add-ons keep, are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from apps.core.models import App
from apps.messaging.log import TAKE_LOCK

CHUNK = 250_000
"""Rows of one transaction."""

_NAMES = (
    "alice,bruno,chen,diana,emil,farid,greta,hanako,ivan,julia,kofi,lin,mei,nadia,omar,petra,quan,rosa,sven,"
    "tara,umar,vera,wang,xiao,yuki,zhang"
)
_SAID = (
    "Good morning!",
    "Are you there?",
    "On my way, ten minutes.",
    "你好",
    "明天见",
    "Shall we meet at the usual place?",
    "Thank you!",
    "收到,谢谢",
    "I will look at it this afternoon and tell you what I think.",
    "Sounds good.",
    "在吗?",
    "See you tomorrow :)",
)

# Times run up to now, the later the number the later the time, so that ids and times agree.
_USERS = """
INSERT INTO accounts_user (app_id, username, password_hash, is_admin, nickname, avatar, signature, region,
    address, star, disabled_at, created_at, updated_at)
SELECT %(app)s, name || lpad(i::text, 7, '0'), %(hash)s, i %% 5000 = 1, initcap(name), '', '',
    CASE WHEN i %% 3 = 0 THEN 'Shanghai' ELSE '' END, '', 0,
    CASE WHEN i %% 100 = 7 THEN at + interval '1 hour' END, at, at
FROM (
    SELECT i, (string_to_array(%(names)s, ','))[1 + i %% 26] AS name,
        now() - (%(users)s - i) * interval '365 days' / %(users)s AS at
    FROM generate_series(%(first)s::int, %(last)s::int) AS i
) AS person
ORDER BY i
"""
_NUMBERED_USERS = """
CREATE TEMPORARY TABLE big_user ON COMMIT PRESERVE ROWS AS
SELECT row_number() OVER (ORDER BY id) - 1 AS i, id, username, nickname
FROM accounts_user WHERE app_id = %(app)s
"""
_INDEX_OF_USERS = "CREATE UNIQUE INDEX ON big_user ({})"
# The size of a group: many small ones, a few as large as may be. Members are a run of users with a stride.
_GROUPS = """
CREATE TEMPORARY TABLE big_group ON COMMIT PRESERVE ROWS AS
WITH made AS (
    INSERT INTO groups_group (app_id, name, description, avatar, kind, owner_id, max_members, dissolved_at,
        created_at, updated_at)
    SELECT %(app)s, 'Group ' || lpad(g::text, 6, '0'), '', '', 1 + g %% 2, owner.id, 500,
        CASE WHEN g %% 50 = 3 THEN now() END, owner.at, owner.at
    FROM generate_series(1, %(groups)s::int) AS g
    JOIN LATERAL (
        SELECT u.id, now() - (%(groups)s - g) * interval '300 days' / %(groups)s AS at
        FROM big_user u WHERE u.i = (g::bigint * 7919) %% %(users)s
    ) AS owner ON true
    ORDER BY g
    RETURNING id, name, dissolved_at, created_at
)
SELECT id, created_at, dissolved_at, right(name, 6)::int AS g,
    LEAST(500, %(users)s, 3 + floor(4 / (0.008 + (hashint4(right(name, 6)::int) & 65535) / 65536.0))::int)
        AS size
FROM made
"""
_MEMBERS = """
INSERT INTO groups_groupmember (group_id, user_id, role, joined_at)
SELECT g.id, u.id, CASE WHEN m = 0 THEN 1 ELSE 0 END, g.created_at
FROM big_group g CROSS JOIN LATERAL generate_series(0, g.size - 1) AS m
JOIN big_user u ON u.i = (g.g::bigint * 7919 + m) %% %(users)s
WHERE g.dissolved_at IS NULL
"""
_GROUP_CONVERSATIONS = """
INSERT INTO messaging_conversation (app_id, kind, group_id, created_at)
SELECT %(app)s, 2, id, created_at FROM big_group ORDER BY id
"""
_GROUP_PARTICIPANTS = """
INSERT INTO messaging_participant (conversation_id, user_id, starts_after, read_up_to)
SELECT c.id, m.user_id, 0, 0
FROM big_group g JOIN messaging_conversation c ON c.group_id = g.id
JOIN groups_groupmember m ON m.group_id = g.id
"""
_PAIRS = """
INSERT INTO messaging_conversation (app_id, kind, user_low_id, user_high_id, created_at)
SELECT %(app)s, 1, LEAST(one.id, other.id), GREATEST(one.id, other.id), now() - interval '90 days'
FROM generate_series(0, %(pairs)s::int - 1) AS p
JOIN big_user one ON one.i = (p::bigint * 31) %% %(users)s
JOIN big_user other ON other.i = (p::bigint * 31 + 1 + p %% 13) %% %(users)s
WHERE one.id <> other.id
ORDER BY p
ON CONFLICT DO NOTHING
"""
_PAIR_PARTICIPANTS = """
INSERT INTO messaging_participant (conversation_id, user_id, starts_after, read_up_to)
SELECT c.id, u.id, 0, 0
FROM messaging_conversation c CROSS JOIN LATERAL (VALUES (c.user_low_id), (c.user_high_id)) AS u (id)
WHERE c.app_id = %(app)s AND c.kind = 1
"""
# Who may speak where, by number: the two of a pair, up to twenty of a group.
_PLACES = """
CREATE TEMPORARY TABLE big_place ON COMMIT PRESERVE ROWS AS
SELECT row_number() OVER (ORDER BY hashint8(c.id)) - 1 AS place, c.id, c.kind, c.group_id, who.ids, who.names,
    who.nicknames
FROM messaging_conversation c JOIN LATERAL (
    SELECT array_agg(u.id) AS ids, array_agg(u.username) AS names, array_agg(u.nickname) AS nicknames
    FROM (
        SELECT user_id FROM messaging_participant
        WHERE conversation_id = c.id AND ends_at IS NULL LIMIT 20
    ) AS few JOIN big_user u ON u.id = few.user_id
) AS who ON cardinality(who.ids) > 1
WHERE c.app_id = %(app)s
"""
_INDEX_OF_PLACES = "CREATE UNIQUE INDEX ON big_place (place)"
# More is said by day than by night, and in one week than in another; times still grow with the numbers.
# A few conversations are talkative, most say little: the number of the place is a fourth power.
_MESSAGES = """
INSERT INTO messaging_message (app_id, conversation_id, sender_id, sent_at, from_type, from_id, from_name,
    target_type, target_id, target_name, msg_type, body)
SELECT %(app)s, id, ids[1 + who], at, 'user', names[1 + who], nicknames[1 + who],
    CASE kind WHEN 1 THEN 'single' ELSE 'group' END,
    CASE kind WHEN 1 THEN names[2 - who] ELSE group_id::text END, '', kind_of_message,
    CASE kind_of_message
        WHEN 'text' THEN jsonb_build_object('text', (%(said)s::text[])[1 + m %% %(phrases)s])
        WHEN 'location' THEN jsonb_build_object('label', 'Here', 'latitude', 31.23, 'longitude', 121.47)
        ELSE jsonb_build_object('order', m)
    END
FROM (
    SELECT m, p.*, now() - interval '30 days' * (
            1 - m / %(messages)s::float8 + 0.0029 * sin(2 * pi() * 30 * m / %(messages)s)
            + 0.0139 * sin(2 * pi() * 4 * m / %(messages)s)
        ) AS at,
        (hashint8(m * 7) & 65535) %% cardinality(p.ids) AS who,
        CASE WHEN m %% 20 = 1 THEN 'location' WHEN m %% 20 = 2 THEN 'custom' ELSE 'text' END
            AS kind_of_message
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS m
    JOIN big_place p ON p.place = floor(
        power((hashint8(m) & 1048575) / 1048576.0, 4) * (SELECT count(*) FROM big_place)
    )::bigint
) AS message
ORDER BY m
"""
_FILLED = (
    "accounts_user",
    "groups_group",
    "groups_groupmember",
    "messaging_conversation",
    "messaging_participant",
    "messaging_message",
)


@dataclass(frozen=True)
class Sizes:
    """How many of each. Two users at least; pairs that talk are a fifth of the users."""

    users: int = 1_000_000
    groups: int = 50_000
    messages: int = 3_000_000


def fill(*, app: App, sizes: Sizes, password: str, say: Callable[[str], None]) -> None:
    """Fill an app that has no users yet; all of them get the password.

    Each chunk is a transaction of its own, and holds the app's log while it appends. `say` is told of each
    step.
    """
    given: dict[str, Any] = {"app": app.pk, "users": sizes.users, "groups": sizes.groups}
    given |= {"pairs": max(sizes.users // 5, 1), "messages": sizes.messages}
    hashed = make_password(password)
    with connection.cursor() as cursor:
        for first, last in _chunks(sizes.users):
            cursor.execute(
                _USERS, {**given, "hash": hashed, "names": _NAMES, "first": first, "last": last}
            )
            say(f"{last} users")
        with transaction.atomic():
            cursor.execute(_NUMBERED_USERS, given)
            for column in ("i", "id"):
                cursor.execute(_INDEX_OF_USERS.format(column))
            cursor.execute("ANALYZE big_user")
            cursor.execute(_GROUPS, given)
            cursor.execute(_MEMBERS, given)
        say(f"{sizes.groups} groups")
        with transaction.atomic():
            for statement in (
                _GROUP_CONVERSATIONS,
                _GROUP_PARTICIPANTS,
                _PAIRS,
                _PAIR_PARTICIPANTS,
            ):
                cursor.execute(statement, given)
        cursor.execute("ANALYZE messaging_participant")
        with transaction.atomic():
            cursor.execute(_PLACES, given)
            cursor.execute(_INDEX_OF_PLACES)
        cursor.execute("ANALYZE big_place")
        say("their conversations")
        for first, last in _chunks(sizes.messages):
            told = {
                **given,
                "said": list(_SAID),
                "phrases": len(_SAID),
                "first": first,
                "last": last,
            }
            with transaction.atomic():
                cursor.execute(f"SELECT {TAKE_LOCK}", given)
                cursor.execute(_MESSAGES, told)
            say(f"{last} messages")
        for table in ("big_place", "big_group", "big_user"):
            cursor.execute(f"DROP TABLE {table}")


def tidy() -> None:
    """Let PostgreSQL look at the tables that were filled, as it would by itself some minutes later.

    Not inside a transaction.
    """
    with connection.cursor() as cursor:
        for table in _FILLED:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _chunks(number: int) -> list[tuple[int, int]]:
    return [(first, min(first + CHUNK - 1, number)) for first in range(1, number + 1, CHUNK)]
