"""The guard against guessing passwords: by user and by address. Without an app, those of operators.

After some failures further tries are refused without looking at the password, for longer each time. The
guard of the user is lifted by a log-in that succeeds; that of the address is not, or one good password would
let its owner guess on.
"""

import hashlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.accounts.models import LoginGuard
from apps.core.errors import RATE_LIMITED, ImError
from apps.core.models import App

_NOTE = """
INSERT INTO accounts_loginguard AS g (key, failures, refused_until, forgotten_at)
VALUES (
    %(key)s, 1, now() + interval '1 second' * CASE WHEN %(allowed)s = 1 THEN 1 ELSE 0 END,
    now() + %(memory)s * interval '1 second'
)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN g.forgotten_at < now() THEN 1 ELSE g.failures + 1 END,
    refused_until = CASE
        WHEN g.forgotten_at < now() THEN excluded.refused_until
        WHEN g.failures + 1 < %(allowed)s THEN now()
        ELSE now() + interval '1 second'
            * LEAST(%(memory)s, 2 ^ LEAST(g.failures + 1 - %(allowed)s, 20)) END,
    forgotten_at = excluded.forgotten_at
"""
# Names are free to make up, and each leaves a row.
_CLEAR = """
DELETE FROM accounts_loginguard WHERE key IN (
    SELECT key FROM accounts_loginguard WHERE forgotten_at < now() LIMIT 1000 FOR UPDATE SKIP LOCKED
)
"""
_CLEAR_EVERY = 100  # failures, on average


@dataclass(frozen=True)
class _Key:
    text: str
    allowed: int


def _keys(app: App | None, username: str, address: str) -> tuple[_Key, _Key]:
    """Of a user of the app and of an address; without an app, of an operator and of one at the console."""
    name = hashlib.sha256(username.encode(errors="replace")).hexdigest()
    who, where = ("operator", "console") if app is None else (f"user {app.pk}", "address")
    return (
        _Key(f"{who} {name}", settings.IM_LOGIN_FAILURES_PER_USER),
        _Key(f"{where} {address[:64]}", settings.IM_LOGIN_FAILURES_PER_ADDRESS),
    )


def check(*, app: App | None, username: str, address: str) -> None:
    """Refuse (RATE_LIMITED) while the user or the address has too many failures behind it. One query."""
    keys = [key.text for key in _keys(app, username, address)]
    now = timezone.now()
    refused = LoginGuard.objects.filter(key__in=keys, refused_until__gt=now)  # tenant-free: keyed
    if waits := [(guard.refused_until - now).total_seconds() for guard in refused]:
        wait = int(max(waits)) + 1
        text = f"Too many failed log-ins: wait {wait} seconds"
        raise ImError(RATE_LIMITED, text, retry_after=wait)


def note_failure(*, app: App | None, username: str, address: str) -> None:
    """Count one failure against both, and now and then clear away what is long forgotten."""
    with connection.cursor() as cursor:
        for key in sorted(_keys(app, username, address), key=lambda key: key.text):
            memory: int = settings.IM_LOGIN_MEMORY_SECONDS
            values: dict[str, str | int] = {
                "key": key.text,
                "allowed": key.allowed,
                "memory": memory,
            }
            cursor.execute(_NOTE, values)
        if secrets.randbelow(_CLEAR_EVERY) == 0:
            cursor.execute(_CLEAR)


def forgive(*, app: App | None, username: str) -> None:
    """Forget the user's failures."""
    user, _ = _keys(app, username, "")
    LoginGuard.objects.filter(key=user.text).delete()  # tenant-free: keyed by app
