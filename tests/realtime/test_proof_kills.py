"""The proof: whatever is killed, what was answered stays, nothing is stored twice, and clients resume."""

import asyncio
from random import Random

import pytest

from tests.realtime.conftest import QUICK, a_database
from tests.realtime.people import People
from tests.realtime.receivers import TRANSPORTS, following
from tests.realtime.servers import Database, Served, serving, wait_for
from tests.realtime.test_proof_delivery import assert_they_read_the_truth, until_caught_up
from tests.realtime.writers import LineWriter, SocketWriter, Writer, writing

pytestmark = pytest.mark.slow

KILLS = 20
RECEIVERS = 12
WRITERS = 6
PAUSE = 0.08  # seconds between two messages of a writer, on average
#: Seconds from one kill to the next: at times into the recovery from the one before.
BETWEEN = (0.1, 1.3)

_STORED = """
SELECT idempotency_key, count(*), min(id) FROM messaging_message
WHERE idempotency_key LIKE 'writer-%%' GROUP BY idempotency_key
"""


async def test_kill_9_loses_nothing_that_was_answered_and_stores_nothing_twice() -> None:
    random = Random()  # noqa: S311 the more moments are met over time, the better
    with a_database() as database, serving(database, workers=2, **QUICK) as served:
        people = People(database, served)
        users = await people.register(*("receiver" for _ in range(RECEIVERS)))
        authors = await people.register(*("writer" for _ in range(WRITERS)))
        gid = await people.group(authors[0], [*authors[1:], *users])
        receivers = [
            TRANSPORTS[place % 3]([served.address], name, await people.token(name), random)
            for place, name in enumerate(users)
        ]
        targets = [("group", str(gid)), *(("single", name) for name in users)]
        writers: list[Writer] = [
            (LineWriter, SocketWriter)[place % 2](
                [served.address], name, await people.token(name), targets, random
            )
            for place, name in enumerate(authors)
        ]

        async with following(receivers), writing(writers, PAUSE):
            killed = await kill_at_random(database, served, random)
            await asyncio.sleep(1)
        truth = {name: await asyncio.to_thread(database.truth, name) for name in users}
        async with following(receivers):
            await until_caught_up(receivers, truth)

        assert "Traceback" not in served.log.read_text()
        assert_nothing_lost_nothing_twice(database, writers)
        assert_they_read_the_truth(receivers, truth)
        assert sum(killed.values()) == KILLS
        assert min(killed.values()) >= 3, killed
        assert sum(receiver.resumed for receiver in receivers) > KILLS / 2
        assert sum(writer.repeated for writer in writers) > 0
        await asyncio.to_thread(
            wait_for, lambda: len(served.workers()) == 2, "the workers to be replaced"
        )


async def kill_at_random(database: Database, served: Served, random: Random) -> dict[str, int]:
    """A worker, which is a gateway and answers the API as well; the database, or one of its processes."""
    kinds = ["worker"] * (KILLS - 8) + ["database"] * 4 + ["backend"] * 4
    random.shuffle(kinds)
    for kind in kinds:
        await asyncio.sleep(random.uniform(*BETWEEN))
        if kind == "worker":
            await asyncio.to_thread(kill_a_worker, served, random)
        else:
            await asyncio.to_thread(database.come_back)
            await asyncio.to_thread(database.kill, all_of_it=kind == "database")
            if kind == "database":
                await asyncio.sleep(random.uniform(0, 1))
                await asyncio.to_thread(database.come_back)
    return {kind: kinds.count(kind) for kind in set(kinds)}


def kill_a_worker(served: Served, random: Random) -> None:
    wait_for(served.workers, "a worker to kill")
    random.choice(served.workers()).kill()


def assert_nothing_lost_nothing_twice(database: Database, writers: list[Writer]) -> None:
    stored = {key: (times, pk) for key, times, pk in database.rows(_STORED)}
    for writer in writers:
        assert writer.refused == {}, writer.username
        for key, msg_id in writer.answered.items():
            assert stored.get(key) == (1, msg_id), key
    answered = {key for writer in writers for key in writer.answered}
    tried = {key for writer in writers for key in writer.tried}
    assert len(answered) > KILLS
    assert answered == tried == stored.keys()  # each was brought home in the end
