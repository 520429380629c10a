"""Follower: one reader's place in the log."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from apps.accounts.models import User
from apps.core.models import App
from apps.realtime.reads import Row

CATCH_UP: Final = 100  # rows read at once from the database
WAITING_AT_MOST: Final = (
    200  # rows that wait here for a slow reader; beyond, it reads from the database
)


class Follower:
    """Yields what its user may read after a position: each row once, in order, none left out.

    It begins by reading from the database. Once nothing more is there it is live: the tailer offers it the
    new rows, of which it keeps references only, and a bounded number of them. When they get too many, or it
    may have missed one, it reads from the database again, at the pace of its reader.
    """

    __slots__ = (
        "_live",
        "_offered_meanwhile",
        "_read",
        "_rows",
        "_wake",
        "app",
        "ended",
        "position",
        "session_id",
        "user_id",
        "whispers",
    )

    def __init__(
        self,
        app: App,
        user: User,
        position: int,
        read: Callable[[int, int], Awaitable[tuple[list[Row], bool]]],
        session_id: int | None = None,
    ) -> None:
        self.app = app
        self.user_id = user.pk
        self.session_id = session_id
        self.position = position
        self.ended = False  # its session is no more, or its gateway closes
        self.whispers: deque[tuple[str, bytes]] = deque(maxlen=20)  # kind, frame
        self._read = read
        self._rows: deque[Row] = deque()
        self._live = False
        self._offered_meanwhile = False
        self._wake = asyncio.Event()

    def offer(self, rows: Sequence[Row]) -> None:
        """New rows that the user may see. Called by the tailer, on the event loop."""
        if self._live and len(self._rows) + len(rows) <= WAITING_AT_MOST:
            self._rows.extend(rows)
        else:
            self._live = False
            self._offered_meanwhile = True
            self._rows.clear()
        self._wake.set()

    def whisper(self, kind: str, frame: bytes) -> None:
        """Something that is not stored; of too many the oldest is lost."""
        self.whispers.append((kind, frame))
        self._wake.set()

    def end(self) -> None:
        """Wake the reader to find that it is over."""
        self.ended = True
        self._wake.set()

    async def next(self, seconds: float) -> list[Row]:
        """The rows that follow, as soon as there are any; none after that time, at a whisper, at the end."""
        while not self.ended:
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
                    self.position = fresh[-1].msg_id
                    return fresh
            if self.whispers:
                return []
            try:
                await asyncio.wait_for(self._wake.wait(), seconds)
            except TimeoutError:
                return []
        return []

    async def _catch_up(self) -> list[Row]:
        """Read on from the database; live once it has nothing more and nothing was offered meanwhile."""
        self._offered_meanwhile = False
        rows, _ = await self._read(self.position, CATCH_UP)
        if rows:
            self.position = rows[-1].msg_id
        elif not self._offered_meanwhile:
            self._live = True
        return rows
