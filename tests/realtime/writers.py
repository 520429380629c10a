"""Writers who send until they are answered, each message under a key of its own."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from itertools import count
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection

from tests.realtime.clients import ANSWER_WITHIN, CUT, Address, Line, open_socket

#: The codes that say: not now, try again.
_BUSY = {899030, 899000}


class Writer:
    """One sender. `answered` is what the server promised: key -> msg_id."""

    def __init__(
        self,
        addresses: Sequence[Address],
        username: str,
        token: str,
        targets: Sequence[tuple[str, str]],
        random: Random,
    ) -> None:
        self.username = username
        self.answered: dict[str, int] = {}
        self.tried: set[str] = set()
        self.repeated = 0
        self.refused: dict[int, int] = {}
        self._addresses = addresses
        self._token = token
        self._targets = targets
        self._random = random

    async def write(self, end: asyncio.Event, pause: float) -> None:
        """Until the event; then the message under way is still brought home."""
        for number in count():
            if end.is_set():
                return
            key = f"{self.username}-{number}"
            kind, target = self._random.choice(self._targets)
            message = {
                "target_type": kind,
                "target_id": target,
                "msg_type": "text",
                "msg_body": {"text": key},
                "client_msg_id": key,
            }
            await self.bring_home(key, message)
            await asyncio.sleep(self._random.uniform(0, 2 * pause))

    async def bring_home(self, key: str, message: dict[str, Any]) -> None:
        """Send it, again and again under the same key, until there is an answer that stands."""
        self.tried.add(key)
        for attempt in count():
            self.repeated += attempt > 0
            try:
                msg_id, code = await self._send(key, message)
            except (*CUT, TimeoutError):
                await asyncio.sleep(self._random.uniform(0.02, 0.2))
                continue
            if msg_id is not None:
                self.answered[key] = msg_id
                return
            if code not in _BUSY:
                self.refused[code] = self.refused.get(code, 0) + 1
                return
            await asyncio.sleep(self._random.uniform(0.05, 0.3))

    async def _send(self, key: str, message: dict[str, Any]) -> tuple[int | None, int]:
        """The id it was stored under, or the code it was refused with."""
        raise NotImplementedError


class LineWriter(Writer):
    """Over HTTP."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._line: Line | None = None

    async def _send(self, key: str, message: dict[str, Any]) -> tuple[int | None, int]:
        if self._line is None:
            self._line = Line(self._random.choice(self._addresses), f"Bearer {self._token}")
        try:
            answer = await self._line.call("POST", "/client/v1/messages", message)
        except (*CUT, TimeoutError):
            self._line = None
            raise
        if answer.status == 201:
            return answer.body["msg_id"], 0
        return None, answer.body["error"]["code"]


class SocketWriter(Writer):
    """Over a WebSocket of its own, which it also has to read."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connection: ClientConnection | None = None

    async def _send(self, key: str, message: dict[str, Any]) -> tuple[int | None, int]:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await self._send_over_socket(key, message)
        except (*CUT, TimeoutError):
            self._hang_up()
            raise

    async def _send_over_socket(self, key: str, message: dict[str, Any]) -> tuple[int | None, int]:
        if self._connection is None:
            self._connection = await open_socket(self._random.choice(self._addresses))
            await self._say({"type": "auth", "token": self._token, "after": "now"})
        await self._say({"type": "send", "id": key, "message": message})
        while True:
            frame = json.loads(await self._connection.recv())
            if frame["type"] == "messages":
                await self._say({"type": "ack", "cursor": frame["cursor"]})
            elif frame.get("id") == key:
                if frame["type"] == "sent":
                    return frame["msg_id"], 0
                return None, frame["error"]["code"]
            elif frame["type"] == "error":  # a refused opening: the server closes
                self._hang_up()
                return None, frame["error"]["code"]

    async def _say(self, frame: dict[str, Any]) -> None:
        assert self._connection is not None
        await self._connection.send(json.dumps(frame))

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.transport.abort()
            self._connection = None


@contextlib.asynccontextmanager
async def writing(writers: Sequence[Writer], pause: float) -> Any:
    """They write during the block, and have all their answers after it."""
    end = asyncio.Event()
    tasks = [asyncio.ensure_future(writer.write(end, pause)) for writer in writers]
    try:
        yield
    finally:
        end.set()
        try:
            async with asyncio.timeout(60):
                await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
