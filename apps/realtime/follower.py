"""Follower: one reader's place in the log."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Final

from apps.accounts.models import User
from apps.core.models import App
from apps.messaging.sync import Place
from apps.realtime.reads import Row

CATCH_UP: Final = 100  # rows read at once from the database
WAITING_AT_MOST: Final = (
    200  # rows that wait here for a slow reader; beyond, it reads from the database
)


class Ending(Enum):
    """Why a follower is over, in words for its reader."""

    SESSION = "the session has ended"
    OUTLIVED = "the log is another one than before: resync"
    RESTART = "the server restarts: resume"


class Follower:
    """Yields what its user may read after a place: each row once, in order, none left out.

    It begins by reading from the database. Once nothing more is there it is live: the tailer offers it the
    new rows, of which it keeps references only, and a bounded number of them. When they get too many, or it
    may have missed one, it reads from the database again, at the pace of its reader.
    """

    __slots__ = (
        "_live",
        "_missed_meanwhile",
        "_read",
        "_rows",
        "_wake",
        "app",
        "at_end",
        "ended",
        "place",
        "polling",
        "session_id",
        "user_id",
        "whispers",
    )

    def __init__(
        self,
        app: App,
        user: User,
        place: Place,
        read: Callable[[Place, int], Awaitable[list[Row]]],
        session_id: int | None = None,
        *,
        polling: bool = False,
    ) -> None:
        self.app = app
        self.user_id = user.pk
        self.session_id = session_id
        self.polling = polling  # it is here for the next row alone
        self.place = place
        self.ended: Ending | None = None
        self.at_end: Callable[[], object] = _nothing  # called then, once, on the event loop
        self.whispers: deque[tuple[str, bytes]] = deque(maxlen=20)  # kind, frame
        self._read = read
        self._rows: deque[Row] = deque()
        self._live = False
        self._missed_meanwhile = False
        self._wake = asyncio.Event()

    @property
    def position(self) -> int:
        """The last row it yielded, or where it began."""
        return self.place.position

    def offer(self, rows: Sequence[Row]) -> None:
        """New rows that the user may see. Called by the tailer, on the event loop."""
        if self._live and len(self._rows) + len(rows) <= WAITING_AT_MOST:
            self._rows.extend(rows)
            self._wake.set()
        else:
            self.miss()

    def miss(self) -> None:
        """There are rows that it is not offered, or may be: it looks for itself."""
        self._live = False
        self._missed_meanwhile = True
        self._rows.clear()
        self._wake.set()

    def whisper(self, kind: str, frame: bytes) -> None:
        """Something that is not stored; of too many the oldest is lost."""
        if self.polling:
            return
        self.whispers.append((kind, frame))
        self._wake.set()

    def end(self, why: Ending) -> None:
        """Wake the reader to find that it is over. The first reason stands."""
        if self.ended is None:
            self.ended = why
            self._wake.set()
            self.at_end()

    async def next(self, seconds: float) -> list[Row]:
        """The rows that follow, as soon as there are any; none after that time, at a whisper, at the end.

        Raises CURSOR_OUTLIVED, and what a database that is away raises; it may be called again.
        """
        while self.ended is None:
            if not self._live:
                rows = await self._catch_up()
                if rows:
                    return rows
                continue
            self._wake.clear()
            if self._rows:
                fresh = [row for row in self._rows if row.msg_id > self.position]
                self._rows.clear()
                if fresh:
                    self.place = self.place.after(fresh[-1].msg_id)
                    return fresh
            if self.whispers:
                return []
            try:
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
            except TimeoutError:
                return []
        return []

    async def _catch_up(self) -> list[Row]:
        """Read on from the database; live once it has nothing more and nothing was missed meanwhile."""
        self._missed_meanwhile = False
        rows = await self._read(self.place, CATCH_UP)
        if rows:
            self.place = self.place.after(rows[-1].msg_id)
        elif not self._missed_meanwhile:
            self._live = True
        return rows


def _nothing() -> None:
    """Who only waits for rows is woken, and needs no more."""
