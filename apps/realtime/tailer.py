"""Tailer: one reader of an app's log per process, for all of its connections there."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.core.models import App
from apps.messaging.inbox import end_of_log
from apps.realtime.follower import Follower
from apps.realtime.reads import Batch, Row, next_batch

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

    def stop(self) -> None:
        """Nobody follows any more."""
        self._task.cancel()

    async def _tail(self) -> None:
        position: int | None = None
        while True:
            try:
                if position is None:
                    position = await self._run(end_of_log, self.app)
                    self._ready.set()
                self._bell.clear()
                batch = await self._run(next_batch, self.app, position, list(self.followers))
            except (DatabaseError, InterfaceError) as error:
                logger.warning("app %s: the log could not be read: %s", self.app.pk, error)
                await asyncio.sleep(_RETRY)
                continue
            position = batch.position
            self._offer(batch)
            if not batch.has_more:
                await asyncio.sleep(_PAUSE)
                await self._wait()

    async def _wait(self) -> None:
        """Until the bell rings, or has perhaps been lost."""
        try:
            await asyncio.wait_for(self._bell.wait(), settings.IM_SAFETY_SECONDS)
        except TimeoutError:
            return

    def _offer(self, batch: Batch) -> None:
        by_user: dict[int, list[Row]] = {}
        for row, user_ids in batch.rows:
            for user_id in user_ids:
                by_user.setdefault(user_id, []).append(row)
        for user_id, rows in by_user.items():
            for follower in self.followers.get(user_id, ()):
                follower.offer(rows)
