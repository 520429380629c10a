"""A log without a database, to meet a tailer and its followers at any moment of their lives."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.models import User
from apps.core.models import App
from apps.messaging.sync import Place
from apps.realtime.follower import Follower
from apps.realtime.reads import BATCH, Batch, LogState, Row, next_batch, state_of_log
from apps.realtime.tailer import Tailer


async def _at_once() -> None:
    """A database that answers within the same turn of the event loop."""


@dataclass
class LogInMemory:
    """Rows, each for some users; `before` and `after` are awaited around each look at them."""

    app: App = field(default_factory=lambda: App(pk=1, log_epoch=1))
    rows: list[tuple[int, frozenset[int]]] = field(default_factory=list)
    before: Callable[[], Any] = _at_once
    after: Callable[[], Any] = _at_once
    epoch: int = 1
    fault: Exception | None = None  # raised, once, in place of the next answer to the tailer
    tailer: Tailer = field(init=False)

    def append(self, *user_ids: int) -> int:
        """A row that those users may read; its id. It rings no bell."""
        self.rows.append((self.last_id + 1, frozenset(user_ids)))
        return self.last_id

    @property
    def last_id(self) -> int:
        return self.rows[-1][0] if self.rows else 0

    def truth(self, user_id: int) -> list[int]:
        return [pk for pk, readers in self.rows if user_id in readers]

    def start(self) -> Tailer:
        """A tailer of this log."""
        self.tailer = Tailer(self.app, self._answer)
        return self.tailer

    def follower(self, user_id: int, position: int = 0) -> Follower:
        """A follower that the tailer offers rows to from now on."""

        async def read(place: Place, limit: int) -> list[Row]:
            await self.before()
            found = [pk for pk in self.truth(user_id) if pk > place.position][:limit]
            await self.after()
            return list(map(_row, found))

        follower = Follower(self.app, User(pk=user_id), Place.at(position), read)
        self.tailer.add(follower)
        return follower

    async def _answer(self, function: Callable[..., Any], *arguments: Any) -> Any:
        await self.before()
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault
        answer: Any = None
        if function is state_of_log:
            answer = LogState(self.epoch, self.last_id, self.last_id)
        elif function is next_batch:
            answer = self._batch(*arguments)
        await self.after()
        return answer

    def _batch(self, _app: App, position: int, user_ids: Collection[int]) -> Batch:
        found = [(pk, readers) for pk, readers in self.rows if pk > position][:BATCH]
        rows = [(_row(pk), sorted(readers & set(user_ids))) for pk, readers in found]
        last = found[-1][0] if found else position
        return Batch(rows, last, has_more=len(found) == BATCH)


class Gate:
    """A place where who comes has to wait while it is shut."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self.waiting = 0

    async def __call__(self) -> None:
        self.waiting += 1
        await self._open.wait()
        self.waiting -= 1

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()


def _row(pk: int) -> Row:
    return Row(pk, b"%d" % pk)


async def turns(count: int = 20) -> None:
    """Let everyone who can go on do so."""
    for _ in range(count):
        await asyncio.sleep(0)
