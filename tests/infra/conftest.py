"""What the tests of servers need: directories that every user may enter, and commands to run."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from imserver.embedded import EmbeddedServer
from imserver.env import CHECKOUT

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def home() -> Iterator[Path]:
    """A short directory that PostgreSQL's user may enter even if root made it (tmp_path is not).

    Servers that a failed test left in it are ended.
    """
    directory = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    directory.chmod(0o755)
    yield directory
    another(directory).postmaster.halt()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def server(home: Path) -> EmbeddedServer:
    """A server that was never started."""
    return another(home)


def another(home: Path) -> EmbeddedServer:
    """The same server, as another process would see it."""
    return EmbeddedServer(home / "postgresql", durable=False)


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """See `starting`."""
    with starting(home) as run:
        yield run


@contextmanager
def starting(home: Path) -> Iterator[Start]:
    """Start `python WORDS...` in the checkout, with var/ in `home` and no DATABASE_URL unless given.

    What still runs at the end is killed, with its children.
    """
    started: list[subprocess.Popen[str]] = []

    def run(*words: str, **variables: str) -> subprocess.Popen[str]:
        told = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "HOST", "PORT", "IM_EMBEDDED_HOME")
        environment = {name: value for name, value in os.environ.items() if name not in told}
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=CHECKOUT,
            env={**environment, "IM_VAR_DIR": str(home), **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a group of its own, to send a Ctrl-C to
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        process.communicate()
