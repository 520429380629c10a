"""Bodies under the event loop server: a long one is not held in memory on its way in or out."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import suppress
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

from apps.core.errors import BUSY, PARAMETER_INVALID, ImError
from imserver import env

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator
    from concurrent.futures import Executor

    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)

#: The most bytes of a body that are taken; what Django accepts is less. An upload has more than its file.
BODY_LIMIT = 1024 * 1024 + max(
    env.integer("IM_MEDIA_MAX_BYTES", 8 * 1024 * 1024, minimum=1024),
    env.integer("IM_BODY_MAX_BYTES", 4 * 1024 * 1024, minimum=65536),
)
#: Bytes of a body that are held in memory. What is longer goes to a temporary file.
IN_MEMORY = 256 * 1024
#: Of a refused body, bytes that are still let come, and for how many seconds.
LET_COME, LET_COME_SECONDS = 64 * 1024 * 1024, 10


class NotTakenError(Exception):
    """The body can't be taken: what is answered, and `more_comes` unless all of it has come by now."""

    def __init__(self, refusal: ImError, *, more_comes: bool) -> None:
        super().__init__()
        self.refusal = refusal
        self.more_comes = more_comes


class CutOffError(Exception):
    """The client went before the body was whole."""


class Body:
    """A whole body, and where it is."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self.file = file
        self.length = length

    def rewound(self) -> IO[bytes]:
        """The file, at its beginning."""
        self.file.seek(0)
        return self.file


async def read(receive: Receive, limit: int, told: int) -> Body:
    """Take the body in; ``told`` is the length that its sender tells, 0 where none.

    Raises CutOffError, and NotTakenError: of PARAMETER_INVALID for what is too long, before any of it is read
    where that is told; of BUSY where there is no room for a temporary file.
    """
    if told > limit:
        raise _too_large(limit, more_comes=True)
    taken = _Taken()
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise CutOffError
            taken.add(message.get("body", b""), more_comes=bool(message.get("more_body")))
            if taken.length > limit:
                raise _too_large(limit, more_comes=taken.more_comes)
            if taken.held > IN_MEMORY:
                await asyncio.to_thread(taken.put_away)
            if not taken.more_comes:
                return await taken.whole()
    except BaseException:
        taken.forget()
        raise


def _too_large(limit: int, *, more_comes: bool) -> NotTakenError:
    refusal = ImError(PARAMETER_INVALID, f"body: must be at most {limit} bytes")
    return NotTakenError(refusal, more_comes=more_comes)


async def let_come(receive: Receive) -> None:
    """Take what still comes of a body that has been refused, and keep none of it.

    Most clients look for an answer only once they have sent everything: one that is cut off while it sends
    does not learn why.
    """
    came = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(LET_COME_SECONDS):
            while came < LET_COME:
                message = await receive()
                came += len(message.get("body", b""))
                if not message.get("more_body"):  # all of it has come, or the client has gone
                    return


class _Taken:
    """What has come of a body."""

    def __init__(self) -> None:
        self.length = self.held = 0
        self.more_comes = True
        self._parts: list[bytes] = []
        self._file: IO[bytes] | None = None

    def add(self, part: bytes, *, more_comes: bool) -> None:
        self.more_comes = more_comes
        self._parts.append(part)
        self.length += len(part)
        self.held += len(part)

    def put_away(self) -> None:
        """Not on the event loop: a disk may be slow. Raises NotTakenError."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 closed with the body
            self._file.writelines(self._parts)
            self._file.flush()  # now it is known whether there is room for it
        except OSError as error:
            logger.error("a body could not be put away: %s", error)
            raise NotTakenError(ImError(BUSY), more_comes=self.more_comes) from error
        self._parts, self.held = [], 0

    async def whole(self) -> Body:
        if self._file is None:
            return Body(BytesIO(b"".join(self._parts)), self.length)
        await asyncio.to_thread(self.put_away)
        return Body(self._file, self.length)

    def forget(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # what it still holds has no room either
                self._file.close()


class Content:
    """An answer's body that is not whole in memory: its parts, each made when the one before has gone."""

    def __init__(self, parts: Iterable[bytes], close: Callable[[], object]) -> None:
        self._parts: Iterator[bytes] = iter(parts)
        self._close = close

    async def send(self, send: Send, threads: Executor) -> None:
        """Give them out at the reader's pace; a thread is taken for making a part, not for its way."""
        loop = asyncio.get_running_loop()
        try:
            while (
                part := await loop.run_in_executor(threads, next, self._parts, None)
            ) is not None:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await loop.run_in_executor(threads, self._close)
