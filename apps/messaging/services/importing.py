"""Importing what was said at another service, from the exports of its reports."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import Platform, User
from apps.core.errors import (
    MESSAGE_TOO_LONG,
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    ImError,
)
from apps.core.importing import Importer, Outcome, Row, fields
from apps.core.importing.rows import refusal
from apps.core.models import App
from apps.messaging import log
from apps.messaging.drafts import body_bytes
from apps.messaging.models import ConversationKind, MessageType

MESSAGE_COLUMNS = (
    "msgid",
    "target_type",
    "target_id",
    "target_name",
    "from_type",
    "from_id",
    "from_name",
    "from_platform",
    "msg_type",
    "msg_body",
    "msg_ctime",
    "create_time",
    "no_offline",
    "no_notification",
    "notification",
)
"""As a report has them. The time is `msg_ctime`, or `create_time` without it."""

_IN_REPORTS = {
    "version",
    "msg_level",
    "set_from_name",
    "from_appkey",
    "target_appkey",
    "conversation_id",
    "retracted",
}
_KNOWN = frozenset({*MESSAGE_COLUMNS, *_IN_REPORTS})
_LARGEST_ID = 2**53 - 1

_PAIRS = f"""
WITH told AS (
    SELECT * FROM jsonb_to_recordset(%(pairs)s) AS pair (low bigint, high bigint)
),
made AS (
    INSERT INTO messaging_conversation AS c (app_id, kind, user_low_id, user_high_id)
    SELECT %(app)s, {ConversationKind.SINGLE}, low, high FROM told ORDER BY low, high
    ON CONFLICT (user_low_id, user_high_id, app_id) WHERE kind = {ConversationKind.SINGLE}
        DO UPDATE SET kind = excluded.kind
    RETURNING id, user_low_id, user_high_id
),
joined AS (
    INSERT INTO messaging_participant (conversation_id, user_id, starts_after, read_up_to)
    SELECT id, user_low_id, 0, 0 FROM made UNION SELECT id, user_high_id, 0, 0 FROM made
    ON CONFLICT (conversation_id, user_id) WHERE ends_at IS NULL DO NOTHING
)
SELECT id, user_low_id, user_high_id FROM made
"""  # noqa: S608 put together from constants
_NEWEST = """
SELECT c.id, newest.sent_at FROM unnest(%(conversations)s::bigint[]) AS c (id) CROSS JOIN LATERAL (
    SELECT sent_at FROM messaging_message m
    WHERE m.conversation_id = c.id AND m.msg_type <> 'event' ORDER BY m.id DESC LIMIT 1
) AS newest
"""
# What was imported counts as read, unless something is unread that was said here before it.
_MARK_READ = """
WITH imported AS (
    SELECT c.id AS conversation_id, last.id AS last_id
    FROM messaging_conversation c CROSS JOIN LATERAL (
        SELECT m.id FROM messaging_message m
        WHERE m.conversation_id = c.id AND m.source_id IS NOT NULL ORDER BY m.id DESC LIMIT 1
    ) AS last
    WHERE c.app_id = %(app)s
)
UPDATE messaging_participant p SET read_up_to = imported.last_id
FROM imported
WHERE p.conversation_id = imported.conversation_id AND p.read_up_to < imported.last_id
    AND NOT EXISTS (
        SELECT FROM messaging_message m
        WHERE m.conversation_id = p.conversation_id AND m.id < imported.last_id
            AND m.id > GREATEST(p.read_up_to, p.starts_after)
            AND m.source_id IS NULL AND m.msg_type <> 'event'
            AND m.sender_id IS DISTINCT FROM p.user_id
    )
"""


@dataclass(frozen=True)
class _Said:
    """A row: a message that was sent, or the error that says why it can't be stored."""

    number: int
    source_id: int = -1  # known where there is no error
    columns: Mapping[str, Any] = field(default_factory=dict)
    error: ImError | None = None


PreparedHistory = Sequence[_Said]


def prepare_history(app: App, rows: Sequence[Row]) -> PreparedHistory:
    """Check each row by itself. Reads and writes nothing."""
    now = timezone.now()
    return [_read(app, row, now) for row in rows]


def store_history(app: App, prepared: PreparedHistory) -> list[Outcome]:
    """Append the messages to the log, with the times and under the names that they had. Told to nobody.

    One that is in the log already, by its old id, is left as it is: no error. Each outcome's note is the id
    that it has here. Outcomes may have NO_SUCH_USER, NO_SUCH_GROUP, MESSAGE_TOO_LONG, and PARAMETER_INVALID:
    also for a message older than the newest one of its conversation, for the log is in the order of time.

    Holds the users, and the log until the transaction ends.
    """
    with transaction.atomic():
        hopeful = [one for one in prepared if one.error is None]
        people = _People(app, hopeful)
        log.hold(app)
        ids = _ids_of(app, hopeful)
        newest = _newest_of(people.conversations.values())
        errors: dict[int, ImError] = {}
        rows: dict[int, dict[str, Any]] = {}
        for one in hopeful:
            if one.source_id in ids or one.source_id in rows:
                continue
            try:
                rows[one.source_id] = _row(one, people, newest)
            except ImError as error:
                errors[one.number] = error
        if rows:
            ids |= log.append_imported(app=app, rows=list(rows.values()))
    return [_outcome(one, errors.get(one.number), ids) for one in prepared]


def mark_imported_read(app: App) -> None:
    """Have what was imported count as read by all. One statement over all participants of the app."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_READ, {"app": app.pk})


HISTORY = Importer(
    kind="history",
    columns=MESSAGE_COLUMNS,
    prepare=prepare_history,
    store=store_history,
    finish=mark_imported_read,
)


def _outcome(one: _Said, error: ImError | None, ids: Mapping[int, int]) -> Outcome:
    key = "" if one.source_id < 0 else str(one.source_id)
    if one.error is not None or error is not None:
        return Outcome(one.number, key, one.error or error)
    return Outcome(one.number, key, note=str(ids[one.source_id]))


class _People:
    """Who speaks to whom in a batch, and the conversations that they do it in."""

    def __init__(self, app: App, said: Sequence[_Said]) -> None:
        names = {one.columns["from_id"] for one in said}
        names |= {one.columns["target_id"] for one in said if not _to_group(one)}
        gids = {int(one.columns["target_id"]) for one in said if _to_group(one)}
        self.users = app.users.held().known_among(names)
        found = app.conversations.filter(group__in=gids).values_list("group", "pk")
        self.conversations: dict[Any, int] = {str(gid): pk for gid, pk in found}
        pairs = {
            self._pair(one.columns["from_id"], one.columns["target_id"])
            for one in said
            if not _to_group(one)
            and {one.columns["from_id"], one.columns["target_id"]} <= self.users.keys()
        }
        self._open(app, sorted(pairs))

    def user(self, name: str) -> User:
        """Raises NO_SUCH_USER."""
        if name not in self.users:
            raise ImError(NO_SUCH_USER, f"No such user: {name}")
        return self.users[name]

    def conversation(self, one: _Said) -> int:
        """Raises NO_SUCH_GROUP, NO_SUCH_USER."""
        target = one.columns["target_id"]
        if not _to_group(one):
            self.user(target)
            return self.conversations[self._pair(one.columns["from_id"], target)]
        if target not in self.conversations:
            raise ImError(NO_SUCH_GROUP)
        return self.conversations[target]

    def _pair(self, one: str, other: str) -> tuple[int, int]:
        ids = self.users[one].pk, self.users[other].pk
        return min(ids), max(ids)

    def _open(self, app: App, pairs: Sequence[tuple[int, int]]) -> None:
        if pairs:
            told = json.dumps([{"low": low, "high": high} for low, high in pairs])
            with connection.cursor() as cursor:
                cursor.execute(_PAIRS, {"app": app.pk, "pairs": told})
                self.conversations |= {(low, high): pk for pk, low, high in cursor.fetchall()}


def _to_group(one: _Said) -> bool:
    return bool(one.columns["target_type"] == "group")


def _ids_of(app: App, said: Sequence[_Said]) -> dict[int, int]:
    known = app.messages.filter(source_id__in=[one.source_id for one in said])
    return {source: pk for source, pk in known.values_list("source_id", "pk") if source is not None}


def _newest_of(conversations: Any) -> dict[int, datetime]:
    """When the last message of each was sent. One probe of an index each, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"conversations": list(conversations)})
        return dict(cursor.fetchall())


def _row(one: _Said, people: _People, newest: dict[int, datetime]) -> dict[str, Any]:
    sender = people.user(one.columns["from_id"])
    conversation = people.conversation(one)
    sent_at = one.columns["sent_at"]
    if conversation in newest and sent_at < newest[conversation]:
        raise refusal("msg_ctime: must not be before the newest message of its conversation")
    newest[conversation] = sent_at
    place = {"conversation_id": conversation, "sender_id": sender.pk, "source_id": one.source_id}
    return {**one.columns, **place}


def _read(app: App, row: Row, now: datetime) -> _Said:
    source_id = -1
    try:
        if row.fault is not None:
            raise row.fault
        fields.check_names(row.values, _KNOWN)
        if "msgid" not in row.values:
            raise refusal("msgid: This field is required.")
        source_id = fields.integer(row.values, "msgid", minimum=0, maximum=2**63 - 1) or 0
        return _Said(row.number, source_id, _columns(app, row.values, now))
    except ImError as error:
        return _Said(row.number, source_id, error=error)


def _columns(app: App, values: fields.Values, now: datetime) -> dict[str, Any]:
    if values.get("from_appkey") != values.get("target_appkey"):
        raise refusal("target_appkey: a message to another app can't be imported")
    if values.get("retracted"):
        raise refusal("retracted: what it said is gone")
    moment = fields.moment(values, "msg_ctime", app.zone)
    sent_at = moment or fields.moment(values, "create_time", app.zone)
    if sent_at is None:
        raise refusal("msg_ctime: This field is required.")
    if sent_at > now:
        raise refusal("msg_ctime: must not be in the future")
    return {
        **_addresses(values),
        "msg_type": _one_of(values, "msg_type", MessageType.values),
        "body": _body(values),
        "options": _options(values),
        "sent_at": sent_at,
    }


def _addresses(values: fields.Values) -> dict[str, str]:
    target_type = _one_of(values, "target_type", ["single", "group"])
    target_id = _name(values, "target_id")
    if target_type == "group":
        gid = fields.integer(values, "target_id", minimum=1, maximum=_LARGEST_ID)
        target_id = str(gid)
    return {
        "target_type": target_type,
        "target_id": target_id,
        "target_name": fields.text(values, "target_name", at_most=250),
        "from_type": fields.text(values, "from_type", at_most=16) or "user",
        "from_id": _name(values, "from_id"),
        "from_name": fields.text(values, "from_name", at_most=250),
        "from_platform": values["from_platform"]
        if values.get("from_platform") in Platform.values
        else "",
    }


def _name(values: fields.Values, name: str) -> str:
    """A name, or a number that stands for one."""
    value = values.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        values = {name: str(value)}
    return fields.text(values, name, at_least=1, at_most=128)


def _one_of(values: fields.Values, name: str, choices: Sequence[str]) -> str:
    value = values.get(name)
    if not isinstance(value, str) or value not in choices:
        raise refusal(f"{name}: must be one of {', '.join(choices)}")
    return value


def _body(values: fields.Values) -> dict[str, Any]:
    body = fields.json_object(values, "msg_body")
    if body is None:
        raise refusal("msg_body: This field is required.")
    if body_bytes(body) > settings.IM_MESSAGE_BODY_MAX_BYTES:
        raise ImError(MESSAGE_TOO_LONG)
    return body


def _options(values: fields.Values) -> dict[str, Any] | None:
    options: dict[str, Any] = {
        name: True for name in ("no_offline", "no_notification") if fields.flag(values, name)
    }
    if notification := fields.json_object(values, "notification"):
        options["notification"] = notification
    return options or None
