"""Things done at once: threads with database connections of their own, and sessions to be stepped.

Tests that use them are marked `django_db(transaction=True)`: what one connection does in an open
transaction, the others can't see.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import pytest
from django.db import connection, connections, transaction
from django.utils.module_loading import import_string

from apps.core.errors import ImError

Result = TypeVar("Result")

#: Seconds after which a test gives up on what it waits for.
PATIENCE = 30.0

_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def at_once(*jobs: Callable[[], Result]) -> list[Result]:
    """Run each job in a thread of its own, all let go at the same moment; their results, in order.

    What a job raises is raised here.
    """
    gate = threading.Barrier(len(jobs), timeout=PATIENCE)

    def run(job: Callable[[], Result]) -> Result:
        connection.ensure_connection()
        gate.wait()
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        running = [pool.submit(run, job) for job in jobs]
        return [future.result() for future in running]


def outcomes_at_once(*jobs: Callable[[], Result]) -> list[Result | ImError]:
    """As `at_once`, but a refusal is an outcome like any other."""

    def outcome(job: Callable[[], Result]) -> Result | ImError:
        try:
            return job()
        except ImError as error:
            return error

    return at_once(*(partial(outcome, job) for job in jobs))


def refusals(results: Sequence[object]) -> list[ImError]:
    """Those of the results that are refusals."""
    return [result for result in results if isinstance(result, ImError)]


class Session:
    """One more connection, in a thread of its own, which does what it is told step by step."""

    def __enter__(self) -> Self:
        self._thread = ThreadPoolExecutor(1)
        self._block: transaction.Atomic | None = None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.start(connections.close_all)
        self._thread.shutdown()

    def start(self, job: Callable[..., Result], *arguments: Any, **named: Any) -> "Future[Result]":
        """Begin the job and come back at once."""
        return self._thread.submit(job, *arguments, **named)

    def run(self, job: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
        """Do the job and wait for its result."""
        return self.start(job, *arguments, **named).result(PATIENCE)

    def begin(self) -> None:
        """Open a transaction."""
        self._block = transaction.atomic()
        self.run(self._block.__enter__)

    def commit(self) -> None:
        """Commit it."""
        assert self._block is not None
        self.run(self._block.__exit__, None, None, None)

    def undo(self) -> None:
        """Roll it back."""
        self.run(transaction.set_rollback, True)
        self.commit()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until the condition holds."""
    give_up_at = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up_at, f"waited in vain: {what}"
        time.sleep(0.005)


def waiting_for_locks() -> int:
    """How many connections to the test's database wait for a lock that another one holds."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        (count,) = cursor.fetchone()
    return int(count)


def until_waiting(count: int = 1) -> None:
    """Wait until so many connections wait for a lock."""
    until(lambda: waiting_for_locks() >= count, f"{count} connections waiting for a lock")


def until_done_or_waiting(job: "Future[Any]") -> None:
    """Wait until the job is done, or is held up by a lock."""
    until(lambda: job.done() or waiting_for_locks() > 0, "the job's end, or a lock in its way")


class Pause:
    """A point in the code at which one thread stops, until it is let on."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._go_on = threading.Event()

    def here(self) -> None:
        """Called at that point. Only who comes first stops."""
        if not self._reached.is_set():
            self._reached.set()
            assert self._go_on.wait(PATIENCE), "nobody let it go on"

    def until_reached(self) -> None:
        """Wait for the thread to come to that point."""
        assert self._reached.wait(PATIENCE), "nobody came"

    def go_on(self) -> None:
        """Let it go on."""
        self._go_on.set()


def pause_before(monkeypatch: pytest.MonkeyPatch, path: str) -> Pause:
    """Have the function of that dotted path wait before it does anything, the first time it is called."""
    pause = Pause()
    function = import_string(path)

    def paused(*arguments: object, **named: object) -> object:
        pause.here()
        return function(*arguments, **named)

    monkeypatch.setattr(path, paused)
    return pause
