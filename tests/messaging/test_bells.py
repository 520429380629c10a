"""The bell: who waits for an app's log hears of it, in this process and in others."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from apps.core.errors import ImError
from apps.messaging import bells
from apps.messaging.bells import Bell, postgres
from apps.messaging.bells.postgres import PostgresBell
from apps.messaging.drafts import Draft
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message
from tests.threads import PATIENCE, Session, at_once, until

# A bell's connections are those that said something of its channel last.
_END_CONNECTIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE %s
"""
APP = 987  # a bell does not look into the number


@pytest.fixture
def make_bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], PostgresBell]]:
    """Bells that hear each other as those of two processes do, soon connected again."""
    monkeypatch.setattr(postgres, "_RETRY", 0.05)
    made: list[PostgresBell] = []

    def make() -> PostgresBell:
        bell = PostgresBell()
        made.append(bell)
        bell.count(APP)
        assert bell.wait_past(APP, 0, PATIENCE), "it listens from the start"
        return bell

    yield make
    at_once(*(bell.stop for bell in made))


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


def text(sender: str, target: str) -> Draft:
    return Draft(
        target_type="single",
        target_id=target,
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": "hi"},
    )


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
class TestHearing:
    def test_a_ring_is_heard_by_the_bells_of_all_processes(self, make_bell):
        here, there = make_bell(), make_bell()
        before = here.count(APP), there.count(APP)

        here.ring(APP)

        assert here.wait_past(APP, before[0], 0), "without a round trip"
        assert there.wait_past(APP, before[1], PATIENCE)
        assert here.count(APP) == before[0] + 1, "its echo is not heard"

    def test_a_ring_of_one_app_does_not_wake_who_waits_for_another(self, make_bell):
        here, there = make_bell(), make_bell()
        before = there.count(APP + 1)

        here.ring(APP)

        assert there.wait_past(APP, there.count(APP) - 1, PATIENCE)
        assert there.count(APP + 1) == before

    def test_many_rings_at_once_wake_everybody_with_few_notices(self, make_bell):
        here, there = make_bell(), make_bell()
        apps = range(APP, APP + 20)
        before = {app: there.count(app) for app in apps}

        at_once(*(partial(ring_often, here, app) for app in apps))

        for app in apps:
            assert there.wait_past(app, before[app], PATIENCE)
        until(lambda: not here._to_send, "the last ring to be sent")
        assert all(there.count(app) - before[app] < 50 for app in apps)

    def test_a_listener_is_called_with_the_app(self, make_bell):
        here, there = make_bell(), make_bell()
        heard: list[int] = []
        there.subscribe(heard.append)

        here.ring(APP)

        until(lambda: APP in heard, "the listener to be called")

    def test_who_waits_in_vain_is_told_so(self, make_bell):
        bell = make_bell()

        assert bell.wait_past(APP, bell.count(APP), 0.01) is False

    def test_a_notice_that_is_not_of_a_bell_is_passed_over(self, make_bell):
        here, there = make_bell(), make_bell()
        before = there.count(APP)

        with connection.cursor() as cursor:
            for payload in ("", "nonsense", "-1 x", f"{10**30}", "1.5"):
                cursor.execute("SELECT pg_notify(%s, %s)", ["im_bell", payload])
        here.ring(APP)

        assert there.wait_past(APP, before, PATIENCE)

    def test_a_bell_that_was_stopped_rings_and_hears_again(self, make_bell):
        here, there = make_bell(), make_bell()

        here.stop()
        there.stop()
        before = there.count(APP)

        assert there.wait_past(APP, before, PATIENCE), "it looks again when it is back"
        before = there.count(APP)
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


def ring_often(bell: Bell, app_id: int) -> None:
    for _ in range(50):
        bell.ring(app_id)


_LISTENER = """
import sys, django
django.setup()
from apps.messaging import bells
bell, app = bells.get(), int(sys.argv[1])
bell.count(app)
assert bell.wait_past(app, 0, 20)  # it listens
before = bell.count(app)
print("listening", flush=True)
print("heard" if bell.wait_past(app, before, 20) else "in vain", flush=True)
bell.stop()
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_another_process_hears_of_a_message(app, alice, bobby):
    known = connection.get_connection_params()
    url = f"postgresql://{known['user']}@/{known['dbname']}?host={quote(known['host'])}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"{url}&port={known.get('port', '5432')}",
        "DJANGO_SETTINGS_MODULE": "imserver.settings.test",
    }
    with subprocess.Popen(
        [sys.executable, "-c", _LISTENER, str(app.pk)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as listener:
        assert listener.stdout is not None
        assert listener.stdout.readline() == "listening\n"

        send_message(app=app, draft=text("alice", "bobby"))

        assert listener.stdout.readline() == "heard\n"
    assert listener.returncode == 0
