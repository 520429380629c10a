"""Threads that ask the database on behalf of an event loop, each over a connection of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, connections

from apps.core import database

Result = TypeVar("Result")

_CLOSE_WITHIN = 3.0  # seconds; what is asked for longer than that is left to itself


class DatabaseThreads:
    """A fixed number of them. Made on the event loop that they work for."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(count, name)

    async def run(self, call: Callable[[], Result]) -> Result:
        """Call it in one of the threads, and wait for what it returns."""
        return await self._loop.run_in_executor(self._pool, _asking, call)

    async def close(self) -> None:
        """End them, with their connections."""
        together = threading.Barrier(self._count)
        await asyncio.gather(
            *(
                self._loop.run_in_executor(self._pool, _hang_up, together)
                for _ in range(self._count)
            )
        )
        self._pool.shutdown(wait=False)


def _asking(call: Callable[[], Result]) -> Result:
    """Ask over a connection that is not known to be dead; drop it when it turns out to be."""
    database.drop_dead_connections()
    try:
        return call()
    except (OperationalError, InterfaceError):
        connection.close()
        raise


def _hang_up(together: threading.Barrier) -> None:
    """Wait until each thread is at it, so that none does it twice and another not at all."""
    with contextlib.suppress(threading.BrokenBarrierError):
        together.wait(_CLOSE_WITHIN)
    connections.close_all()
