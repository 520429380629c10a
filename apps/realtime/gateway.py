"""Gateway: what one process knows of its connections."""

import asyncio
import contextlib
import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

import orjson
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from apps.accounts.models import ClientSession, User
from apps.accounts.services import presence
from apps.core import database
from apps.core.errors import TOO_MANY_CONNECTIONS, ImError
from apps.core.models import App
from apps.messaging import bells
from apps.realtime.follower import Follower
from apps.realtime.reads import Row, members_of, rows_for
from apps.realtime.receivers import SESSIONS
from apps.realtime.tailer import Tailer

logger = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_THREADS = 2  # for the database; delivery is a few queries, however many are connected
_SESSIONS_CHECKED_EVERY = 30.0  # seconds; expiry has no bell


class Gateway:
    """One per process and event loop. Its methods are called on the loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(_THREADS, "gateway")
        self._tailers: dict[int, Tailer] = {}
        self._by_session: dict[int, set[Follower]] = {}
        self._by_user: dict[int, int] = {}  # connections of each
        self._count = 0
        self._name = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._row_id: int | None = None  # of this gateway in the database, once it beats
        self._sessions_bell = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        bell = bells.get()
        bell.subscribe(self._hear)
        bell.subscribe_whispers(self._hear_whisper)

    async def run(
        self,
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run a function that asks the database, in one of the gateway's threads."""
        call = partial(_asking, function, *args, **kwargs)
        return await self._loop.run_in_executor(self._threads, call)

    @contextlib.asynccontextmanager
    async def following(
        self,
        app: App,
        user: User,
        position: int,
        session: ClientSession | None = None,
        *,
        polling: bool = False,
    ) -> AsyncIterator[Follower]:
        """A follower of the user, from that position on; with a session it counts as a connection of it.

        Raises TOO_MANY_CONNECTIONS, for a long-poll only where the process is full.
        """
        self._admit(user, polling=polling)
        read = partial(self._read, app, user.pk)
        follower = Follower(app, user, position, read, session.pk if session else None)
        tailer = self._tailer(app)
        tailer.add(follower)
        connection_id: int | None = None
        try:
            await tailer.ready()
            if session is not None:
                self._by_session.setdefault(session.pk, set()).add(follower)
                connection_id = await self._appear(session)
            yield follower
        finally:
            self._dismiss(follower, tailer)
            if connection_id is not None:
                task = self._loop.create_task(self._vanish(connection_id))
                self._tasks.append(task)
                task.add_done_callback(self._tasks.remove)

    def end_all(self) -> None:
        """The process ends: wake every connection to say so."""
        for tailer in self._tailers.values():
            for followers in tailer.followers.values():
                for follower in followers:
                    follower.end()

    async def close(self) -> None:
        """Stop reading, and take the connections out of the database."""
        for tailer in self._tailers.values():
            tailer.stop()
        for task in list(self._tasks):
            task.cancel()
        with contextlib.suppress(DatabaseError, InterfaceError):
            await self.run(presence.leave, gateway=self._name)
        self._threads.shutdown(wait=False)

    async def _read(
        self, app: App, user_id: int, position: int, limit: int
    ) -> tuple[list[Row], bool]:
        return await self.run(rows_for, app, user_id, position, limit)

    def _tailer(self, app: App) -> Tailer:
        tailer = self._tailers.get(app.pk)
        if tailer is None:
            tailer = self._tailers[app.pk] = Tailer(app, self.run)
        return tailer

    def _admit(self, user: User, *, polling: bool) -> None:
        mine = self._by_user.get(user.pk, 0)
        if (
            mine >= settings.IM_CONNECTIONS_PER_USER and not polling
        ) or self._count >= settings.IM_CONNECTIONS_PER_PROCESS:
            raise ImError(TOO_MANY_CONNECTIONS)
        self._by_user[user.pk] = mine + 1
        self._count += 1

    def _dismiss(self, follower: Follower, tailer: Tailer) -> None:
        self._count -= 1
        left = self._by_user.pop(follower.user_id) - 1
        if left:
            self._by_user[follower.user_id] = left
        tailer.remove(follower)
        if not tailer.followers:
            tailer.stop()
            self._tailers.pop(tailer.app.pk, None)
        if follower.session_id is not None:
            others = self._by_session.get(follower.session_id, set())
            others.discard(follower)
            if not others:
                self._by_session.pop(follower.session_id, None)

    # --- presence ---------------------------------------------------------------------------------

    async def _appear(self, session: ClientSession) -> int | None:
        """Note the connection. That the database cannot be told now is no reason to refuse it."""
        try:
            if self._row_id is None:
                self._row_id = await self.run(presence.beat, gateway=self._name)
                self._tasks.append(self._loop.create_task(self._beat()))
                self._tasks.append(self._loop.create_task(self._watch_sessions()))
            return await self.run(presence.connect, session=session, gateway_id=self._row_id)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("a connection could not be noted: %s", error)
            return None

    async def _vanish(self, connection_id: int) -> None:
        with contextlib.suppress(DatabaseError, InterfaceError):
            await self.run(presence.disconnect, connection_ids=[connection_id])

    async def _beat(self) -> None:
        """Say that this gateway lives, often enough for one lost beat not to count."""
        while True:
            await asyncio.sleep(settings.IM_PRESENCE_SECONDS / 3)
            try:
                self._row_id = await self.run(presence.beat, gateway=self._name)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("the gateway could not say that it lives: %s", error)

    async def _watch_sessions(self) -> None:
        """End the connections of sessions that have ended: at the bell, and every half minute."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._sessions_bell.wait(), _SESSIONS_CHECKED_EVERY)
            self._sessions_bell.clear()
            here = list(self._by_session)
            if not here:
                continue
            try:
                standing = await self.run(presence.live_sessions, session_ids=here)
            except (DatabaseError, InterfaceError):
                continue
            for session_id in set(here) - standing:
                for follower in self._by_session.get(session_id, set()):
                    follower.end()

    # --- the bell, from its own thread ------------------------------------------------------------

    def _hear(self, app_id: int) -> None:
        if app_id == SESSIONS or app_id in self._tailers:
            self._loop.call_soon_threadsafe(self._ring, app_id)

    def _ring(self, app_id: int) -> None:
        if app_id == SESSIONS:
            self._sessions_bell.set()
        elif app_id in self._tailers:
            self._tailers[app_id].ring()

    def _hear_whisper(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._whisper, text)

    def _whisper(self, text: str) -> None:
        said = orjson.loads(text)
        if said[0] in self._tailers:
            task = self._loop.create_task(self._pass_on(*said))
            self._tasks.append(task)
            task.add_done_callback(self._tasks.remove)

    async def _pass_on(
        self,
        app_id: int,
        conversation_id: int,
        user_id: int,
        username: str,
        kind: str,
        read_up_to: int | None,
    ) -> None:
        """Give a whisper to who is in the conversation; what was read, to one's own other devices too."""
        tailer = self._tailers[app_id]
        try:
            hearers = await self.run(members_of, conversation_id, list(tailer.followers))
        except (DatabaseError, InterfaceError):
            return
        told = {"type": kind, "conversation_id": conversation_id, "username": username}
        if read_up_to is not None:
            told["read_up_to"] = read_up_to
        elif kind == "typing":
            hearers.discard(user_id)
        frame = orjson.dumps(told)
        for hearer in hearers:
            for follower in tailer.followers.get(hearer, ()):
                if follower.session_id is not None:
                    follower.whisper(kind, frame)


def _asking(function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """Ask over a connection that is not known to be dead; drop it when it turns out to be."""
    database.drop_dead_connections()
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError):
        connection.close()
        raise


_gateway: Gateway | None = None


def here() -> Gateway:
    """This process's gateway, made at the first call on its event loop."""
    global _gateway
    if _gateway is None:
        _gateway = Gateway()
    return _gateway


def made() -> Gateway | None:
    """This process's gateway, if anything has followed the log yet."""
    return _gateway
