"""What every bell has to do: the tests of each inherit it, and give a `make_bell`."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO
from urllib.parse import quote

import pytest
from django.db import connection

from apps.messaging.bells import Bell, threaded
from apps.messaging.bells.threaded import ThreadedBell
from apps.messaging.drafts import Draft
from tests.threads import PATIENCE, at_once, until

APP = 987  # a bell does not look into the number

MakeBell = Callable[[], ThreadedBell]
"""Bells that hear each other as those of two processes do, soon connected again."""

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


def text(sender: str, target: str) -> Draft:
    return Draft(
        target_type="single",
        target_id=target,
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": "hi"},
    )


def makers(kind: type[ThreadedBell], monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeBell]:
    """Yields what makes bells that listen; they are stopped at the end."""
    monkeypatch.setattr(threaded, "_RETRY", 0.05)
    made: list[ThreadedBell] = []

    def make() -> ThreadedBell:
        bell = kind()
        made.append(bell)
        bell.count(APP)
        assert bell.wait_past(APP, 0, PATIENCE), "it listens from the start"
        return bell

    yield make
    at_once(*(bell.stop for bell in made))


def ring_often(bell: Bell, app_id: int) -> None:
    for _ in range(50):
        bell.ring(app_id)


@contextmanager
def another_process(app_id: int, **variables: str) -> Iterator[IO[str]]:
    """A process that listens for the app. The next line it says is "heard" or "in vain"."""
    known = connection.get_connection_params()
    url = f"postgresql://{known['user']}@/{known['dbname']}?host={quote(known['host'])}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"{url}&port={known.get('port', '5432')}",
        "DJANGO_SETTINGS_MODULE": "imserver.settings.test",
        **variables,
    }
    with subprocess.Popen(
        [sys.executable, "-c", _LISTENER, str(app_id)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as listener:
        assert listener.stdout is not None
        assert listener.stdout.readline() == "listening\n"
        yield listener.stdout
    assert listener.returncode == 0


class BellContract:
    def test_a_ring_is_heard_by_the_bells_of_all_processes(self, make_bell: MakeBell):
        here, there = make_bell(), make_bell()
        before = here.count(APP), there.count(APP)

        here.ring(APP)

        assert here.wait_past(APP, before[0], 0), "without a round trip"
        assert there.wait_past(APP, before[1], PATIENCE)
        assert here.count(APP) == before[0] + 1, "its echo is not heard"

    def test_a_ring_of_one_app_does_not_wake_who_waits_for_another(self, make_bell: MakeBell):
        here, there = make_bell(), make_bell()
        before = there.count(APP), there.count(APP + 1)

        here.ring(APP)

        assert there.wait_past(APP, before[0], PATIENCE)
        assert there.count(APP + 1) == before[1]

    def test_many_rings_at_once_wake_everybody_with_few_notices(self, make_bell: MakeBell):
        here, there = make_bell(), make_bell()
        apps = range(APP, APP + 20)
        before = {app: there.count(app) for app in apps}

        at_once(*(partial(ring_often, here, app) for app in apps))

        for app in apps:
            assert there.wait_past(app, before[app], PATIENCE)
        until(lambda: not here._to_send, "the last ring to be sent")
        assert all(there.count(app) - before[app] < 50 for app in apps)

    def test_a_listener_is_called_with_the_app(self, make_bell: MakeBell):
        here, there = make_bell(), make_bell()
        heard: list[int] = []
        there.subscribe(heard.append)

        here.ring(APP)

        until(lambda: APP in heard, "the listener to be called")

    def test_a_whisper_is_heard_everywhere_here_too_and_wakes_nobody(self, make_bell: MakeBell):
        here, there = make_bell(), make_bell()
        heard: list[tuple[str, str]] = []
        here.subscribe_whispers(lambda text: heard.append(("here", text)))
        there.subscribe_whispers(lambda text: heard.append(("there", text)))
        before = there.count(APP)
        long = "嘘" * 1300

        here.whisper(long)
        here.whisper(f"{APP} pretends to be a ring")

        until(lambda: len(heard) == 4, "both whispers to be heard by both")
        said = [long, f"{APP} pretends to be a ring"]
        assert [text for where, text in heard if where == "here"] == said
        assert [text for where, text in heard if where == "there"] == said
        assert there.count(APP) == before

    def test_who_waits_in_vain_is_told_so(self, make_bell: MakeBell):
        bell = make_bell()

        assert bell.wait_past(APP, bell.count(APP), 0.01) is False

    def test_a_bell_that_was_stopped_rings_and_hears_again(self, make_bell: MakeBell):
        here, there = make_bell(), make_bell()

        here.stop()
        there.stop()
        before = there.count(APP)

        assert there.wait_past(APP, before, PATIENCE), "it looks again when it is back"
        before = there.count(APP)
        here.ring(APP)
        assert there.wait_past(APP, before, PATIENCE)
