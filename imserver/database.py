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


def databases(
    url: str, *, pool_size: int = 4, pool_timeout: float = 3.0
) -> dict[str, dict[str, Any]]:
    """Return the setting ``DATABASES`` for ``url``.

    ``postgresql://user:password@host:port/name?sslmode=require&...``: whatever the query holds is
    a connection parameter of libpq, and ``?host=/directory`` is the directory of a Unix socket.
    An empty ``url`` gives a database that can't be connected to, for commands that need none.

    ``pool_size`` is the most connections a process keeps (0: no pool, a connection per request),
    and ``pool_timeout`` how many seconds a request waits for one: short, so that a dead database
    is answered with 503 soon. Raises ImproperlyConfigured for anything that is not a PostgreSQL
    URL.
    """
    parameters = _parameters(url) if url else {"host": NOWHERE, "dbname": "nowhere"}
    database: dict[str, Any] = {
        name: parameters.pop(parameter, "") for parameter, name in DJANGO_NAMES.items()
    }
    if not database["NAME"]:
        raise ImproperlyConfigured("DATABASE_URL names no database: postgres://host/NAME.")
    options: dict[str, Any] = {
        # A statement is prepared on the server at its first use, with its parameters sent apart
        # from it. Django leaves both off; a send takes nearly twice as long without.
        "prepare_threshold": 0,
        "server_side_binding": True,
        "connect_timeout": "3",
        "application_name": "imserver",
        **parameters,
    }
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": pool_timeout}
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            **database,
            "CONN_MAX_AGE": 0,  # the pool keeps connections: Django hands them back
            "OPTIONS": options,
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
