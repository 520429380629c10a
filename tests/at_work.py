"""Processes of `manage.py work` on the database of the test, to be killed.

Tests that use them are marked `django_db(transaction=True)`: they see what is committed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from imserver.env import CHECKOUT

#: Seconds after which a test gives up on what it waits for.
PATIENCE = 60.0


def database_url() -> str:
    """That of the test's own database."""
    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


class Working:
    """One process, and what it printed."""

    def __init__(self, *words: str, **variables: str) -> None:
        with tempfile.NamedTemporaryFile(suffix=".log", delete=False) as output:
            self._log = Path(output.name)
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "work", *words],
                cwd=CHECKOUT,
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "imserver.settings.test",
                    "DATABASE_URL": database_url(),
                    **variables,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def end(self) -> str:
        """Have it end, and read what it printed."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        printed = self._log.read_text()
        self._log.unlink()
        return printed


@contextmanager
def working(*words: str, **variables: str) -> Iterator[Working]:
    """`manage.py work WORDS…` inside the block; it must end well if it still runs."""
    worker = Working(*words, **variables)
    try:
        yield worker
    finally:
        running = worker.process.poll() is None
        printed = worker.end()
        assert "Traceback" not in printed, printed
        assert not running or worker.process.returncode == 0, printed


def killing(
    chore: str, *, times: int, until: Callable[[], bool], what: str, **variables: str
) -> Iterator[None]:
    """So many times: two processes at one chore, killed once `until` is so; then the caller's turn."""
    for _ in range(times):
        workers = [Working("--only", chore, **variables) for _ in range(2)]
        wait_for(until, what)
        for worker in workers:
            worker.kill()
        yield


def wait_for(happened: Callable[[], bool], what: str) -> None:
    """Until it is so."""
    give_up_at = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < give_up_at, what
        time.sleep(0.02)
