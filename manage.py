#!/usr/bin/env python
"""Django's command line. Without a DATABASE_URL, it brings the embedded PostgreSQL along."""

from __future__ import annotations

# ruff: noqa: E402 - the first line that runs is about Ctrl-C
import signal

# While Python is still importing, a Ctrl-C just ends the process: no traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import contextlib
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import NotSupportedError, OperationalError

from imserver.embedded import EmbeddedError, embedded_database

#: Commands that never open a connection, so that no server need be started for them.
WITHOUT_DATABASE = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "error_table",
        "findstatic",
        "help",
        "makemessages",
        "spectacular",
        "startapp",
        "version",
    }
)


def main(arguments: list[str]) -> None:
    """Run one command, with a database if it needs one."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imserver.settings.dev")
    try:
        with embedded_database() if needs_database(arguments) else contextlib.nullcontext():
            execute_from_command_line(arguments)
    except (EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    except (OperationalError, NotSupportedError) as error:
        sys.exit(f"The database can't be used: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def needs_database(arguments: list[str]) -> bool:
    """Whether the command may open a connection, and none is configured."""
    if os.environ.get("DATABASE_URL") or "--help" in arguments or "-h" in arguments:
        return False
    commands = [word for word in arguments[1:] if not word.startswith("-")]
    return bool(commands) and commands[0] not in WITHOUT_DATABASE


if __name__ == "__main__":
    main(sys.argv)
