"""Servers as processes of the tests' own, over a PostgreSQL of their own, and what can happen to them."""

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import psycopg

from imserver.embedded import ROLE, EmbeddedServer
from imserver.env import CHECKOUT
from tests.conftest import basic

#: Seconds that a process may take to start, to end or to be replaced while the machine is busy.
PATIENCE = 60.0
_READY = re.compile(r"Serving http://([0-9.]+):(\d+)")
_WITHOUT = ("DATABASE_URL", "HOST", "PORT", "IM_EMBEDDED_HOME", "IM_VAR_DIR")


class Database:
    """A PostgreSQL with the project's tables and one app, whose sends are not limited."""

    def __init__(self, home: Path) -> None:
        self.home = home
        # As in production: what it has answered for is on the disk.
        self.server = EmbeddedServer(home / "postgresql")
        self.app_key = ""
        self.authorization = ""

    def start(self) -> None:
        self.server.start()
        self.manage("migrate", "--verbosity=0")
        options = ("--api-version", "v1", "--calls-per-minute", "0", "--json")
        made = json.loads(self.manage("create_app", "proof", *options))
        self.app_key = made["app_key"]
        self.authorization = basic(made["app_key"], made["master_secret"])

    def stop(self) -> None:
        self.server.postmaster.ensure_running()
        self.server.stop()

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _WITHOUT}
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "imserver.settings.test",
            "DATABASE_URL": self.server.url,
            "IM_VAR_DIR": str(self.home),
            **variables,
        }

    def manage(self, *words: str) -> str:
        ran = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=CHECKOUT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says, past all of the project's code."""
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def truth(self, username: str) -> list[int]:
        """The ids of all rows that the user may read, in order."""
        return [pk for (pk,) in self.rows(_TRUTH, username)]

    def kill(self, *, all_of_it: bool) -> None:
        """kill -9: the whole server, or one of its processes, upon which it starts over by itself."""
        if all_of_it:
            family = self._processes()
            for process in family:
                _kill(process)
            psutil.wait_procs(family, timeout=PATIENCE)
        else:
            wait_for(self._backends, "the database to be used")
            _kill(self._backends()[0])

    def _processes(self) -> list[psutil.Process]:
        postmaster = self.server.postmaster.process()
        return [] if postmaster is None else [postmaster, *postmaster.children(recursive=True)]

    def _backends(self) -> list[psutil.Process]:
        """Those that answer the project's connections."""
        name = f"postgres: {ROLE} "
        return [one for one in self._processes() if " ".join(_command(one)).startswith(name)]

    def come_back(self) -> None:
        self.server.postmaster.ensure_running()

    def silence_bells(self, processes: int) -> None:
        """Cut the connections over which servers ring and listen, once so many processes listen."""
        wait_for(lambda: len(self.rows(_LISTENING)) >= processes, "the bells")
        self.rows(_SILENCE)


_TRUTH = """
SELECT m.id FROM messaging_message m
JOIN messaging_participant p ON p.conversation_id = m.conversation_id
    AND m.id > p.starts_after AND m.id <= COALESCE(p.ends_at, m.id)
JOIN accounts_user u ON u.id = p.user_id
WHERE u.username = %s ORDER BY m.id
"""
_LISTENING = "SELECT FROM pg_stat_activity WHERE query LIKE 'LISTEN %%'"
_SILENCE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND (query LIKE 'LISTEN %%' OR query LIKE '%%pg_notify(%%')
"""


class Served:
    """One `manage.py serve`: a port, and workers behind it."""

    def __init__(self, database: Database, *, workers: int, **variables: str) -> None:
        self.database = database
        self.workers_wanted = workers
        self.log = database.home / f"serve-{secrets.token_hex(4)}.log"
        words = (
            f"manage.py serve --server uvicorn --port 0 --workers {workers} --threads 4 --no-work"
        )
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, *words.split()],
                cwd=CHECKOUT,
                env=database.environment(**variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.address = self._address()
        wait_for(lambda: len(self.workers()) == workers, "the workers")

    def _address(self) -> tuple[str, int]:
        give_up_at = time.monotonic() + PATIENCE
        while time.monotonic() < give_up_at:
            found = _READY.search(self.log.read_text())
            if found is not None:
                return found[1], int(found[2])
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def workers(self) -> list[psutil.Process]:
        """Its worker processes that live."""
        return [
            child
            for child in psutil.Process(self.process.pid).children()
            if is_alive(child) and "spawn_main" in " ".join(_command(child))
        ]

    def worker_of(self, port: int) -> psutil.Process:
        """The worker that holds the other end of a connection from that local port."""
        for worker in self.workers():
            for connection in worker.net_connections("tcp"):
                if connection.raddr and connection.raddr.port == port:
                    return worker
        raise AssertionError(f"nobody holds the connection from port {port}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Tell it to end, and wait until it has; the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - began

    def kill(self) -> None:
        """End it whatever it is at. For what a failed test left."""
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                _kill(child)
            self.process.kill()
            self.process.wait()


def _command(process: psutil.Process) -> Sequence[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return ()


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs: one that ended may stay listed until its parent asks."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(happened: Any, what: str, seconds: float = PATIENCE) -> None:
    give_up_at = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up_at, f"waited in vain for {what}"
        time.sleep(0.02)


@contextlib.contextmanager
def serving(database: Database, *, workers: int, **variables: str) -> Iterator[Served]:
    """A server that ends with the block."""
    served = Served(database, workers=workers, **variables)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                served.process.wait(20)
        served.kill()


def reset_on_close(own: socket.socket) -> None:
    """Have closing be a reset, as of a machine that lost its memory of the connection."""
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
