"""The proof: whatever happens to their connections, receivers get every row once, in order."""

import asyncio
import os
from random import Random

import pytest

from tests.realtime.clients import Line
from tests.realtime.people import People
from tests.realtime.receivers import TRANSPORTS, Receiver, following
from tests.realtime.servers import Database, Served
from tests.realtime.writers import LineWriter, SocketWriter, Writer, writing

pytestmark = pytest.mark.slow

#: How long they write; the longer, the more moments are met.
SECONDS = float(os.environ.get("IM_PROOF_SECONDS", "30"))
RECEIVERS = 50
USERS = 40  # so some have two devices
WRITERS = 8
GROUPS = 4
PAUSE = 0.15  # seconds between two messages of a writer, on average
#: Seconds after the last message in which everybody has caught up.
CATCH_UP_WITHIN = 30.0


async def test_fifty_receivers_that_are_cut_off_at_random_read_the_truth(
    database: Database, served: Served, people: People
) -> None:
    random = Random()  # noqa: S311 the more moments are met over time, the better
    users = await people.register(*("receiver" for _ in range(USERS)))
    authors = await people.register(*("writer" for _ in range(WRITERS)))
    groups = [
        await people.group(authors[place], [*authors[place + 1 :], *random.sample(users, 15)])
        for place in range(GROUPS)
    ]
    receivers = [
        TRANSPORTS[place % 3](
            [served.address],
            users[place % USERS],
            await people.token(users[place % USERS], "aijw"[place // USERS]),
            random,
        )
        for place in range(RECEIVERS)
    ]
    targets = [("single", name) for name in users] + [("group", str(gid)) for gid in groups] * 8
    writers: list[Writer] = [
        (LineWriter, SocketWriter)[place % 2](
            [served.address], name, await people.token(name), targets, random
        )
        for place, name in enumerate(authors)
    ]

    async with following(receivers):
        async with writing(writers, PAUSE):
            chaos = [
                asyncio.ensure_future(cut_off(receivers, random)),
                asyncio.ensure_future(come_and_go(database, served, groups, users, random)),
            ]
            done, _ = await asyncio.wait(chaos, timeout=SECONDS)
            for task in chaos:
                task.cancel()
            assert not done, [task.result() for task in done]
        truth = {name: await asyncio.to_thread(database.truth, name) for name in users}
        await until_caught_up(receivers, truth)

    assert_they_read_the_truth(receivers, truth)
    assert sum(receiver.resumed for receiver in receivers) > SECONDS
    assert sum(len(writer.answered) for writer in writers) > SECONDS
    assert "Traceback" not in served.log.read_text()


async def cut_off(receivers: list[Receiver], random: Random) -> None:
    """One of them every now and then, politely or not."""
    while True:
        await asyncio.sleep(random.uniform(0, 0.1))
        random.choice(receivers).cut(clean=random.random() < 0.4)


async def come_and_go(
    database: Database, served: Served, groups: list[int], users: list[str], random: Random
) -> None:
    """Members of the groups, while they are spoken in."""
    async with Line(served.address, database.authorization) as line:
        while True:
            gid, name = random.choice(groups), random.choice(users)
            path = f"/v1/groups/{gid}/members"
            answer = await line.call("POST", path, {"add": [name]})
            if answer.status == 400:  # in it already
                answer = await line.call("POST", path, {"remove": [name]})
            assert answer.status == 204, answer
            await asyncio.sleep(random.uniform(0, 0.1))


async def until_caught_up(receivers: list[Receiver], truth: dict[str, list[int]]) -> None:
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + CATCH_UP_WITHIN
    while loop.time() < give_up_at:
        if all(one.record[-1:] == truth[one.username][-1:] for one in receivers):
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)  # in which nothing more must come


def assert_they_read_the_truth(receivers: list[Receiver], truth: dict[str, list[int]]) -> None:
    for receiver in receivers:
        assert receiver.problems == [], receiver
        expected = truth[receiver.username]
        missing = [pk for pk in expected if pk not in set(receiver.record)]
        twice = [pk for pk in set(receiver.record) if receiver.record.count(pk) > 1]
        assert receiver.record == expected, f"{receiver}: missing {missing}, twice {twice}"
