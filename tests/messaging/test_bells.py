"""The bell: who waits for an app's log hears of it, in this process and in others."""

import logging
import threading
import time
from collections.abc import Iterator
from functools import cache

import pytest
from django.db import connection, transaction

from apps.core.errors import ImError
from apps.messaging import bells
from apps.messaging.bells import Bell
from apps.messaging.bells.postgres import PostgresBell
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message
from tests.messaging.bell_contract import APP, BellContract, MakeBell, another_process, makers, text
from tests.threads import PATIENCE, Session, until

# A bell's connections are those that said something of its channel last.
_END_CONNECTIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE %s
"""


@pytest.fixture
def make_bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeBell]:
    yield from makers(PostgresBell, monkeypatch)


class SlowBell(PostgresBell):
    """A bell that takes its time to be made."""

    def __init__(self) -> None:
        time.sleep(0.05)
        super().__init__()


class Recorder:
    """Stands in for the process's bell, and remembers what is rung."""

    def __init__(self) -> None:
        self.rung: list[int] = []

    def ring(self, app_id: int) -> None:
        self.rung.append(app_id)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(bells, "get", lambda: recorder)
    return recorder


def end_connections(query: str) -> None:
    """Have the database drop the connections whose last query was like that."""
    with connection.cursor() as cursor:
        cursor.execute(_END_CONNECTIONS, [query])
        (ended,) = cursor.fetchone()
    assert ended


def test_all_threads_of_a_process_have_one_bell(settings, monkeypatch):
    monkeypatch.setattr(bells, "_make", cache(bells._make.__wrapped__))
    settings.IM_BELL = f"{SlowBell.__module__}.SlowBell"

    found: list[Bell] = []
    threads = [threading.Thread(target=lambda: found.append(bells.get())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id(bell) for bell in found}) == 1


@pytest.mark.django_db(transaction=True)
class TestRinging:
    def test_it_rings_after_the_commit_and_not_before(self, app, alice, bobby, recorder):
        with transaction.atomic():
            send_message(app=app, draft=text("alice", "bobby"))
            assert recorder.rung == []

        assert recorder.rung == [app.pk]

    def test_a_send_undone_leaves_no_row_and_no_ring(self, app, alice, bobby, recorder):
        with transaction.atomic():
            send_message(app=app, draft=text("alice", "bobby"))
            transaction.set_rollback(True)

        assert recorder.rung == []
        assert not Message.objects.exists()

    def test_a_refused_send_does_not_ring(self, app, alice, recorder):
        with pytest.raises(ImError):
            send_message(app=app, draft=text("alice", "nobody"))

        assert recorder.rung == []

    def test_what_is_rung_can_be_read_by_then(self, app, alice, bobby, monkeypatch):
        seen: list[int] = []

        def look(app_id: int) -> None:
            with Session() as other:
                seen.append(other.run(Message.objects.filter(app=app_id).count))

        recorder = Recorder()
        monkeypatch.setattr(recorder, "ring", look)
        monkeypatch.setattr(bells, "get", lambda: recorder)

        send_message(app=app, draft=text("alice", "bobby"))

        assert seen == [1]


@pytest.mark.django_db(transaction=True)
class TestPostgresBell(BellContract):
    def test_a_notice_that_is_not_of_a_bell_is_passed_over(self, make_bell):
        here, there = make_bell(), make_bell()
        before = there.count(APP)

        with connection.cursor() as cursor:
            for payload in ("", "nonsense", "-1 x", f"{10**30}", "1.5"):
                cursor.execute("SELECT pg_notify(%s, %s)", ["im_bell", payload])
        here.ring(APP)

        assert there.wait_past(APP, before, PATIENCE)


@pytest.mark.django_db(transaction=True)
class TestLostConnections:
    def test_who_listens_hears_again_and_of_what_it_missed(self, make_bell, caplog):
        here, there = make_bell(), make_bell()
        before = there.count(APP)

        end_connections("LISTEN im_%")

        assert there.wait_past(APP, before, PATIENCE), "as if rung: something may have been"
        before = there.count(APP)
        here.ring(APP)
        assert there.wait_past(APP, before, PATIENCE)
        assert "the bell lost its connection" in caplog.text

    def test_the_ring_that_meets_a_lost_connection_is_sent_by_the_next(self, make_bell, caplog):
        caplog.set_level(logging.ERROR)
        here, there = make_bell(), make_bell()
        before = there.count(APP)
        here.ring(APP)
        assert there.wait_past(APP, before, PATIENCE)
        until(lambda: not here._to_send, "the first ring to be sent")
        before = there.count(APP)

        end_connections("SELECT pg_notify%")
        here.ring(APP)

        assert there.wait_past(APP, before, PATIENCE)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_another_process_hears_of_a_message(app, alice, bobby):
    with another_process(app.pk) as said:
        send_message(app=app, draft=text("alice", "bobby"))

        assert said.readline() == "heard\n"
