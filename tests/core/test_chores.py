"""Background work: chores of one process side by side, each tried again whatever happens to it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from apps.core import chores, working
from apps.core.chores import Chore, register, registered
from apps.core.working import Worker
from tests.threads import PATIENCE

LONG = 3600.0


@pytest.fixture(autouse=True)
def no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the chores of the test."""
    monkeypatch.setattr(chores, "_registered", {})


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is tried again at once."""
    monkeypatch.setattr(working, "_LONGEST_PAUSE", 0.0)


@contextmanager
def at_work(*all_chores: Chore) -> Iterator[threading.Thread]:
    """A worker in a thread, stopped at the end: it must stop then."""
    worker = Worker(all_chores)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield thread
    finally:
        worker.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


class Steps:
    """A step that counts its calls and answers by a function of their number, the first being 1."""

    def __init__(self, answer: Callable[[int], bool]) -> None:
        self.calls = 0
        self._answer = answer
        self._happened = threading.Condition()

    def __call__(self) -> bool:
        with self._happened:
            self.calls += 1
            self._happened.notify_all()
        return self._answer(self.calls)

    def wait_for(self, calls: int) -> None:
        with self._happened:
            assert self._happened.wait_for(lambda: self.calls >= calls, PATIENCE)


def chore(name: str, step: Callable[[], bool], every: float = LONG, **more: object) -> Chore:
    return Chore(name=name, step=step, every=every, **more)  # type: ignore[arg-type]


def test_a_name_is_taken_once():
    register(chore("sweep", Steps(lambda _: False)))
    with pytest.raises(ValueError, match="'sweep' is registered"):
        register(chore("sweep", Steps(lambda _: False)))

    assert list(registered()) == ["sweep"]


@pytest.mark.django_db(transaction=True)
def test_a_step_is_repeated_at_once_while_there_is_work():
    steps = Steps(lambda call: call < 5)
    with at_work(chore("sweep", steps)):
        steps.wait_for(5)

    assert steps.calls == 5


@pytest.mark.django_db(transaction=True)
def test_an_idle_chore_is_woken_by_what_it_listens_to():
    wakers: list[Callable[[], None]] = []
    deaf = threading.Event()
    steps = Steps(lambda _: False)

    def listen(wake: Callable[[], None]) -> Callable[[], None]:
        wakers.append(wake)
        return deaf.set

    with at_work(chore("sweep", steps, listen=listen)):
        steps.wait_for(1)
        wakers[0]()
        steps.wait_for(2)
        assert not deaf.is_set()

    assert deaf.is_set()


@pytest.mark.django_db(transaction=True)
def test_news_during_a_step_are_looked_at_after_it():
    wakers: list[Callable[[], None]] = []

    def answer(call: int) -> bool:
        if call == 1:
            wakers[0]()
        return False

    def listen(wake: Callable[[], None]) -> Callable[[], None]:
        wakers.append(wake)
        return wakers.clear

    steps = Steps(answer)
    with at_work(chore("sweep", steps, listen=listen)):
        steps.wait_for(2)


@pytest.mark.django_db(transaction=True)
def test_a_slow_chore_holds_up_no_other():
    release = threading.Event()

    def never_done() -> bool:
        release.wait(PATIENCE)
        return False

    quick = Steps(lambda call: call < 3)
    with at_work(chore("slow", never_done), chore("quick", quick)):
        quick.wait_for(3)
        release.set()


@pytest.mark.django_db(transaction=True)
def test_a_failing_chore_is_tried_again_and_logged_once_each_way(caplog):
    def answer(call: int) -> bool:
        if call < 4:
            raise ValueError("dust")
        return False

    steps, other = Steps(answer), Steps(lambda call: call < 3)
    with caplog.at_level(logging.WARNING), at_work(chore("sweep", steps), chore("dust", other)):
        steps.wait_for(4)
        other.wait_for(3)

    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "sweep failed, and is tried again",
        "sweep works again, after 3 failures",
    ]
    assert caplog.records[0].exc_info is not None


@pytest.mark.django_db(transaction=True)
def test_a_chore_survives_that_its_connection_is_cut(caplog):
    def answer(call: int) -> bool:
        with connection.cursor() as cursor:
            if call == 1:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            cursor.execute("SELECT 1")
        return False

    steps = Steps(answer)
    with caplog.at_level(logging.WARNING), at_work(chore("sweep", steps)):
        steps.wait_for(2)

    first, second = caplog.records
    assert "sweep: the database can't be used" in first.getMessage()
    assert first.exc_info is None
    assert second.getMessage() == "sweep works again, after 1 failures"


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_the_step_under_way():
    within, release = threading.Event(), threading.Event()
    finished = []

    def step() -> bool:
        within.set()
        release.wait(PATIENCE)
        finished.append(True)
        return True

    worker = Worker([chore("sweep", step)])
    thread = threading.Thread(target=worker.run)
    thread.start()
    within.wait(PATIENCE)
    worker.stop()
    assert thread.is_alive()
    release.set()
    thread.join(PATIENCE)

    assert finished == [True]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_done_before_the_database_is_up_to_date(monkeypatch, caplog):
    answers = iter([False, False, True])
    monkeypatch.setattr(working, "is_migrated", lambda: next(answers))
    monkeypatch.setattr(working, "_LOOK_EVERY", 0.0)
    monkeypatch.setattr(working, "_SILENCE", -1.0)
    steps = Steps(lambda _: False)
    with caplog.at_level(logging.WARNING), at_work(chore("sweep", steps)):
        steps.wait_for(1)

    assert list(answers) == []
    (record,) = caplog.records
    assert "manage.py migrate" in record.getMessage()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_waits_for_the_database_ends_when_it_is_told(monkeypatch):
    monkeypatch.setattr(working, "is_migrated", lambda: False)
    with at_work(chore("sweep", Steps(lambda _: False))) as thread:
        assert thread.is_alive()


@pytest.mark.django_db
def test_a_database_without_all_migrations_is_not_up_to_date(monkeypatch):
    assert working.is_migrated()

    def away(*_arguments: object) -> None:
        raise OperationalError("gone")

    (newest,) = MigrationLoader(connection).graph.leaf_nodes("core")
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied(*newest)
    assert not working.is_migrated()
    recorder.record_applied(*newest)
    monkeypatch.setattr(working, "MigrationExecutor", away)
    monkeypatch.setattr(connection, "close", lambda: None)
    assert not working.is_migrated()


def test_once_does_all_there_is_to_do_and_ends():
    first, second = Steps(lambda call: call < 3), Steps(lambda call: call < 2)
    register(chore("first", first))
    register(chore("second", second))

    call_command("work", "--once")

    assert (first.calls, second.calls) == (3, 2)


def test_only_does_the_chores_that_are_named():
    first, second = Steps(lambda _: False), Steps(lambda _: False)
    register(chore("first", first))
    register(chore("second", second))

    call_command("work", "--once", "--only", "second")

    assert (first.calls, second.calls) == (0, 1)


def test_an_unknown_chore_is_refused_with_the_names_of_those_there_are():
    register(chore("first", Steps(lambda _: False)))

    with pytest.raises(CommandError, match=r"No such chore: third\. There are: first"):
        call_command("work", "--once", "--only", "third")


def test_once_does_the_others_too_when_one_fails_and_says_so():
    def fail(_: int) -> bool:
        raise OperationalError("gone")

    after = Steps(lambda _: False)
    register(chore("broken", Steps(fail)))
    register(chore("after", after))

    with pytest.raises(CommandError, match="Failed: broken"):
        call_command("work", "--once")

    assert after.calls == 1
