"""Two servers that have PostgreSQL and Redis in common: what is said at one is heard at the other."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.infra.conftest import Start
from tests.infra.test_serve import READY, read_until
from tests.messaging.redis_server import RedisServer, running_redis

pytestmark = [pytest.mark.slow, pytest.mark.needs("redis-server")]

AT_ONCE = 3.0  # seconds: far less than it takes to look again without a bell


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


def log_in(url: str, key: str, printed: str, username: str) -> httpx.Client:
    (password,) = re.findall(rf"user +{username}, password (\S+)", printed)
    body = {"appkey": key, "username": username, "password": password, "platform": "j"}
    token = httpx.post(f"{url}/client/v1/sessions", json=body).json()["token"]
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def say(sender: httpx.Client, said: str) -> None:
    """To alice."""
    body = {
        "target_type": "single",
        "target_id": "alice",
        "msg_type": "text",
        "msg_body": {"text": said},
    }
    assert sender.post("/client/v1/messages", json=body).status_code == 201


def next_event(lines: Iterator[str]) -> tuple[str, Any]:
    """Its name and its data."""
    name = next(line for line in lines if line.startswith("event: "))
    data = next(line for line in lines if line.startswith("data: "))
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_rows_whispers_and_ended_sessions_reach_the_other_server(server: RedisServer, start: Start):
    variables = {"IM_REDIS_URL": server.url, "IM_SAFETY_SECONDS": "60"}
    words = ("--port=0", "--workers=1")
    one = start("manage.py", "quickstart", "--serve", *words, **variables)
    ready = read_until(one, re.compile(rf"[\s\S]*{READY.pattern}"))
    here, key = ready[1], re.findall(r"app key +(\S+)", ready[0])[0]
    there = read_until(start("manage.py", "serve", *words, **variables), READY)[1]
    bobby = log_in(here, key, ready[0], "bobby")
    alice = log_in(there, key, ready[0], "alice")

    with bobby, alice, alice.stream("GET", "/client/v1/events?after=now") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(":")

        began = time.monotonic()
        say(bobby, "Can you hear me?")
        name, data = next_event(lines)
        (row,) = data["messages"]
        assert (name, row["msg_body"]) == ("messages", {"text": "Can you hear me?"})
        bobby.post(f"/client/v1/conversations/{row['conversation_id']}/typing")
        name, data = next_event(lines)
        assert (name, data["username"]) == ("typing", "bobby")
        assert time.monotonic() - began < AT_ONCE

        server.stop()
        say(bobby, "And now?")
        server.start()
        began = time.monotonic()
        name, data = next_event(lines)
        assert data["messages"][0]["msg_body"] == {"text": "And now?"}
        assert time.monotonic() - began < 2 * AT_ONCE, "the bell says what it may have missed"

        began = time.monotonic()
        token = alice.headers["Authorization"]
        httpx.delete(f"{here}/client/v1/sessions/current", headers={"Authorization": token})
        for line in lines:
            assert line == "", "nothing comes but the end"
        assert time.monotonic() - began < AT_ONCE, "the other server has heard that it is over"
