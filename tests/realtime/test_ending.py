"""The end of a server: everybody is told, and soon; after kill -9 they are taken for gone in time."""

import asyncio
import contextlib
import signal
import time
from typing import Any

import pytest

from tests.realtime.clients import CUT, Line, open_socket, talking
from tests.realtime.conftest import QUICK
from tests.realtime.people import People
from tests.realtime.servers import PATIENCE, Database, Served, serving, wait_for

pytestmark = pytest.mark.slow

#: Seconds that a poll of this test would wait.
WAIT = 50
PRESENCE = float(QUICK["IM_PRESENCE_SECONDS"])


async def state_of(people: People, *names: str) -> dict[str, list[dict[str, Any]]]:
    rows = await people.ask("POST", "/v1/users/userstat", list(names))
    return {row["username"]: row["devices"] for row in rows}


async def online(people: People, name: str) -> bool:
    state = await people.ask("GET", f"/v1/users/{name}/userstat")
    return bool(state["online"])


async def any_online(people: People, *names: str) -> bool:
    devices = (await state_of(people, *names)).values()
    return any(device["online"] for owned in devices for device in owned)


async def until_offline(people: People, names: list[str], seconds: float = PATIENCE) -> float:
    """Wait until all of them are offline; after how many seconds it was asked.

    Nobody may be online any more who is asked for after `seconds`, however long the answer takes.
    """
    began = time.monotonic()
    while True:
        asked = time.monotonic() - began
        if not await any_online(people, *names):
            return asked
        assert asked < seconds
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_end_is_told_to_all_and_over_soon(
    number: signal.Signals, database: Database, served: Served, people: People
) -> None:
    names = await people.register(*(["leaver"] * 9))
    tokens = [await people.token(name) for name in names]
    async with contextlib.AsyncExitStack() as stack:
        ending = stack.enter_context(serving(database, workers=2, **QUICK))
        sockets = [await open_socket(ending.address) for _ in range(3)]
        talks = [
            await stack.enter_async_context(talking(ending.address, token)) for token in tokens[:3]
        ]
        streams = [Line(ending.address, f"Bearer {token}") for token in tokens[3:6]]
        for stream in streams:
            assert (await stream.begin("GET", "/client/v1/events?after=now")).status == 200
            assert await stream.chunk() == b": connected\n\n"
        polls = [Line(ending.address, f"Bearer {token}") for token in tokens[6:]]
        for poll in polls:
            await poll.be_taken("GET", f"/client/v1/sync?wait={WAIT}")
        idle = Line(ending.address, f"Bearer {tokens[0]}")
        assert (await idle.call("GET", "/client/v1/me")).status == 200

        end = asyncio.ensure_future(asyncio.to_thread(ending.end, number))
        assert [(await talk.closed())[0] for talk in talks] == [1012] * 3
        for stream in streams:
            assert await to_its_end(stream) == b""
        answers = await asyncio.gather(*(poll.answer() for poll in polls))
        assert [(answer.status, answer.body["messages"]) for answer in answers] == [(200, [])] * 3
        for unopened in sockets:
            await unopened.wait_closed()
            assert unopened.close_code == 1012
        assert await end < WAIT  # how soon depends on what else the machine is at
        assert ending.process.returncode == 0

        output = ending.log.read_text()
        assert "Traceback" not in output
        assert "ERROR" not in output  # nor did it give up waiting for somebody, which it would tell
    assert not await any_online(people, *names)  # at once, not after the seconds of a crash


async def to_its_end(stream: Line) -> bytes:
    """The stream is ended as HTTP has it, not broken off."""
    rest = b""
    async with asyncio.timeout(10):
        while piece := await stream.chunk():
            rest += piece
    return rest


async def test_nothing_is_lost_over_an_end_and_a_new_start(
    database: Database, served: Served, people: People
) -> None:
    author, reader = await people.register("author", "reader")
    token = await people.token(reader)
    body = {"target_type": "single", "target_id": reader, "msg_type": "text"}
    async with Line(served.address, f"Bearer {await people.token(author)}") as line:

        async def say(said: str) -> None:
            message = {**body, "msg_body": {"text": said}}
            assert (await line.call("POST", "/client/v1/messages", message)).status == 201

        heard: list[int] = []
        cursor: str | None = None
        for round_number in range(2):
            with serving(database, workers=1, **QUICK) as ending:
                async with talking(ending.address, token, cursor) as talk:
                    await say(f"while open {round_number}")
                    while len(heard) < 3 * round_number + 1:
                        frame = await talk.hear_of("messages")
                        heard += [row["msgid"] for row in frame["messages"]]
                        cursor = frame["cursor"]
                    end = asyncio.ensure_future(asyncio.to_thread(ending.end))
                    await say(f"while it ends {round_number}")
                    with contextlib.suppress(*CUT):
                        while True:
                            frame = await talk.hear_of("messages")
                            heard += [row["msgid"] for row in frame["messages"]]
                            cursor = frame["cursor"]
                    await end
            await say(f"while it is gone {round_number}")
        async with talking(served.address, token, cursor) as talk:
            frame = await talk.hear_of("messages")
            heard += [row["msgid"] for row in frame["messages"]]
    assert heard == database.truth(reader)
    assert len(heard) == 6


async def test_who_is_online_is_told_by_device(
    served: Served, other_served: Served, people: People
) -> None:
    (name,) = await people.register("present")
    web, phone = await people.token(name, "j"), await people.token(name, "a")
    assert not await online(people, name)
    async with talking(served.address, web), talking(other_served.address, phone):
        both = {"login": True, "online": True}
        expected = [{**both, "platform": "j"}, {**both, "platform": "a"}]
        assert (await state_of(people, name))[name] == expected
        async with talking(served.address, web):
            pass
        await asyncio.sleep(0.3)
        assert (await state_of(people, name))[
            name
        ] == expected  # one of two of the same device went
    await until_offline(
        people, [name]
    )  # no crash's seconds are to pass: both servers go on to beat
    assert [device["login"] for device in (await state_of(people, name))[name]] == [True, True]


async def test_a_stream_of_events_is_a_presence_too(served: Served, people: People) -> None:
    (name,) = await people.register("present")
    async with Line(served.address, f"Bearer {await people.token(name)}") as stream:
        await stream.begin("GET", "/client/v1/events")
        await stream.chunk()
        assert await online(people, name)
    await until_offline(people, [name])


async def test_after_kill_9_they_are_taken_for_gone_in_time(
    database: Database, served: Served, people: People
) -> None:
    gone, here = await people.register("gone", "here")
    with serving(database, workers=1, **QUICK) as dying:
        async with (
            talking(dying.address, await people.token(gone)),
            talking(served.address, await people.token(here)),
        ):
            (worker,) = dying.workers()
            worker.kill()
            await until_offline(people, [gone], PRESENCE + 2)
            assert await online(people, here)
        await asyncio.to_thread(
            wait_for, lambda: len(dying.workers()) == 1, "the worker to be replaced"
        )


async def test_who_stays_connected_stays_online(served: Served, people: People) -> None:
    (name,) = await people.register("patient")
    async with talking(served.address, await people.token(name)):
        until = time.monotonic() + 1.5 * PRESENCE
        while time.monotonic() < until:
            assert await online(people, name)
            await asyncio.sleep(0.2)
