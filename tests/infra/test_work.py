"""`manage.py work` as a process of its own, and beside a server."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.infra.conftest import Start, another
from tests.infra.test_serve import READY, alive, read_until, url_of, wait_for

pytestmark = pytest.mark.slow

SERVERS = ["granian", "uvicorn"]


def at_work(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes of the background work beside a server."""
    children = psutil.Process(process.pid).children()
    found = []
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            if alive(child) and "--supervisor" in child.cmdline():
                found.append(child)
    return found


def served(start: Start, *words: str) -> subprocess.Popen[str]:
    process = start("manage.py", "serve", "--port", "0", "--workers", "1", *words)
    url_of(process)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_its_database(
    number: signal.Signals, home: Path, start: Start
) -> None:
    process = start("manage.py", "work", PYTHONUNBUFFERED="1")
    wait_for(lambda: another(home).postmaster.process() is not None)
    wait_for(lambda: len(psutil.Process(process.pid).threads()) > 1)
    os.killpg(process.pid, number)
    output, _ = process.communicate(timeout=60)

    assert (process.returncode, output) == (0, "")
    assert another(home).postmaster.process() is None


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_has_one_replaces_it_when_it_is_killed_and_ends_it(
    server: str, home: Path, start: Start
) -> None:
    process = served(start, "--server", server)
    wait_for(lambda: len(at_work(process)) == 1)
    (first,) = at_work(process)
    first.kill()
    wait_for(lambda: [one for one in at_work(process) if one != first] != [])
    (second,) = at_work(process)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)

    assert (process.returncode, output) == (0, "")
    assert not alive(second)
    assert another(home).postmaster.process() is None


def test_it_follows_a_killed_server(start: Start) -> None:
    process = served(start)
    wait_for(lambda: len(at_work(process)) == 1)
    (work,) = at_work(process)
    process.kill()
    process.wait()

    wait_for(lambda: not alive(work))


def test_quickstart_works_beside_the_server_too(start: Start) -> None:
    process = start("manage.py", "quickstart", "--serve", "--workers", "1", PORT="0")
    read_until(process, READY)
    wait_for(lambda: len(at_work(process)) == 1)
