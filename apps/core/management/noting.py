"""What commands leave in the audit: the actor is the command line, the address a user of the system."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_noop

from apps.core.models import App
from apps.core.services.audit import COMMAND_LINE, STATUS, Actor, Change, record, snapshot

_BEGUN, _DONE, _STOPPED = gettext_noop("begun"), gettext_noop("done"), gettext_noop("stopped")


def command_line() -> Actor:
    """Whoever types a command: the user that the system says it runs as, and the machine."""
    return Actor(None, COMMAND_LINE, f"{_user()}@{socket.gethostname()}")


def _user() -> str:
    """By the number, not by what the environment claims."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # in a container, say
        return str(number)


def note_command(action: str, *changes: Change, details: Mapping[str, Any] | None = None) -> None:
    """Note what a command has done, in the transaction in which it did; texts as `record` has them."""
    record(actor=command_line(), action=action, changes=changes or [Change()], details=details)


def note_made(row: Model) -> None:
    """Note that a command has made an app, or an operator."""
    after = {name: value for name, value in snapshot(row).items() if value not in (None, "")}
    app = row if isinstance(row, App) else None
    note_command(gettext_noop("Added"), Change(target=row, app=app, after=after))


@contextmanager
def noted_work(
    action: str, *, app: App | None = None, details: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Note that long work has begun, before it does anything, and how it ended.

    What is put into the dictionary, such as numbers, is told at the end. A command that is killed leaves the
    first entry alone.
    """
    change = Change(target=app, app=app)
    given = {**(details or {})}
    note_command(action, change, details={STATUS: _BEGUN, **given})
    told: dict[str, Any] = {}
    status = _STOPPED
    try:
        yield told
        status = _DONE
    finally:
        note_command(action, change, details={STATUS: status, **given, **told})
