"""docs/realtime.md, pasted: its calls and clients are run, its tables are those of the code."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright

from apps.realtime import commands
from apps.realtime.transports import websocket
from imserver.env import CHECKOUT
from tests.e2e.test_readme import ADDRESS, MARK, agrees, shell
from tests.infra.conftest import Start, another, starting
from tests.infra.test_serve import READY, read_until
from tests.threads import until

DOCUMENT = (CHECKOUT / "docs" / "realtime.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ALONE = ["--workers=1"]
IN_A_HURRY = {"IM_CLIENT_SENDS_PER_MINUTE": "100000"}


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(DOCUMENT) if kind == language]


def section(title: str) -> str:
    """What stands under a heading, up to the next."""
    return re.split(r"^## ", DOCUMENT.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


class Site:
    """`make run`, with alice and bobby."""

    def __init__(self, home: Path, start: Start) -> None:
        self._home = home
        self._start = start
        process = start("manage.py", "quickstart", "--serve", "--port=0", *ALONE, **IN_A_HURRY)
        ready = read_until(process, re.compile(rf"[\s\S]*{READY.pattern}"))
        self._process, self.url = process, ready[1]
        self.key = re.findall(r"app key +(\S+)", ready[0])[0]
        self.passwords = dict(re.findall(r"user +(\w+), password (\S+)", ready[0]))

    def restart(self) -> None:
        """As an update does, on the same port."""
        self._process.send_signal(signal.SIGTERM)
        output, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, output
        port = self.url.rpartition(":")[2]
        self._process = self._start("manage.py", "serve", f"--port={port}", *ALONE, **IN_A_HURRY)
        read_until(self._process, READY)

    def log_in(self, username: str) -> httpx.Client:
        body = {
            "appkey": self.key,
            "username": username,
            "password": self.passwords[username],
            "platform": "j",
        }
        token = httpx.post(f"{self.url}/client/v1/sessions", json=body).json()["token"]
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"})

    def pasted(self, text: str) -> str:
        """A block with this site's address, key and passwords."""
        text = text.replace(ADDRESS, self.url).replace("the-key-of-the-app", self.key)
        text = text.replace(ADDRESS.replace("http", "ws"), self.url.replace("http", "ws"))
        return text.replace("the-password-of-alice", self.passwords["alice"])

    def shell(self, script: str) -> str:
        return shell(script, self._home)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    home = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    home.chmod(0o755)
    with starting(home) as start:
        yield Site(home, start)
    another(home).postmaster.halt()
    shutil.rmtree(home, ignore_errors=True)


def say(sender: httpx.Client, said: str) -> None:
    """To alice."""
    body = {
        "target_type": "single",
        "target_id": "alice",
        "msg_type": "text",
        "msg_body": {"text": said},
    }
    answer = sender.post("/client/v1/messages", json=body)
    assert answer.status_code == 201, answer.text


@contextmanager
def saying_on(sender: httpx.Client, said: str) -> Iterator[None]:
    """To alice, every second, at most 50 times."""
    enough = threading.Event()

    def go_on() -> None:
        for _ in range(50):
            if enough.wait(1):
                return
            say(sender, said)

    thread = threading.Thread(target=go_on)
    thread.start()
    yield
    enough.set()
    thread.join()


@pytest.mark.slow
@pytest.mark.needs("curl")
def test_the_calls_work_when_pasted(site):
    logging_in, sending, streaming, waiting = blocks("sh")
    assert "/client/v1/events" in streaming
    # It would go on until Ctrl-C.
    streaming = streaming.replace("curl ", "timeout 5 curl ", 1).rstrip() + " || true"
    steps = [site.pasted(text) for text in (logging_in, sending, streaming, waiting)]
    script = "".join(f"echo '{MARK.format(n)}'\n{text}\n" for n, text in enumerate(steps))

    with site.log_in("bobby") as bobby, saying_on(bobby, "Hello, Alice!"):
        output = site.shell(script + f"echo '{MARK.format(len(steps))}'")

    me, sent, events, page = (
        output.split(MARK.format(n))[1].split(MARK.format(n + 1))[0] for n in range(len(steps))
    )
    assert json.loads(me)["username"] == "alice"
    said_of_sent, said_of_row = (json.loads(text) for text in blocks("json")[:2])
    assert agrees(said_of_sent, json.loads(sent))
    for row in rows_of_events(events) + json.loads(page)["messages"]:
        assert row["msg_body"] == {"text": "Hello, Alice!"}
        assert row.keys() == said_of_row.keys()
        assert all(type(row[name]) is type(value) for name, value in said_of_row.items())


def rows_of_events(stream: str) -> list[Any]:
    """Those of the events that were printed whole; at least one."""
    found = re.findall(r"^id: (\S+)\nevent: messages\ndata: (.+)$", stream, re.MULTILINE)
    assert found
    for cursor, data in found:
        assert json.loads(data)["cursor"] == cursor
    return [row for _, data in found for row in json.loads(data)["messages"]]


@contextmanager
def python_client(site: Site, token: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The client in Python, and the lines that it has printed so far."""
    (code,) = blocks("python")
    process = subprocess.Popen(
        [sys.executable, "-c", site.pasted(code)],
        env={**os.environ, "TOKEN": token},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    reader = threading.Thread(target=lines.extend, args=[process.stdout])
    reader.start()
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()


@contextmanager
def browser_client(site: Site, token: str) -> Iterator[Any]:
    """The client in JavaScript on a page of the server; calling it gives the rows that it has so far."""
    (code,) = blocks("js")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page()
        page.goto(f"{site.url}/health")
        begin = f"window.rows = []; follow({token!r}, (row) => rows.push(row));"
        page.evaluate(f"() => {{ {code} {begin} }}")
        yield lambda: page.evaluate("rows")
        browser.close()


@pytest.mark.slow
@pytest.mark.needs("chromium")
def test_the_clients_follow_over_a_restart_and_end_with_their_session(site):
    with site.log_in("alice") as alice, site.log_in("bobby") as bobby:
        token = alice.headers["Authorization"].removeprefix("Bearer ")
        with python_client(site, token) as (process, lines), browser_client(site, token) as rows:
            heard: list[str] = []

            def has_heard() -> bool:
                say(bobby, "Is anybody there?")
                heard[:] = [row["msg_body"]["text"] for row in rows()]
                return bool(heard) and bool(lines)

            until(has_heard, "both clients to hear")
            site.restart()
            say(bobby, "Here we go again.")
            until(lambda: "again" in str(rows()[-1]) and "again" in lines[-1], "both to go on")

            assert lines[-1] == "bobby {'text': 'Here we go again.'}\n"
            told = [row["msgid"] for row in rows()]
            assert told == sorted(set(told)), "each once, and in order"
            assert alice.delete("/client/v1/sessions/current").status_code == 204
            assert process.wait(30) == 0, "it is told that its session has ended"


def types_told(text: str) -> set[str]:
    return set(re.findall(r'\{"type": "(\w+)"', text))


def test_all_frames_of_a_client_are_told_and_no_others():
    told = (
        section("WebSocket").split("What the client sends:")[1].split("What the server sends:")[0]
    )

    assert types_told(told) == {*commands._COMMANDS, "ack", "ping", "auth", "start"}


def test_all_frames_of_the_server_are_told():
    source = Path(websocket.__file__).read_text() + Path(commands.__file__).read_text()
    written = r'(?:_text\(type="|\{\{"type":"|return \{"type": ")(\w+)"'
    sent = set(re.findall(written, source))
    told = section("WebSocket").split("What the server sends:")[1].split("How it ends:")[0]

    assert {"ready", "messages", "sent", "error", "pong"} <= sent
    assert types_told(told) == sent | {"typing", "read"}


def test_all_ends_of_a_socket_are_told():
    told = section("WebSocket").split("How it ends:")[1]
    codes = {int(code) for code in re.findall(r"^\| (\d{4}) \|", told, re.MULTILINE)}

    assert codes == {*websocket._CLOSE_CODES.values(), *websocket._ENDINGS.values()} | {
        websocket.BAD_TOKEN,
        websocket.TOO_SLOW,
        websocket.TRY_LATER,
    }


def test_the_numbers_are_those_of_the_code(settings):
    numbers = re.findall(r"`(IM_\w+)` \(([\d,]+)(?: days)?\)", DOCUMENT)
    assert len(numbers) > 8
    for number in numbers:
        name, told = number[0], int(number[1].replace(",", ""))
        assert getattr(settings, name) in (told, told * 86400), name
    assert f"Up to {websocket._UNACKNOWLEDGED_AT_MOST:,} rows" in DOCUMENT
    assert f"| a frame | {websocket._FRAME_AT_MOST:,} bytes |" in DOCUMENT
    assert f"within {websocket._OPENING_WITHIN:.0f} seconds" in DOCUMENT
