"""Doing chores, each in a thread of its own, until told to stop."""

import logging
import threading
import time
from collections.abc import Iterable

from django.db import InterfaceError, OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from apps.core.chores import Chore
from apps.core.database import drop_dead_connections

logger = logging.getLogger(__name__)

_LOOK_EVERY = 1.0  # seconds between two looks at a database that is not up to date
_SILENCE = 20.0  # seconds for which nothing is said about that
_LONGEST_PAUSE = 60.0  # seconds between two tries of a chore that goes on failing
#: Seconds of idleness from which a thread rather gives its database connection back.
_WITHOUT_CONNECTION = 30.0


class Worker:
    """One per process: a thread for each chore, so that a slow or failing one holds up no other.

    It begins when the database is up to date: its tables may be made by somebody else at this moment.
    """

    def __init__(self, chores: Iterable[Chore]) -> None:
        self._rounds = [_Rounds(chore) for chore in chores]
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until `stop` is called and the steps under way are done, even if there is no chore."""
        self._wait_for_migrations()
        if self._stopping.is_set():
            return
        for rounds in self._rounds:
            rounds.start()
        self._stopping.wait()
        for rounds in self._rounds:
            rounds.join()

    def _wait_for_migrations(self) -> None:
        began, told = time.monotonic(), False
        while not self._stopping.is_set() and not is_migrated():
            if not told and time.monotonic() - began > _SILENCE:
                told = True
                logger.warning(
                    "waiting until the database is there and up to date: manage.py migrate"
                )
            self._stopping.wait(_LOOK_EVERY)
        connections.close_all()

    def stop(self) -> None:
        """Have `run` return. May be called from any thread, and before `run`."""
        for rounds in self._rounds:
            rounds.stop()
        self._stopping.set()


def is_migrated() -> bool:
    """Whether the database can be reached, and has all tables as this code wants them."""
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (InterfaceError, OperationalError):
        connection.close()
        return False


def told_to_end() -> bool:
    """Whether the process that does this thread's chore was told to end. For steps that go on for long."""
    thread = threading.current_thread()
    return isinstance(thread, _Rounds) and thread.is_stopping


class _Rounds(threading.Thread):
    """A chore, over and over."""

    def __init__(self, chore: Chore) -> None:
        super().__init__(name=f"chore-{chore.name}", daemon=True)
        self._chore = chore
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._failures = 0
        self._failure: type[Exception] | None = None

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        deafen = self._chore.listen(self._wake.set) if self._chore.listen is not None else None
        try:
            while not self._stopping.is_set():
                self._once()
        finally:
            if deafen is not None:
                deafen()
            connections.close_all()

    def _once(self) -> None:
        self._wake.clear()
        if self._stopping.is_set():  # and it may have been told so just before that
            return
        drop_dead_connections()
        try:
            worked = self._chore.step()
        except Exception as error:  # noqa: BLE001 - whatever a chore fails of, the others and the next try go on
            self._failed(error)
            connections.close_all()
            self._stopping.wait(min(2.0 ** (self._failures - 1), _LONGEST_PAUSE))
            return
        self._succeeded()
        if not worked:
            if self._chore.every >= _WITHOUT_CONNECTION:
                connections.close_all()
            self._wake.wait(self._chore.every)

    def _failed(self, error: Exception) -> None:
        """Say so, but not again and again while it fails of the same."""
        self._failures += 1
        if type(error) is self._failure:
            return
        self._failure = type(error)
        if isinstance(error, OperationalError | InterfaceError):
            logger.warning("%s: the database can't be used: %s", self._chore.name, error)
        else:
            logger.error("%s failed, and is tried again", self._chore.name, exc_info=error)

    def _succeeded(self) -> None:
        if self._failures:
            logger.warning("%s works again, after %d failures", self._chore.name, self._failures)
        self._failures, self._failure = 0, None


def work_once(chores: Iterable[Chore]) -> list[str]:
    """Do each chore in turn until it has nothing left to do; the names of those that failed."""
    failed = []
    for chore in chores:
        try:
            while chore.step():
                pass
        except Exception:
            logger.exception("%s failed", chore.name)
            failed.append(chore.name)
    return failed
