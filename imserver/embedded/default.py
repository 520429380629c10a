"""The database of a checkout that was told of no other: an embedded server in var/."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

from imserver.embedded.server import EmbeddedServer
from imserver.env import var_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


def default_server() -> EmbeddedServer:
    """Return the server that `make run` and every management command share."""
    return EmbeddedServer(var_directory() / "postgresql")


@contextlib.contextmanager
def embedded_database() -> Iterator[EmbeddedServer]:
    """Run the default server, and have DATABASE_URL tell where it is, to child processes too.

    IM_EMBEDDED_HOME tells where its data is, for messages to people.

    A SIGTERM ends the block like a Ctrl-C does, so that the server is not left behind.
    """
    with _terminable(), default_server() as server:
        told = {"DATABASE_URL": server.url, "IM_EMBEDDED_HOME": str(server.place.home)}
        os.environ.update(told)
        try:
            yield server
        finally:
            for name in told:
                del os.environ[name]


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
