"""The world that is measured: an app without a call limit, its users, pairs that know each other, a group."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from tests.benchmarks.load import request
from tests.conftest import basic

USERS = 1000
FIRST = 1000  # users are named by numbers of four digits, which pgbench can make as well
GROUP_SIZE = 500


@dataclass(frozen=True)
class World:
    """What the scenarios need to know."""

    address: tuple[str, int]
    app_key: str
    authorization: str
    gid: int


def call(world_url: str, authorization: str, method: str, path: str, body: Any = None) -> Any:
    """One call, outside of what is measured; returns the decoded answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    asked = urllib.request.Request(world_url + path, data, headers, method=method)  # noqa: S310
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else None


def make_world(address: tuple[str, int]) -> World:
    """Register the users, let each neighbour pair speak once, and make the group."""
    made = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "create_app",
            "bench",
            "--calls-per-minute",
            "0",
            "--json",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    app = json.loads(made.stdout)
    authorization = basic(app["app_key"], app["master_secret"])
    url = f"http://{address[0]}:{address[1]}"
    names = [str(FIRST + place) for place in range(USERS)]
    for start in range(0, USERS, 500):
        rows = [{"username": name, "password": "secret"} for name in names[start : start + 500]]
        call(url, authorization, "POST", "/v1/users", rows)
    for name in names[:-1]:
        message = text_to("single", name, str(int(name) + 1))
        call(url, authorization, "POST", "/messages", message)
    group = {
        "owner_username": names[0],
        "name": "bench",
        "members_username": names[1:GROUP_SIZE],
    }
    gid = call(url, authorization, "POST", "/groups", group)["gid"]
    return World(address, app["app_key"], authorization, gid)


def text_to(target_type: str, sender: str, target: str) -> dict[str, Any]:
    """A text message, as the draft has it."""
    return {
        "version": 1,
        "target_type": target_type,
        "target_id": target,
        "from_type": "user",
        "from_id": sender,
        "msg_type": "text",
        "msg_body": {"content": "Hello, how are you today?"},
    }


def sends_to_users(world: World) -> Iterator[bytes]:
    """Messages between pairs that know each other."""
    random = Random(1)  # noqa: S311
    for _ in count():
        sender = FIRST + random.randrange(USERS - 1)
        message = text_to("single", str(sender), str(sender + 1))
        yield request("POST", "/messages", world.authorization, json.dumps(message).encode())


def sends_to_group(world: World) -> Iterator[bytes]:
    """Messages to the group, by its members."""
    random = Random(2)  # noqa: S311
    for _ in count():
        sender = FIRST + random.randrange(GROUP_SIZE)
        message = text_to("group", str(sender), str(world.gid))
        yield request("POST", "/messages", world.authorization, json.dumps(message).encode())


def reads_of_users(world: World) -> Iterator[bytes]:
    """Looks at users."""
    random = Random(3)  # noqa: S311
    for _ in count():
        name = FIRST + random.randrange(USERS)
        yield request("GET", f"/users/{name}", world.authorization)


def syncs(world: World) -> Iterator[bytes]:
    """The last few rows of a user's log, from a cursor near its end."""
    url = f"http://{world.address[0]}:{world.address[1]}"
    cursors: dict[int, str] = {}
    for name in range(FIRST + GROUP_SIZE, FIRST + GROUP_SIZE + 50):
        page: dict[str, Any] = {"has_more": True, "cursor": ""}
        before = ""
        while page["has_more"]:
            path = f"/users/{name}/sync?limit=20&after={page['cursor']}"
            before = page["cursor"]
            page = call(url, world.authorization, "GET", path)
        cursors[name] = before or page["cursor"]
    for place in count():
        name = FIRST + GROUP_SIZE + place % len(cursors)
        path = f"/users/{name}/sync?limit=20&after={cursors[name]}"
        yield request("GET", path, world.authorization)
