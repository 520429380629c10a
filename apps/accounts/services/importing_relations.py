"""Importing who is whose friend, and who refuses whose messages."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import User
from apps.core.errors import ADMIN_NOT_BLOCKABLE, NO_SUCH_USER, ImError
from apps.core.importing import Importer, Outcome, Row, fields
from apps.core.importing.rows import refusal
from apps.core.models import App

FRIEND_COLUMNS = ("username", "friend", "note_name", "others")
"""`note_name` and `others` are what `username` notes of `friend`. Both sides become friends by one row."""

BLOCK_COLUMNS = ("username", "blocked")
"""`username` gets no single messages from `blocked`."""

# Of each pair both sides, the one with the notes first; a side that is there keeps notes it has.
_BEFRIEND = """
INSERT INTO accounts_friendship AS f (owner_id, friend_id, note_name, others)
SELECT DISTINCT ON (owner, friend) owner, friend, note_name, others
FROM jsonb_to_recordset(%(sides)s) AS told (place integer, owner bigint, friend bigint, note_name text,
    others text, own boolean)
ORDER BY owner, friend, own DESC, place
ON CONFLICT (owner_id, friend_id) DO UPDATE SET note_name = excluded.note_name, others = excluded.others
    WHERE f.note_name = '' AND f.others = '' AND (excluded.note_name <> '' OR excluded.others <> '')
"""
_AS_TOLD = """
SELECT place FROM jsonb_to_recordset(%(sides)s) AS told (place integer, owner bigint, friend bigint,
    note_name text, others text, own boolean)
JOIN accounts_friendship f ON f.owner_id = owner AND f.friend_id = friend
WHERE own AND f.note_name = told.note_name AND f.others = told.others
"""
_BLOCK = """
INSERT INTO accounts_block (owner_id, blocked_id)
SELECT DISTINCT owner, blocked
FROM jsonb_to_recordset(%(pairs)s) AS told (owner bigint, blocked bigint)
ORDER BY owner, blocked
ON CONFLICT (owner_id, blocked_id) DO NOTHING
"""


@dataclass(frozen=True)
class _Pair:
    """A row: two names that have to be users, or the error that says why it can't be stored."""

    number: int
    owner: str = ""
    other: str = ""
    note_name: str = ""
    others: str = ""
    error: ImError | None = None

    @property
    def key(self) -> str:
        return f"{self.owner} {self.other}".strip()


Pairs = Sequence[_Pair]


def _prepared(columns: Sequence[str], other: str) -> Callable[[App, Sequence[Row]], Pairs]:
    known = frozenset(columns)

    def read(row: Row) -> _Pair:
        try:
            if row.fault is not None:
                raise row.fault
            fields.check_names(row.values, known)
            pair = _Pair(
                row.number,
                fields.text(row.values, "username", at_least=1, at_most=128),
                fields.text(row.values, other, at_least=1, at_most=128),
                fields.text(row.values, "note_name", at_most=64, single_line=True),
                fields.text(row.values, "others", at_most=250),
            )
            if pair.owner == pair.other:
                raise refusal(f"{other}: must be somebody else")
        except ImError as error:
            return _Pair(row.number, error=error)
        return pair

    def prepare(app: App, rows: Sequence[Row]) -> Pairs:
        return [read(row) for row in rows]

    return prepare


def store_friends(app: App, prepared: Pairs) -> list[Outcome]:
    """Make both sides of each row friends, told to nobody. Friends of before stay friends: no error.

    Outcomes may have NO_SUCH_USER, and PARAMETER_INVALID where the friends have other notes than the row's.
    Holds the users.
    """
    with transaction.atomic():
        users = _held(app, prepared)
        checked = [_checked(pair, users) for pair in prepared]
        sides: list[dict[str, Any]] = []
        for pair in checked:
            if pair.error is None:
                owner, friend = users[pair.owner].pk, users[pair.other].pk
                notes = {"note_name": pair.note_name, "others": pair.others}
                none = {"note_name": "", "others": ""}
                side = {"place": pair.number, "own": True, "owner": owner, "friend": friend}
                sides.append({**side, **notes})
                sides.append({**side, **none, "own": False, "owner": friend, "friend": owner})
        as_told: set[int] = set()
        if sides:
            with connection.cursor() as cursor:
                cursor.execute(_BEFRIEND, {"sides": json.dumps(sides)})
                cursor.execute(_AS_TOLD, {"sides": json.dumps(sides)})
                as_told = {place for (place,) in cursor.fetchall()}
    other_notes = refusal("note_name: they are friends already, with other notes")
    return [
        Outcome(
            pair.number, pair.key, pair.error or (None if pair.number in as_told else other_notes)
        )
        for pair in checked
    ]


def store_blocks(app: App, prepared: Pairs) -> list[Outcome]:
    """Let each row's user refuse the other's messages. Who is blocked already stays so: no error.

    Outcomes may have NO_SUCH_USER, and ADMIN_NOT_BLOCKABLE. Holds the users.
    """
    with transaction.atomic():
        users = _held(app, prepared)
        checked = [_checked(pair, users) for pair in prepared]
        outcomes, pairs = [], []
        for pair in checked:
            error = pair.error
            if error is None and users[pair.other].is_admin:
                error = ImError(ADMIN_NOT_BLOCKABLE)
            if error is None:
                pairs.append({"owner": users[pair.owner].pk, "blocked": users[pair.other].pk})
            outcomes.append(Outcome(pair.number, pair.key, error))
        if pairs:
            with connection.cursor() as cursor:
                cursor.execute(_BLOCK, {"pairs": json.dumps(pairs)})
    return outcomes


def _held(app: App, prepared: Pairs) -> dict[str, User]:
    names = {name for pair in prepared if pair.error is None for name in (pair.owner, pair.other)}
    return app.users.held().known_among(names)


def _checked(pair: _Pair, users: dict[str, User]) -> _Pair:
    if pair.error is None:
        for name in (pair.owner, pair.other):
            if name not in users:
                error = ImError(NO_SUCH_USER, f"No such user: {name}")
                return _Pair(pair.number, pair.owner, pair.other, error=error)
    return pair


FRIENDS = Importer(
    kind="friends",
    columns=FRIEND_COLUMNS,
    prepare=_prepared(FRIEND_COLUMNS, "friend"),
    store=store_friends,
)
BLACKLISTS = Importer(
    kind="blacklists",
    columns=BLOCK_COLUMNS,
    prepare=_prepared(BLOCK_COLUMNS, "blocked"),
    store=store_blocks,
)
