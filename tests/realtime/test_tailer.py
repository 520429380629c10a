"""A tailer and its followers: each row once, in order, whoever comes and goes meanwhile."""

import asyncio
import contextlib
import logging
from random import Random

import pytest
from django.db import OperationalError

from apps.messaging.sync import Place
from apps.realtime import tailer as tailers
from apps.realtime.follower import WAITING_AT_MOST, Ending, Follower
from apps.realtime.reads import Row
from tests.realtime.log_in_memory import Gate, LogInMemory, turns

ALICE, BOBBY, CAROL = 1, 2, 3
SOON = 5.0  # seconds: far more than anything here takes


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch, settings):
    monkeypatch.setattr(tailers, "_RETRY", 0.0)
    monkeypatch.setattr(tailers, "_PAUSE", 0.0)
    settings.IM_SAFETY_SECONDS = 60


async def ids(follower: Follower, seconds: float = SOON) -> list[int]:
    return [row.msg_id for row in await follower.next(seconds)]


async def live(follower: Follower) -> None:
    """It has read all there was, and waits."""
    assert await ids(follower, 0) == []


async def test_a_row_that_is_read_while_a_user_comes_is_not_missed() -> None:
    gate = Gate()
    log = LogInMemory(before=gate)
    tailer = log.start()
    await tailer.ready()
    log.follower(ALICE)
    await turns()
    gate.shut()
    tailer.ring()
    await turns()
    assert gate.waiting == 1  # asked for what alice may read, not answered yet
    gate_of_bobby = Gate()
    log.before = gate_of_bobby
    bobby = log.follower(BOBBY)
    await live(bobby)

    row = log.append(BOBBY)
    gate.open()

    assert await ids(bobby) == [row]


async def test_rows_come_from_the_database_first_and_then_from_the_tailer() -> None:
    log = LogInMemory()
    before = [log.append(ALICE), log.append(ALICE, BOBBY)]
    tailer = log.start()
    alice = log.follower(ALICE)
    await tailer.ready()

    assert await ids(alice) == before
    await live(alice)
    reads: list[int] = []

    async def no_more(place: Place, limit: int) -> list[Row]:
        reads.append(place.position)
        return []

    alice._read = no_more
    after = [log.append(ALICE), log.append(BOBBY), log.append(ALICE)]
    tailer.ring()

    assert await ids(alice) == [after[0], after[2]]
    assert reads == []


async def test_too_many_waiting_rows_are_dropped_and_read_again() -> None:
    log = LogInMemory()
    tailer = log.start()
    alice = log.follower(ALICE)
    await tailer.ready()
    await live(alice)

    for _ in range(WAITING_AT_MOST + 1):
        log.append(ALICE)
        tailer.ring()
        await turns(5)
    assert len(alice._rows) == 0
    heard: list[int] = []
    while len(heard) <= WAITING_AT_MOST:
        heard += await ids(alice)

    assert heard == log.truth(ALICE)


async def test_as_many_as_may_wait_are_kept() -> None:
    log = LogInMemory()
    tailer = log.start()
    alice = log.follower(ALICE)
    await tailer.ready()
    await live(alice)

    for _ in range(WAITING_AT_MOST):
        log.append(ALICE)
        tailer.ring()
        await turns(5)

    assert await ids(alice) == log.truth(ALICE)


async def test_a_database_that_fails_costs_time_and_no_row(caplog) -> None:
    log = LogInMemory()
    tailer = log.start()
    alice = log.follower(ALICE)
    await tailer.ready()
    await live(alice)

    log.fault = OperationalError("gone")
    row = log.append(ALICE)
    tailer.ring()

    assert await ids(alice) == [row]
    assert "could not be read: gone" in caplog.text


async def test_an_end_of_the_tailer_is_told_to_all_and_logged(caplog) -> None:
    log = LogInMemory()
    tailer = log.start()
    alice, bobby = log.follower(ALICE), log.follower(BOBBY)
    await tailer.ready()
    await live(alice)

    log.fault = ValueError("a row that nobody can read")
    log.append(ALICE)
    tailer.ring()

    assert await ids(alice) == []
    assert alice.ended is bobby.ended is Ending.RESTART
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


@pytest.mark.parametrize("found", ["a new epoch", "a shorter log"])
async def test_a_log_from_a_backup_ends_those_who_read_beyond_it(found: str) -> None:
    log = LogInMemory()
    tailer = log.start()
    row = log.append(ALICE)
    alice = log.follower(ALICE)
    await tailer.ready()
    assert await ids(alice) == [row]
    await live(alice)
    behind = log.follower(BOBBY)

    if found == "a new epoch":
        log.epoch = 2
    else:
        log.rows.clear()
    log.fault = OperationalError("restored")
    tailer.ring()
    await ids(alice)

    assert alice.ended is Ending.OUTLIVED
    assert behind.ended is (Ending.OUTLIVED if found == "a new epoch" else None)


async def test_after_a_shorter_log_the_tailer_reads_on_from_its_end() -> None:
    log = LogInMemory()
    tailer = log.start()
    for _ in range(3):
        log.append(ALICE)
    await tailer.ready()
    bobby = log.follower(BOBBY)
    await live(bobby)

    log.rows[1:] = []
    log.fault = OperationalError("restored")
    tailer.ring()
    await turns()
    row = log.append(BOBBY)
    tailer.ring()

    assert row == 2
    assert await ids(bobby) == [row]


async def test_a_ring_while_it_reads_is_not_lost() -> None:
    gate = Gate()
    log = LogInMemory(after=gate)
    tailer = log.start()
    alice = log.follower(ALICE)
    await tailer.ready()
    await live(alice)
    gate.shut()
    tailer.ring()
    await turns()
    assert gate.waiting == 1  # the answer, an empty one, is on its way

    row = log.append(ALICE)
    tailer.ring()
    gate.open()

    assert await ids(alice) == [row]


async def test_a_lost_ring_costs_the_safety_interval(settings) -> None:
    settings.IM_SAFETY_SECONDS = 0.05
    log = LogInMemory()
    tailer = log.start()
    alice = log.follower(ALICE)
    await tailer.ready()
    await live(alice)

    row = log.append(ALICE)

    assert await ids(alice) == [row]


async def test_whispers_pass_and_too_many_drop_the_oldest() -> None:
    log = LogInMemory()
    tailer = log.start()
    alice = log.follower(ALICE)
    await tailer.ready()
    await live(alice)

    for place in range(30):
        alice.whisper("typing", b"%d" % place)

    assert await ids(alice) == []
    assert [frame for _, frame in alice.whispers] == [b"%d" % place for place in range(10, 30)]


class _Reader:
    """One user's device: it follows for a while, is cut off, and comes back to where it was."""

    def __init__(self, log: LogInMemory, user_id: int, random: Random) -> None:
        self.user_id = user_id
        self.record: list[int] = []
        self._log = log
        self._random = random

    async def live(self, end: asyncio.Event) -> None:
        while not end.is_set():
            await self._follow(self._random.randrange(1, 12))
            await turns(self._random.randrange(8))

    async def catch_up(self) -> None:
        while self.record[-1:] != self._log.truth(self.user_id)[-1:]:
            await self._follow(3)

    async def _follow(self, times: int) -> None:
        position = self.record[-1] if self.record else 0
        tailer = self._log.tailer
        follower = self._log.follower(self.user_id, position)
        await tailer.ready()
        for _ in range(times):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.002):  # cut off, wherever it is
                    self.record += await ids(follower, 0.001)
                    if self._random.random() < 0.5:
                        await turns(self._random.randrange(30))
        tailer.remove(follower)


@pytest.mark.parametrize("seed", range(8))
async def test_whoever_comes_and_goes_at_whatever_moment_reads_the_truth(seed: int) -> None:
    random = Random(seed)  # noqa: S311

    async def a_while() -> None:
        await turns(random.randrange(6))

    log = LogInMemory(before=a_while, after=a_while)
    tailer = log.start()
    end = asyncio.Event()
    readers = [_Reader(log, user_id, random) for user_id in (ALICE, BOBBY, CAROL) for _ in "ab"]
    following = [asyncio.ensure_future(reader.live(end)) for reader in readers]
    for _ in range(400):
        log.append(*(user_id for user_id in (ALICE, BOBBY, CAROL) if random.random() < 0.6))
        if random.random() < 0.8:
            tailer.ring()
        if random.random() < 0.02:
            log.fault = OperationalError("away")
        await turns(random.randrange(12))
    end.set()
    await asyncio.gather(*following)
    for reader in readers:
        await reader.catch_up()

    assert [reader.record for reader in readers] == [log.truth(r.user_id) for r in readers]
    tailer.stop()
