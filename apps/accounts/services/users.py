"""Users: registered, changed, disabled, deleted."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts import passwords
from apps.accounts.models import User
from apps.accounts.signals import (
    UsersChanged,
    password_changed,
    users_deleted,
    users_disabled,
    users_enabled,
    users_registered,
)
from apps.core.errors import NO_SUCH_USER, USER_EXISTS, ImError
from apps.core.models import App

# One statement for a whole batch: what the unique constraint turns away is simply not returned.
_REGISTER = """
INSERT INTO accounts_user (app_id, username, password_hash, is_admin, nickname, avatar, birthday,
    gender, signature, region, address, star, extras)
SELECT %(app)s, username, password_hash, is_admin, nickname, avatar, birthday,
    gender, signature, region, address, star, extras
FROM jsonb_to_recordset(%(rows)s) AS fresh (username text, password_hash text, is_admin boolean,
    nickname text, avatar text, birthday date, gender smallint, signature text, region text,
    address text, star integer, extras jsonb)
ORDER BY username
ON CONFLICT (app_id, username) DO NOTHING
RETURNING id, username
"""


_DELETION = 0x1064  # the class of advisory locks that are deletions; the object is the app


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a user tells of themselves. An empty string or None is a field that is not set."""

    nickname: str = ""
    avatar: str = ""  # a media id
    birthday: date | None = None
    gender: int | None = None  # see `Gender`
    signature: str = ""
    region: str = ""
    address: str = ""
    star: int = 0  # the draft's alone
    extras: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Registration(Profile):
    """Someone to register."""

    username: str
    password: str
    is_admin: bool = False


def register_users(*, app: App, registrations: Sequence[Registration]) -> list[int | None]:
    """Register each by itself; for each its user's id, or None where the name is taken.

    A name given twice goes to the first. The unique constraint decides, not a query before it, so two
    calls at once cannot both succeed; rows are inserted in the order of their names, so that they cannot
    deadlock either. Costs two statements and, outside the transaction, a password hash for each name that
    looks free.
    """
    wanted = [registration.username for registration in registrations]
    known = set(app.users.filter(username__in=set(wanted)).values_list("username", flat=True))
    fresh: dict[str, Registration] = {}
    for registration in registrations:
        if registration.username not in known:
            fresh.setdefault(registration.username, registration)
    if not fresh:
        return [None] * len(wanted)
    hashes = passwords.hash_all(registration.password for registration in fresh.values())
    with transaction.atomic():
        ids = _insert(app, list(fresh.values()), hashes)
        if ids:
            event = UsersChanged(app.pk, tuple(sorted(ids.values())))
            users_registered.send(sender=User, event=event)
    return [ids.pop(username, None) for username in wanted]


def _insert(
    app: App, registrations: Iterable[Registration], hashes: Iterable[str]
) -> dict[str, int]:
    rows = []
    for registration, password_hash in zip(registrations, hashes, strict=True):
        row = asdict(registration)
        del row["password"]
        rows.append({**row, "password_hash": password_hash})
    with connection.cursor() as cursor:
        cursor.execute(_REGISTER, {"app": app.pk, "rows": json.dumps(rows, default=str)})
        return {username: pk for pk, username in cursor.fetchall()}


def register_user(*, app: App, registration: Registration) -> User:
    """Register one. Raises USER_EXISTS if the name is taken."""
    (pk,) = register_users(app=app, registrations=[registration])
    if pk is None:
        raise ImError(USER_EXISTS)
    return app.users.get(pk=pk)


def update_user(*, app: App, username: str, changes: Mapping[str, Any]) -> None:
    """Set the given fields of `Profile`, and no others. Raises NO_SUCH_USER."""
    changed = app.users.filter(username=username) if "\0" not in username else app.users.none()
    if not changed.update(**changes, updated_at=timezone.now()):
        raise ImError(NO_SUCH_USER, f"No such user: {username}")


def set_password(*, app: App, username: str, password: str, but_session: int | None = None) -> None:
    """Give the user a new password and log them out everywhere, but for that session where given.

    Raises NO_SUCH_USER. One hash, outside the transaction.
    """
    user = app.users.by_username(username)
    (password_hash,) = passwords.hash_all([password])
    with transaction.atomic():
        now = timezone.now()
        if not app.users.filter(pk=user.pk).update(password_hash=password_hash, updated_at=now):
            raise ImError(NO_SUCH_USER, f"No such user: {username}")
        event = UsersChanged(app.pk, (user.pk,), but_session)
        password_changed.send(sender=User, event=event)


@transaction.atomic
def disable_users(*, app: App, users: QuerySet[User]) -> int:
    """Bar them from logging in and sending. Returns how many were not barred before."""
    pks = _pks(app.users.enabled().filter(pk__in=users.values("pk")).held())
    app.users.filter(pk__in=pks).update(disabled_at=timezone.now())
    if pks:
        users_disabled.send(sender=User, event=UsersChanged(app.pk, pks))
    return len(pks)


@transaction.atomic
def enable_users(*, app: App, users: QuerySet[User]) -> int:
    """Undo `disable_users`. Returns how many were barred before."""
    pks = _pks(app.users.disabled().filter(pk__in=users.values("pk")).held())
    app.users.filter(pk__in=pks).update(disabled_at=None)
    if pks:
        users_enabled.send(sender=User, event=UsersChanged(app.pk, pks))
    return len(pks)


@transaction.atomic
def delete_users(*, app: App, usernames: Sequence[str]) -> None:
    """Delete all of them or, if one is missing, none (NO_SUCH_USER).

    They leave their groups; a group they own passes to its oldest member or, empty, is dissolved. What they
    sent stays in the log under their name. Someone who takes the name later is another user, and sees
    nothing of it.

    Deletions of one app happen one after another: each may name any member the owner of a group, whom no
    other must be deleting then. The rows are locked in the order of their ids before groups are, and go last.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_DELETION, app.pk])
    doomed = app.users.filter(username__in=[name for name in usernames if "\0" not in name])
    pks = _pks(doomed.select_for_update().order_by("pk"))
    if len(pks) != len(set(usernames)):
        app.users.by_usernames(usernames)  # raises for the missing one
    users_deleted.send(sender=User, event=UsersChanged(app.pk, pks))
    app.users.filter(pk__in=pks).delete()


def _pks(users: QuerySet[User]) -> tuple[int, ...]:
    return tuple(users.values_list("pk", flat=True))
