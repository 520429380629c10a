"""Tailer: one reader of an app's log per process, for all of its connections there."""

import asyncio
import logging
from collections.abc import Callable, Set
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.core.models import App
from apps.realtime.follower import Ending, Follower
from apps.realtime.reads import Batch, LogState, Row, next_batch, state_of_log

logger = logging.getLogger(__name__)

_PAUSE = 0.005  # seconds between two reads: rows that come together are read together
_RETRY = 1.0  # seconds until it looks again after the database failed


class Tailer:
    """Reads the log on when the bell rings, and offers each row to the followers that may see it.

    The cost of delivery is one query a ring, however many are connected, and none for who waits in silence.
    """

    def __init__(self, app: App, run: Callable[..., Any]) -> None:
        self.app = app
        self.followers: dict[int, set[Follower]] = {}  # by user
        self._run = run
        self._bell = asyncio.Event()
        self._ready = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._tail())
        self._task.add_done_callback(self._is_over)

    async def ready(self) -> None:
        """Wait until it has found the end of the log: what comes later will be offered."""
        await self._ready.wait()

    def ring(self) -> None:
        """The log has grown."""
        self._bell.set()

    def add(self, follower: Follower) -> None:
        """Offer it what comes from now on."""
        self.followers.setdefault(follower.user_id, set()).add(follower)

    def remove(self, follower: Follower) -> None:
        """Forget it."""
        mine = self.followers.get(follower.user_id)
        if mine is not None:
            mine.discard(follower)
            if not mine:
                del self.followers[follower.user_id]

    def end(self, why: Ending) -> None:
        """Tell everyone that it is over."""
        for follower in self._everyone():
            follower.end(why)

    def stop(self) -> None:
        """Nobody follows any more."""
        self._task.cancel()

    def _everyone(self) -> list[Follower]:
        return [follower for followers in self.followers.values() for follower in followers]

    def _is_over(self, task: "asyncio.Task[None]") -> None:
        """Nobody waits for rows that nobody reads: they come again, and find another tailer."""
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("app %s: the log is read no more", self.app.pk, exc_info=error)
            self.end(Ending.RESTART)

    async def _tail(self) -> None:
        position: int | None = None
        sure = False  # that the log is the one it was
        while True:
            try:
                if not sure:
                    position = await self._find_on(position)
                    sure = True
                    self._ready.set()
                self._bell.clear()
                asked = frozenset(self.followers)
                batch = await self._run(next_batch, self.app, position, asked)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("app %s: the log could not be read: %s", self.app.pk, error)
                sure = False
                await asyncio.sleep(_RETRY)
                continue
            position = batch.position
            self._offer(batch, asked)
            if not batch.has_more:
                await asyncio.sleep(_PAUSE)
                await self._wait()

    async def _find_on(self, position: int | None) -> int:
        """Where to read on: at the end at first, and where it was after the database was away.

        It may have come back from a backup: then what some have read is not in this log.
        """
        before = {follower: follower.position for follower in self._everyone()}
        log: LogState = await self._run(state_of_log, self.app)
        if position is None:  # nobody has read anything through this gateway
            return log.end
        for follower, read_up_to in before.items():
            if follower.app.log_epoch != log.epoch or read_up_to > log.last_id:
                follower.end(Ending.OUTLIVED)
        return min(position, log.last_id)

    async def _wait(self) -> None:
        """Until the bell rings, or has perhaps been lost."""
        try:
            async with asyncio.timeout(settings.IM_SAFETY_SECONDS):
                await self._bell.wait()
        except TimeoutError:
            return

    def _offer(self, batch: Batch, asked: Set[int]) -> None:
        by_user: dict[int, list[Row]] = {}
        for row, user_ids in batch.rows:
            for user_id in user_ids:
                by_user.setdefault(user_id, []).append(row)
        for user_id, rows in by_user.items():
            for follower in self.followers.get(user_id, ()):
                follower.offer(rows)
        if batch.rows:
            # Whoever came while these were read was not asked about. It may have looked for itself before
            # they were there.
            for user_id in self.followers.keys() - asked:
                for follower in self.followers[user_id]:
                    follower.miss()
