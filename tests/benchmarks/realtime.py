"""Delivery: from the answer to a send to the receiver's frame, and what an idle connection costs."""

import asyncio
import json
import re
import time
from collections.abc import Callable

import psutil

from tests.benchmarks.sockets import Socket, open_sockets
from tests.benchmarks.world import FIRST, GROUP_SIZE, World, call, text_to

_MSG_ID = re.compile(rb'"msgid":(\d+)')
SOCKETS = 500
SENDS_PER_SECOND = 200
GROUP_SENDS = 20
IDLE = 2000


def tokens_for(world: World, names: list[str]) -> list[str]:
    """A session for each, minted with the app's own credentials."""
    url = f"http://{world.address[0]}:{world.address[1]}"
    return [
        call(url, world.authorization, "POST", f"/v1/users/{name}/sessions", {"platform": "j"})[
            "token"
        ]
        for name in names
    ]


class _Sender:
    """Sends over one keep-alive connection, and notes when each was answered."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.answered: dict[int, float] = {}

    async def send(self, messages: list[dict[str, object]], per_second: float) -> None:
        reader, writer = await asyncio.open_connection(*self._world.address)
        due = time.perf_counter()
        for message in messages:
            body = json.dumps(message).encode()
            head = (
                f"POST /messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: {self._world.authorization}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", answer.lower())[1])  # type: ignore[index]
            reply = json.loads(await reader.readexactly(length))
            self.answered[reply["msg_id"]] = time.time()
            due += 1 / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        writer.close()


def quantile(values: list[float], share: float) -> float:
    """Of a list in milliseconds."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


async def measure_delivery(world: World, seconds: int) -> tuple[list[float], list[float], int]:
    """Milliseconds to the frame: of 1:1 messages, and of the last member's of group messages; and losses."""
    names = [str(FIRST + place) for place in range(SOCKETS)]
    heard: dict[int, list[float]] = {}

    def hear(now: float, frame: bytes) -> None:
        for msg_id in _MSG_ID.findall(frame):
            heard.setdefault(int(msg_id), []).append(now)

    sockets = await open_sockets(world, tokens_for(world, names), hear)
    count = SENDS_PER_SECOND * seconds // 4
    senders = [_Sender(world) for _ in range(4)]
    pairs = [
        [
            text_to("single", names[(place * 4 + which) % (SOCKETS - 1)], "")
            for place in range(count)
        ]
        for which in range(4)
    ]
    for messages in pairs:
        for message in messages:
            message["target_id"] = str(int(message["from_id"]) + 1)
    await asyncio.gather(
        *(
            sender.send(messages, SENDS_PER_SECOND / 4)
            for sender, messages in zip(senders, pairs, strict=True)
        )
    )
    await asyncio.sleep(1)
    single: list[float] = []
    lost = 0
    for sender in senders:
        for msg_id, at in sender.answered.items():
            times = heard.get(msg_id, [])
            lost += 2 - len(times)  # the sender's own device hears it as well
            single += [max(0.0, (moment - at) * 1000) for moment in times]
    heard.clear()
    to_group = _Sender(world)
    members = [text_to("group", name, str(world.gid)) for name in names[:GROUP_SENDS]]
    await to_group.send(members, 4)
    await asyncio.sleep(1)
    last: list[float] = []
    for msg_id, at in to_group.answered.items():
        times = heard.get(msg_id, [])
        lost += GROUP_SIZE - len(times)
        last.append((max(times) - at) * 1000 if times else 1e9)
    _close(sockets)
    return single, last, lost


def _ignore(now: float, frame: bytes) -> None:
    """What an idle connection hears."""


async def measure_memory(world: World, pid: int) -> float:
    """KiB of the server's processes that each idle connection adds."""
    names = [str(FIRST + place % 1000) for place in range(IDLE)]
    tokens = tokens_for(world, names)
    warm = await open_sockets(world, tokens[:20], _ignore)
    before = _memory(pid)
    sockets = await open_sockets(world, tokens[20:], _ignore)
    await asyncio.sleep(1)
    after = _memory(pid)
    _close(warm + sockets)
    return (after - before) / 1024 / len(sockets)


def _memory(pid: int) -> int:
    """Private bytes of the server and its workers."""
    server = psutil.Process(pid)
    processes = [server, *server.children(recursive=True)]
    return sum(
        process.memory_full_info().uss for process in processes if "postgres" not in process.name()
    )


def _close(sockets: list[Socket]) -> None:
    for socket in sockets:
        if socket.transport is not None:
            socket.transport.abort()


def report(world: World, pid: int, seconds: int, row: Callable[..., None]) -> None:
    """Measure all of it and print."""
    single, group, lost = asyncio.run(measure_delivery(world, seconds))
    row("", "", "", "p50 ms", "p99 ms")
    title = f"delivery at {SENDS_PER_SECOND}/s, {SOCKETS} sockets"
    row(title, "", "", f"{quantile(single, 0.5):.1f}", f"{quantile(single, 0.99):.1f}")
    title = f"to the last of {GROUP_SIZE} members"
    row(title, "", "", f"{quantile(group, 0.5):.1f}", f"{quantile(group, 0.99):.1f}")
    row("deliveries missing", str(lost), "", "", "")
    memory = asyncio.run(measure_memory(world, pid))
    row(f"KiB per idle socket, at {IDLE}", f"{memory:.1f}", "", "", "")
