"""The database goes away under a running server, and comes back: a real one of each."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from imserver.embedded import EmbeddedServer
from tests.conftest import basic
from tests.infra.conftest import Start, starting

pytestmark = pytest.mark.slow

SOON = 10.0  # seconds; a lost database is found out in 3
SECRET_KEY = "only for this test: 0123456789 0123456789 0123456789"


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Running:
    """A database, a server on it, and an app with alice and bobby."""

    database: EmbeddedServer
    start: Start
    host: str
    authorization: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        began = time.monotonic()
        connection = http.client.HTTPConnection(self.host, timeout=30)
        told = {"Authorization": self.authorization, "Content-Type": "application/json", **headers}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), told)
            answer = connection.getresponse()
            return Reply(answer.status, answer.read(), time.monotonic() - began)
        finally:
            connection.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database.place.url_of("imserver", "postgres")) as connection:
            return connection.execute(query).fetchall()

    def manage(self, *words: str) -> str:
        """What such a call of manage.py prints."""
        variables = {"DATABASE_URL": self.database.url, "SECRET_KEY": SECRET_KEY}
        return printed_by(self.start("manage.py", *words, **variables))


def printed_by(process: subprocess.Popen[str]) -> str:
    """All that it prints until it ends, which has to be well."""
    printed: str = process.communicate(timeout=120)[0]
    assert process.returncode == 0, printed
    return printed


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    directory.chmod(0o755)  # PostgreSQL's own user goes there
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Running]:
    database = EmbeddedServer(home / "postgresql")  # a durable one: what it has confirmed, it keeps
    with database, starting(home) as start:
        variables = {"DATABASE_URL": database.url, "SECRET_KEY": SECRET_KEY}
        assert printed_by(start("manage.py", "migrate", "--verbosity", "0", **variables)) == ""
        creating = start("manage.py", "create_app", "Acme", "--json", **variables)
        made = json.loads(printed_by(creating))
        serving = start("manage.py", "serve", "--port", "0", "--workers", "2", **variables)
        assert serving.stdout is not None
        line = serving.stdout.readline()
        found = re.search(r"http://(\S+)", line)
        assert found, line
        # What it logs must be read, or it would wait for room to log more.
        threading.Thread(target=serving.stdout.read, daemon=True).start()
        host = found.group(1)
        running = Running(database, start, host, basic(made["app_key"], made["master_secret"]))
        names = ["alice", "bobby"]
        people = [{"username": name, "password": "secret"} for name in names]
        assert running.call("POST", "/v1/users", people).status == 201
        yield running
        serving.send_signal(signal.SIGTERM)
        serving.wait(30)


def message(said: str) -> dict[str, Any]:
    return {
        "version": 1,
        "target_type": "single",
        "target_id": "bobby",
        "from_type": "user",
        "from_id": "alice",
        "msg_type": "text",
        "msg_body": {"text": said},
    }


def until(condition: Callable[[], bool], seconds: float = SOON) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.05)


def is_well(running: Running) -> bool:
    """Whether every thread of every process has found the database: some answers in a row are good."""
    return all(running.call("GET", "/v1/users/alice").status == 200 for _ in range(20))


@pytest.fixture
def away(running: Running) -> Iterator[None]:
    """The database is stopped for the length of the test."""
    running.database.stop()
    try:
        yield
    finally:
        running.database.start()
        until(lambda: is_well(running))


@pytest.mark.usefixtures("away")
class TestAway:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/v1/users/alice", None),
            ("GET", "/v1/users", None),
            ("POST", "/v1/users", [{"username": "carol", "password": "secret"}]),
            ("PUT", "/v1/users/alice", {"nickname": "Ali"}),
            ("POST", "/v1/messages", message("is anybody there?")),
            ("POST", "/v1/groups", {"owner_username": "alice", "name": "x"}),
            ("GET", "/v1/users/bobby/sync?wait=30", None),
            (
                "GET",
                "/v2/messages?count=1&begin_time=2015-01-01%2000:00:00&end_time=2015-01-01%2000:00:00",
                None,
            ),
        ],
    )
    def test_every_call_is_told_to_try_again(self, running, method, path, body):
        for _ in range(4):  # several of the server's threads
            reply = running.call(method, path, body)

            assert reply.status == 503, reply
            assert reply.json["error"]["code"] == 899030
            assert reply.json["error"]["message"]
            assert reply.seconds < SOON

    def test_calls_that_need_no_database_are_answered(self, running):
        assert running.call("GET", "/v1/nothing").status == 404
        assert running.call("GET", "/v1/users", Authorization="").status == 401

    @pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/docs/"])
    def test_pages_are_answered_in_time(self, running, path):
        reply = running.call("GET", path, Cookie="sessionid=0123456789abcdef0123456789abcdef")

        assert reply.seconds < SOON
        assert reply.status in {200, 302, 500, 503}

    def test_a_log_in_to_the_admin_is_answered_in_time(self, running):
        page = running.call("GET", "/admin/login/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.body)
        form = (
            f"username=x&password=y&csrfmiddlewaretoken={token.group(1).decode() if token else ''}"
        )
        connection = http.client.HTTPConnection(running.host, timeout=SOON)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}

        connection.request("POST", "/admin/login/", form, headers)

        assert connection.getresponse().status in {403, 500, 503}
        connection.close()


def test_it_serves_on_when_the_database_is_back(running):
    running.database.stop()
    assert running.call("GET", "/v1/users/alice").status == 503
    running.database.start()

    until(lambda: is_well(running))
    sent = running.call("POST", "/v1/messages", message("back again"))

    assert sent.status == 200
    read = running.call("GET", "/v1/users/bobby/sync?limit=500").json["messages"]
    assert read[-1]["msgid"] == sent.json["msg_id"]


def test_a_wait_outlives_the_database(running):
    """A long-poll that waits meanwhile is answered, and at once when something comes."""
    cursor = running.call("GET", "/v1/users/bobby/sync?limit=500").json["cursor"]
    path = f"/v1/users/bobby/sync?wait=20&after={cursor}"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(running.call, "GET", path)
        time.sleep(0.5)
        running.database.stop()
        running.database.start()
        until(lambda: is_well(running))
        sent = running.call("POST", "/v1/messages", message("still there?"))
        reply = waiting.result(30)

    assert reply.seconds < 20
    if reply.status == 200:
        assert [row["msgid"] for row in reply.json["messages"]] == [sent.json["msg_id"]]
    else:
        assert (reply.status, reply.json["error"]["code"]) == (503, 899030)


def test_connections_that_were_ended_cost_no_call(running):
    """The database was restarted between two calls, say: the next call finds a new connection."""
    is_well(running)
    ended = running.rows(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "  # waits until it has ended
        "WHERE datname = 'imserver' AND pid <> pg_backend_pid()"
    )
    assert len(ended) > 1
    assert all(done for (done,) in ended)

    assert [running.call("GET", "/v1/users/alice").status for _ in range(30)] == [200] * 30


MOVING_IN = 800
BEGIN_IMPORT = f"""
from io import BytesIO
from apps.accounts.jobs import IMPORT_USERS
from apps.core.models import App
rows = "".join(f"mover{{number}},secret\\n" for number in range({MOVING_IN}))
file = BytesIO(("username,password\\n" + rows).encode())
IMPORT_USERS.begin(app=App.objects.get(), operator_id=None, file=file, name="movers.csv", format="csv")
"""


def kill_a_backend(running: Running) -> bool:
    """Kill one of PostgreSQL's processes that serve our server, if there is one by now."""
    try:
        found = running.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'imserver' AND pid <> pg_backend_pid()"
        )
        for (pid,) in found[:1]:
            os.kill(pid, signal.SIGKILL)
    except (psycopg.OperationalError, ProcessLookupError):
        return False
    return bool(found)


def test_a_job_goes_on_when_the_database_is_back(running):
    def stands(condition: str) -> bool:
        ((found,),) = running.rows(f"SELECT {condition} FROM core_job")  # noqa: S608 the test's own words
        return bool(found)

    running.manage("shell", "--verbosity", "0", "-c", BEGIN_IMPORT)
    until(lambda: stands(f"done >= {MOVING_IN} / 4"), 60)
    running.database.stop()
    time.sleep(1.5)
    running.database.start()
    until(lambda: stands(f"done >= {MOVING_IN} / 2"), 60)
    assert not stands("state = 'done'")
    until(lambda: kill_a_backend(running))
    until(lambda: is_well(running))
    until(lambda: stands("state = 'done'"), 60)

    assert running.rows("SELECT done, refused, error FROM core_job") == [(MOVING_IN, 0, "")]
    moved = running.rows("SELECT count(*) FROM accounts_user WHERE username LIKE 'mover%'")
    assert moved == [(MOVING_IN,)]


KEYS_EACH = 25
SENDERS = 6


def send_until_stored(running: Running, sender: int) -> list[int]:
    """Messages with a key each, every one sent again until it is confirmed; their ids."""
    ids = []
    for number in range(KEYS_EACH):
        key = f"{sender} {number}"
        while True:
            reply = running.call("POST", "/v1/messages", message(key), **{"Idempotency-Key": key})
            assert reply.status in {200, 503}, reply
            assert reply.seconds < SOON
            if reply.status == 200:
                break
            time.sleep(0.1)
        ids.append(reply.json["msg_id"])
        time.sleep(0.02)
    return ids


def test_backends_killed_under_load_lose_and_double_nothing(running):
    """PostgreSQL drops every connection then, and recovers from its log. What was confirmed is there."""
    with ThreadPoolExecutor(SENDERS) as pool:
        sending = [pool.submit(send_until_stored, running, sender) for sender in range(SENDERS)]
        for _ in range(2):
            time.sleep(0.3)
            until(lambda: kill_a_backend(running))
        confirmed = [future.result(60) for future in sending]

    until(lambda: is_well(running))
    stored = running.rows(
        "SELECT idempotency_key, id FROM messaging_message "
        "WHERE idempotency_key IS NOT NULL ORDER BY id"
    )
    assert dict(stored) == {
        f"{sender} {number}": pk
        for sender, ids in enumerate(confirmed)
        for number, pk in enumerate(ids)
    }
    assert len(stored) == SENDERS * KEYS_EACH
    assert all(ids == sorted(ids) for ids in confirmed)
