"""`manage.py serve` and `quickstart` as processes: they answer, and they end."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.infra.conftest import Start, another

pytestmark = pytest.mark.slow

READY = re.compile(r"Serving (http://\S+)")
SERVERS = ["granian", "uvicorn"]


def url_of(process: subprocess.Popen[str]) -> str:
    """Read on until the server says that it is ready. The lines before go to `printed`."""
    return read_until(process, READY).group(1)


def read_until(process: subprocess.Popen[str], pattern: re.Pattern[str]) -> re.Match[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if found := pattern.search("".join(lines)):
            return found
    raise AssertionError("".join(lines))


def get(url: str, **headers: str) -> tuple[int, bytes]:
    host = url.removeprefix("http://").partition("/")[0]
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("GET", url.partition(host)[2], headers=headers)
    response = connection.getresponse()
    try:
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_to_everybody_ends_server_and_database(
    server: str, number: signal.Signals, home: Path, start: Start
) -> None:
    process = start("manage.py", "serve", "--port", "0", "--server", server, "--workers", "2")
    url = url_of(process)
    assert get(f"{url}/users/alice")[0] == 401
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, number)  # what a Ctrl-C in a terminal does
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output == ""
    psutil.wait_procs(family, timeout=10)
    assert not any(alive(member) for member in family)
    assert another(home).postmaster.process() is None


@pytest.mark.parametrize("seconds", [0.3, 0.6, 0.9, 1.2])
def test_a_signal_during_the_start_leaves_nothing(seconds: float, home: Path, start: Start) -> None:
    process = start("manage.py", "serve", "--port", "0")
    time.sleep(seconds)  # wherever it is by now
    output = ""
    while process.returncode is None:
        os.killpg(process.pid, signal.SIGINT)
        # Python itself may lose a signal while it starts; people press again.
        with contextlib.suppress(subprocess.TimeoutExpired):
            output, _ = process.communicate(timeout=10)
    assert process.returncode in (0, 130, -signal.SIGINT)
    assert "Traceback" not in output
    assert another(home).postmaster.process() is None


def test_an_answer_under_way_is_finished_before_the_end(home: Path, start: Start) -> None:
    process = start("manage.py", "serve", "--port", "0", "--workers", "1")
    url = url_of(process)
    host, port = url.removeprefix("http://").split(":")
    body = b'[{"username":"late","password":"secret"}]'
    with socket.create_connection((host, int(port)), timeout=20) as client:
        head = f"POST /v1/users/ HTTP/1.1\r\nHost: im\r\nContent-Length: {len(body)}\r\n\r\n"
        client.sendall(head.encode() + body[:5])
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        client.sendall(body[5:])
        assert client.recv(100).startswith(b"HTTP/1.1 401")
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("server", SERVERS)
def test_a_killed_worker_is_replaced(server: str, start: Start) -> None:
    process = start("manage.py", "serve", "--port", "0", "--server", server, "--workers", "2")
    url = url_of(process)
    workers = workers_of(process)
    assert len(workers) == 2
    workers[0].kill()
    wait_for(lambda: len({w.pid for w in workers_of(process)} - {workers[0].pid}) == 2)
    wait_for(lambda: answers(f"{url}/users/alice"))


def test_workers_follow_a_killed_supervisor_and_the_next_start_recovers(
    home: Path, start: Start
) -> None:
    first = start("manage.py", "serve", "--port", "0")
    url = url_of(first)
    workers = workers_of(first)
    first.kill()
    first.wait()
    port = url.rpartition(":")[2]
    second = start("manage.py", "serve", "--port", port)
    assert url_of(second) == url
    assert not any(alive(worker) for worker in workers)
    assert get(f"{url}/users/alice")[0] == 401


def test_the_database_may_restart_under_a_running_server(home: Path, start: Start) -> None:
    one_by_one = ("--port", "0", "--workers", "1", "--threads", "1")
    process = start("manage.py", "quickstart", "--serve", *one_by_one)
    url = url_of(process)
    assert ask_as("somebody", url)[0] == 401
    server = another(home)
    with server:
        server.postmaster.halt()
        status, body = ask_as("somebody else", url)
        assert status == 503
        assert json.loads(body)["error"]["code"]
        server.postmaster.ensure_running()
        assert ask_as("a third", url)[0] == 401


def ask_as(app_key: str, url: str) -> tuple[int, bytes]:
    """Call as an app that doesn't exist, and that no cache has seen: the database is asked."""
    key = b64encode(f"{app_key}:secret".encode()).decode()
    return get(f"{url}/users/alice", Authorization=f"Basic {key}")


def test_a_port_in_use_is_refused(home: Path, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start("manage.py", "serve", "--port", port)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"Port {port} of 127.0.0.1 is in use" in output
    assert "Traceback" not in output
    assert another(home).postmaster.process() is None


def test_quickstart_makes_a_world_once(home: Path, start: Start) -> None:
    first = start("manage.py", "quickstart", "--serve", PORT="0")
    found = read_until(first, re.compile(r"(?s)app key +(\w{24})\n.*secret +(\w{24})\n.*Serving"))
    login = re.search(r"name +(\S+)\n +password +(\S+)", found.string)
    assert login is not None
    os.killpg(first.pid, signal.SIGINT)
    first.communicate(timeout=60)

    second = start("manage.py", "quickstart", PORT="0")
    output, _ = second.communicate(timeout=60)
    assert second.returncode == 0
    assert f"kept, in {home}/postgresql" in output
    assert found.group(2) not in output
    assert login.group(2) not in output


def test_the_development_server_works_too(home: Path, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = start("manage.py", "runserver", str(port))
    wait_for(lambda: answers(f"http://127.0.0.1:{port}/users/alice"))
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert another(home).postmaster.process() is None


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5)  # noqa: S310 - our own server
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [child for child in children if alive(child) and "spawn_main" in str(child.cmdline())]


def alive(process: psutil.Process) -> bool:
    """Whether it runs: a process that ended may stay listed until its parent asks."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(happened: Callable[[], bool], seconds: float = 30) -> None:
    give_up_at = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
