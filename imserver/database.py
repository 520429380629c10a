"""Django's ``DATABASES`` out of one URL. PostgreSQL only."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import ProgrammingError

SCHEMES = ("postgres", "postgresql")
#: What stands for the database when no URL is known. Code may be imported and checked without one;
#: connecting fails with this in the message.
NOWHERE = "/DATABASE_URL is not set"
#: Connection parameters that Django has names of its own for.
DJANGO_NAMES = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}

OPTIONS = {
    "application_name": "imserver",
    # A statement is prepared on the server at its first use, with its parameters sent apart from
    # it. Django leaves both off; a send takes nearly twice as long without.
    "prepare_threshold": 0,
    "server_side_binding": True,
    # A database that is gone without a word is found out in seconds, not in TCP's quarter of an
    # hour: seconds, but for the last, which is milliseconds.
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


def databases(url: str) -> dict[str, dict[str, Any]]:
    """Return the setting ``DATABASES`` for ``url``.

    ``postgresql://user:password@host:port/name?sslmode=require&...``: whatever the query holds is
    a connection parameter of libpq, and ``?host=/directory`` is the directory of a Unix socket.
    An empty ``url`` gives a database that can't be connected to, for commands that need none.

    Every thread keeps its connection, so there are as many as workers times threads. A pool was
    measured: 15 % fewer requests a second, and while the database is away each request waits for
    the pool's timeout where a connection of one's own is refused at once.

    Raises ImproperlyConfigured for anything that is not a PostgreSQL URL.
    """
    parameters = _parameters(url) if url else {"host": NOWHERE, "dbname": "nowhere"}
    database: dict[str, Any] = {
        name: parameters.pop(parameter, "") for parameter, name in DJANGO_NAMES.items()
    }
    if not database["NAME"]:
        raise ImproperlyConfigured("DATABASE_URL names no database: postgres://host/NAME.")
    return {
        "default": {
            "ENGINE": "imserver.postgresql",
            **database,
            "CONN_MAX_AGE": None,
            # Dead connections are found without asking them: see apps/core/database.py.
            "CONN_HEALTH_CHECKS": False,
            "OPTIONS": {**OPTIONS, **parameters},
        }
    }


def _parameters(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        # The URL itself may hold a password: it stays out of the message.
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with {parts.scheme or 'no scheme'!r}: only PostgreSQL will do "
            "(postgres://user:password@host:port/name)."
        )
    try:
        return dict(conninfo_to_dict(url))
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL: {error}") from error
