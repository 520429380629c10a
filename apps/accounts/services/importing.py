"""Importing users who come from another service, with their passwords or what is left of them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts import passwords
from apps.accounts.models import Gender, User
from apps.accounts.signals import UsersChanged, users_registered
from apps.core.errors import USER_EXISTS, ImError
from apps.core.importing import Importer, Outcome, Row, fields
from apps.core.importing.rows import refusal
from apps.core.models import App

USER_COLUMNS = (
    "username",
    "password",
    "password_md5",
    "nickname",
    "avatar",
    "birthday",
    "gender",
    "signature",
    "region",
    "address",
    "star",
    "extras",
    "is_admin",
    "disabled",
    "ctime",
    "mtime",
)
"""What a user may come with. Without a password or its MD5, they can't log in until the app sets one."""

_KNOWN = frozenset({*USER_COLUMNS, "user_name", "appkey"})  # as a list of users has them
_NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9_.@-]*\Z")
_MD5 = re.compile(r"\A[0-9a-fA-F]{32}\Z")
_EXTRAS_MAX_BYTES = 512

# Ids in the order of the rows, so that lists of users keep it; inserted in the order of names, so that it
# can't deadlock with a registration of the same names.
_STORE = """
WITH fresh AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('accounts_user', 'id')) AS id, told.*
    FROM jsonb_to_recordset(%(rows)s) AS told (username text, password_hash text, is_admin boolean,
        nickname text, avatar text, birthday date, gender smallint, signature text, region text,
        address text, star integer, extras jsonb, disabled_at timestamptz, created_at timestamptz,
        updated_at timestamptz)
)
INSERT INTO accounts_user (id, app_id, username, password_hash, is_admin, nickname, avatar, birthday,
    gender, signature, region, address, star, extras, disabled_at, created_at, updated_at)
SELECT id, %(app)s, username, password_hash, is_admin, nickname, avatar, birthday,
    gender, signature, region, address, star, extras, disabled_at, created_at, updated_at
FROM fresh
ORDER BY username
ON CONFLICT (app_id, username) DO NOTHING
RETURNING id, username
"""


@dataclass(frozen=True)
class _Newcomer:
    """A row that may be stored, or the error that says why not."""

    number: int
    username: str
    columns: Mapping[str, Any]
    error: ImError | None = None


PreparedUsers = Sequence[_Newcomer]


def prepare_users(app: App, rows: Sequence[Row]) -> PreparedUsers:
    """Check the rows, and hash the passwords of those whose names look free. Writes nothing.

    A password takes a hash of some 12 ms on one processor, the MD5 of one some microseconds.
    """
    now = timezone.now()
    read = [_read(app, row, now) for row in rows]
    wanted = [one.username for one in read if one.error is None]
    taken = set(app.users.filter(username__in=wanted).values_list("username", flat=True))
    fresh: list[_Newcomer] = []
    for one in read:
        if one.error is None and one.username in taken:
            fresh.append(_Newcomer(one.number, one.username, {}, ImError(USER_EXISTS)))
        else:
            taken |= {one.username} if one.error is None else set()
            fresh.append(one)
    return list(_with_hashes(fresh))


def store_users(app: App, prepared: PreparedUsers) -> list[Outcome]:
    """Register those that may be, in one statement, and announce them as imported. One outcome a row.

    Raises nothing for a row: USER_EXISTS and PARAMETER_INVALID stand in the outcomes. The unique constraint
    decides about names, so an import and registrations may run at once.
    """
    rows = [one.columns for one in prepared if one.error is None]
    with transaction.atomic():
        ids = _insert(app, rows) if rows else {}
        if ids:
            event = UsersChanged(app.pk, tuple(sorted(ids.values())), imported=True)
            users_registered.send(sender=User, event=event)
    taken = ImError(USER_EXISTS)
    return [
        Outcome(one.number, one.username, one.error or (None if one.username in ids else taken))
        for one in prepared
    ]


USERS = Importer(
    kind="users",
    columns=USER_COLUMNS,
    prepare=prepare_users,
    store=store_users,
    repeated=ImError(USER_EXISTS),
)
"""`USERS.run(app, rows)` imports a batch of rows; `USERS.run(app, rows, dry_run=True)` only tries."""


def _insert(app: App, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_STORE, {"app": app.pk, "rows": json.dumps(rows, default=str)})
        return {username: pk for pk, username in cursor.fetchall()}


def _with_hashes(read: Sequence[_Newcomer]) -> Iterator[_Newcomer]:
    """The plain passwords are hashed at once, on all processors."""
    plain = [one.columns["password"] for one in read if one.error is None]
    hashes = iter(passwords.hash_all(password for password in plain if password))
    for one in read:
        if one.error is not None:
            yield one
            continue
        columns = dict(one.columns)
        password, md5 = columns.pop("password"), columns.pop("password_md5")
        if password:
            columns["password_hash"] = next(hashes)
        else:
            columns["password_hash"] = passwords.of_md5(md5) if md5 else passwords.unknown()
        yield _Newcomer(one.number, one.username, columns)


def _read(app: App, row: Row, now: datetime) -> _Newcomer:
    key = row.values.get("username", row.values.get("user_name", ""))
    shown = key[:128] if isinstance(key, str) else ""
    try:
        if row.fault is not None:
            raise row.fault
        return _Newcomer(row.number, shown, _columns(app, row.values, now))
    except ImError as error:
        return _Newcomer(row.number, shown, {}, error)


def _columns(app: App, values: fields.Values, now: datetime) -> dict[str, Any]:
    fields.check_names(values, _KNOWN)
    created = _past(values, "ctime", app, now) or now
    return {
        "username": _username(values),
        **_password(values),
        "nickname": fields.text(values, "nickname", at_most=64, single_line=True),
        "avatar": fields.text(values, "avatar", at_most=255),
        "birthday": fields.day(values, "birthday"),
        "gender": fields.integer(values, "gender", minimum=0, maximum=max(Gender)),
        "signature": fields.text(values, "signature", at_most=250),
        "region": fields.text(values, "region", at_most=250),
        "address": fields.text(values, "address", at_most=250),
        "star": fields.integer(values, "star", minimum=-(2**31), maximum=2**31 - 1) or 0,
        "extras": _extras(values),
        "is_admin": fields.flag(values, "is_admin"),
        "disabled_at": now if fields.flag(values, "disabled") else None,
        "created_at": created,
        "updated_at": _past(values, "mtime", app, now) or created,
    }


def _username(values: fields.Values) -> str:
    if "username" not in values and "user_name" in values:  # the draft's word for it
        values = {**values, "username": values["user_name"]}
    if "username" not in values:
        raise refusal("username: This field is required.")
    name = fields.text(values, "username", at_least=4, at_most=128)
    if not _NAME.match(name):
        text = "must start with a letter or digit and go on with letters, digits, _ . @ -"
        raise refusal(f"username: {text}")
    return name


def _password(values: fields.Values) -> dict[str, str]:
    password = md5 = ""
    if "password" in values:
        password = fields.text(values, "password", at_least=4, at_most=128)
    if "password_md5" in values:
        md5 = fields.text(values, "password_md5", at_most=32)
        if not _MD5.match(md5):
            raise refusal("password_md5: must be the MD5 of the password in 32 hexadecimal digits")
    if password and md5:
        raise refusal("password_md5: must not be there beside password")
    return {"password": password, "password_md5": md5}


def _extras(values: fields.Values) -> dict[str, Any] | None:
    extras = fields.json_object(values, "extras")
    if extras is not None:
        compact = json.dumps(extras, ensure_ascii=False, separators=(",", ":"))
        if len(compact.encode()) > _EXTRAS_MAX_BYTES:
            raise refusal(f"extras: must be at most {_EXTRAS_MAX_BYTES} bytes of JSON in UTF-8")
    return extras


def _past(values: fields.Values, name: str, app: App, now: datetime) -> datetime | None:
    moment = fields.moment(values, name, app.zone)
    if moment is not None and moment > now:
        raise refusal(f"{name}: must not be in the future")
    return moment


WRAPPED_AT_ONCE = 50


def wrap_imported_passwords() -> bool:
    """Put Argon2 around some of the MD5s that imports left, in any app; whether there were any.

    A step of background work: half a second on two processors, at the low priority of all hashing. Whoever
    logs in meanwhile, or is given a password, keeps what they have then.
    """
    waiting = User.objects.with_keyed_md5()[:WRAPPED_AT_ONCE]  # tenant-free: of every app
    keyed = list(waiting.values_list("pk", "password_hash"))
    wrapped = passwords.wrap_all(password_hash for _, password_hash in keyed)
    for (pk, before), after in zip(keyed, wrapped, strict=True):
        unchanged = User.objects.filter(pk=pk, password_hash=before)  # tenant-free: likewise
        unchanged.update(password_hash=after)
    return bool(keyed)
