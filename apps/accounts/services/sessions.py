"""Client sessions: opened by a password or by the app's server, renewed, ended."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts import passwords
from apps.accounts.models import ClientSession, User
from apps.accounts.services import login_guard
from apps.accounts.services.users import set_password
from apps.accounts.signals import SessionsEnded, sessions_ended
from apps.core.errors import (
    LOGIN_FAILED,
    NO_SUCH_SESSION,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    USER_DISABLED,
    ImError,
)
from apps.core.models import App, DevicePolicy

_SEEN_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class OpenedSession:
    """A session with its token in clear: the only moment at which it can be seen."""

    session: ClientSession
    token: str


def digest_of(token: str) -> bytes:
    """The stored form of a token. Its 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def log_in(
    *, app: App, username: str, password: str, platform: str, device_id: str, address: str
) -> OpenedSession:
    """Open a session for whoever knows the password. One password hash, whether or not the name exists.

    A password that was imported as its MD5 is hashed anew, as is one whose hash costs less than today's.

    Raises LOGIN_FAILED for an unknown name as for a wrong password, USER_DISABLED only to whoever knows the
    password, and RATE_LIMITED after too many failures for the user or from the address.
    """
    login_guard.check(app=app, username=username, address=address)
    user = app.users.filter(username=username).first() if "\0" not in username else None
    known = passwords.matches(password, user.password_hash if user else _nobodys_hash())
    if user is None or not known:
        login_guard.note_failure(app=app, username=username, address=address)
        raise ImError(LOGIN_FAILED)
    login_guard.forgive(app=app, username=username)
    if passwords.is_outdated(user.password_hash):
        _hash_anew(app, user, password)
    return _open(app, user, platform, device_id, password_hash=user.password_hash)


def _hash_anew(app: App, user: User, password: str) -> None:
    """Store the hash of today's kind, unless the password was set anew meanwhile. Tells nobody."""
    (password_hash,) = passwords.hash_all([password])
    unchanged = app.users.filter(pk=user.pk, password_hash=user.password_hash)
    if unchanged.update(password_hash=password_hash):
        user.password_hash = password_hash


def change_password(
    *, app: App, session: ClientSession, old_password: str, new_password: str, address: str
) -> None:
    """Give the session's user a new password, on their own word, and end their other sessions.

    Raises LOGIN_FAILED for a wrong old password, and RATE_LIMITED as a log-in does: a session is not to be
    made into a password by guessing.
    """
    user = session.user
    login_guard.check(app=app, username=user.username, address=address)
    if not passwords.matches(old_password, user.password_hash):
        login_guard.note_failure(app=app, username=user.username, address=address)
        raise ImError(LOGIN_FAILED)
    login_guard.forgive(app=app, username=user.username)
    set_password(app=app, username=user.username, password=new_password, but_session=session.pk)


def _nobodys_hash() -> str:
    """A hash that no password matches, as costly to check as any: the time must not tell who exists."""
    return passwords.unmatchable_hash()


def open_session(*, app: App, user: User, platform: str, device_id: str = "") -> OpenedSession:
    """Open a session for the user, on the app server's word. Raises USER_DISABLED.

    Ends what the app's device policy lets it replace, the sessions before on the same named device, and the
    oldest beyond `settings.IM_SESSIONS_PER_USER`.
    """
    return _open(app, user, platform, device_id)


@transaction.atomic
def _open(
    app: App, user: User, platform: str, device_id: str, password_hash: str | None = None
) -> OpenedSession:
    """Once the user's row is held, the password that was looked at before must still be theirs."""
    locked = app.users.held().filter(pk=user.pk).first()
    if locked is None or locked.disabled_at is not None:
        raise ImError(USER_DISABLED)
    if password_hash not in {None, locked.password_hash}:
        raise ImError(LOGIN_FAILED)
    now = timezone.now()
    end_sessions(app=app, sessions=_replaced(app, user, platform, device_id))
    token = secrets.token_urlsafe(32)
    session = ClientSession(
        user=user,
        token_digest=digest_of(token),
        platform=platform,
        device_id=device_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=settings.IM_SESSION_SECONDS),
    )
    session.save(force_insert=True)
    return OpenedSession(session, token)


def _replaced(app: App, user: User, platform: str, device_id: str) -> "QuerySet[ClientSession]":
    others = user.sessions.all()
    if app.device_policy == DevicePolicy.ONE:
        return others
    if app.device_policy == DevicePolicy.ONE_PER_PLATFORM:
        return others.filter(platform=platform)
    beyond = others.newest_first()[settings.IM_SESSIONS_PER_USER - 1 :]
    replaced = others.filter(pk__in=[session.pk for session in beyond])
    if device_id:
        replaced |= others.filter(platform=platform, device_id=device_id)
    return replaced


def session_of_token(token: str) -> ClientSession:
    """The session a token stands for, its user and app loaded. One query.

    Raises TOKEN_INVALID, TOKEN_EXPIRED, USER_DISABLED.
    """
    session = (
        ClientSession.objects.select_related("user__app")  # tenant-free: the token tells the tenant
        .filter(token_digest=digest_of(token))
        .first()
    )
    if session is None:
        raise ImError(TOKEN_INVALID)
    now = timezone.now()
    if session.expires_at <= now:
        raise ImError(TOKEN_EXPIRED)
    if session.user.disabled_at is not None:
        raise ImError(USER_DISABLED)
    if now - session.last_seen_at > _SEEN_NOTED_EVERY:
        session.user.sessions.filter(pk=session.pk).update(last_seen_at=now)
    return session


@transaction.atomic
def renew_session(*, app: App, session: ClientSession) -> OpenedSession:
    """Give the session a new token and a new span of life; the old token ends. Raises TOKEN_INVALID."""
    token = secrets.token_urlsafe(32)
    expires_at = timezone.now() + timedelta(seconds=settings.IM_SESSION_SECONDS)
    mine = session.user.sessions.filter(pk=session.pk, token_digest=bytes(session.token_digest))
    if not mine.update(token_digest=digest_of(token), expires_at=expires_at):
        raise ImError(TOKEN_INVALID)
    session.expires_at = expires_at
    return OpenedSession(session, token)


def end_session(*, app: App, user: User, session_id: int) -> None:
    """Log one device out. Raises NO_SUCH_SESSION."""
    if not end_sessions(app=app, sessions=user.sessions.filter(pk=session_id)):
        raise ImError(NO_SUCH_SESSION)


def end_sessions_of(*, app: App, user_ids: Collection[int], but: int | None = None) -> int:
    """Log the users out everywhere, but for one session where given. Returns how many ended."""
    sessions = ClientSession.objects.filter(user__app=app, user__in=user_ids)  # tenant-free: by app
    return end_sessions(app=app, sessions=sessions.exclude(pk=but) if but else sessions)


@transaction.atomic
def end_sessions(*, app: App, sessions: "QuerySet[ClientSession]") -> int:
    """End those sessions and announce it, so that their connections go at once. Returns how many."""
    pks = tuple(sessions.order_by("pk").values_list("pk", flat=True))
    if pks:
        ClientSession.objects.filter(user__app=app, pk__in=pks).delete()  # tenant-free: by app
        sessions_ended.send(sender=ClientSession, event=SessionsEnded(app.pk, pks))
    return len(pks)
