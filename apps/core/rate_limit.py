"""Calls per app and minute, counted for all processes together.

The count is one row per app in PostgreSQL. A process takes calls from it in small leases, so that most
requests cost no query; near the limit it takes them one by one, so that the limit is exact.
"""

import math
import threading
import time
from dataclasses import dataclass

from django.db import connection

from apps.core.models import App

_LEASE = 32  # calls taken at once while many are left
_EXACT_BELOW = 20 * _LEASE  # left for all processes: from here on one by one

# A call that waited for the row over the end of a minute still tells the one before: it counts in the new
# one. A minute that is further off was told by a clock that has been put right since.
_TAKE = """
INSERT INTO core_callwindow AS w (app_id, minute, used)
VALUES (%(app)s, date_trunc('minute', clock_timestamp()), %(calls)s)
ON CONFLICT (app_id) DO UPDATE SET
    used = excluded.used + CASE
        WHEN w.minute BETWEEN excluded.minute AND excluded.minute + interval '1 minute'
        THEN w.used ELSE 0 END,
    minute = CASE
        WHEN w.minute BETWEEN excluded.minute AND excluded.minute + interval '1 minute'
        THEN w.minute ELSE excluded.minute END
RETURNING used, 60 - extract(second FROM clock_timestamp())
"""


@dataclass(frozen=True)
class Allowance:
    """What the X-Rate-Limit headers say: calls allowed, calls left, whole seconds until the reset."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool = False


@dataclass
class _Lease:
    limit: int
    ends: float  # on time.monotonic's clock
    calls: int  # still to be used by this process
    beyond: int  # left for all processes when this lease was taken


_leases: dict[int, _Lease] = {}  # by app: as many as apps seen in the last minutes
_lock = threading.Lock()
_LEASES_AT_MOST = 10_000


def take(app: App) -> Allowance:
    """Count one call of the app. At most one query, and usually none."""
    limit = app.call_limit
    now = time.monotonic()
    with _lock:
        lease = _leases.get(app.pk)
        if lease is not None and (lease.limit != limit or now >= lease.ends):
            lease = None
        if lease is not None:
            reset = math.ceil(lease.ends - now)
            if lease.calls:
                lease.calls -= 1
                return Allowance(limit, lease.calls + lease.beyond, reset)
            if not lease.beyond:
                return Allowance(limit, 0, reset, exceeded=True)
        left = limit if lease is None else lease.beyond
    return _renew(app, limit, _LEASE if left > _EXACT_BELOW else 1)


def _renew(app: App, limit: int, calls: int) -> Allowance:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"app": app.pk, "calls": calls})
        used, seconds = cursor.fetchone()
    granted = max(0, min(calls, limit - (used - calls)))
    lease = _Lease(
        limit=limit,
        ends=time.monotonic() + float(seconds),
        calls=max(0, granted - 1),
        beyond=max(0, limit - used),
    )
    with _lock:
        present = _leases.get(app.pk)
        if present is not None and present.limit == limit and present.ends > time.monotonic():
            lease.calls += present.calls  # another thread's, taken meanwhile: none is lost
        if len(_leases) >= _LEASES_AT_MOST:
            _leases.clear()
        _leases[app.pk] = lease
    reset = math.ceil(seconds)
    return Allowance(limit, lease.calls + lease.beyond, reset, exceeded=not granted)


def forget() -> None:
    """Drop what this process holds, as a new process would start."""
    with _lock:
        _leases.clear()
