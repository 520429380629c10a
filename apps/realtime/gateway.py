"""Gateway: what one process knows of its connections."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import Any, ParamSpec, TypeVar

import msgspec
import orjson
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.accounts.models import ClientSession, User
from apps.accounts.services import presence
from apps.core.errors import BUSY, TOO_MANY_CONNECTIONS, ImError
from apps.core.models import App
from apps.messaging import bells
from apps.messaging.sync import Place
from apps.realtime.attendance import Attendance
from apps.realtime.database_threads import DatabaseThreads
from apps.realtime.follower import Ending, Follower
from apps.realtime.reads import Row, members_of, rows_for
from apps.realtime.receivers import SESSIONS, Said
from apps.realtime.tailer import Tailer

logger = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_THREADS = (
    2  # that ask the database for the connections: who they are, what they missed, what they send
)
_READY_WITHIN = 10.0  # seconds; a database that is away for longer is a reason to refuse
_SESSIONS_CHECKED_EVERY = 30.0  # seconds; expiry has no bell
_WHISPERS_AT_MOST = 500  # that wait to be passed on; more are dropped


class Gateway:
    """One per process and event loop. Its methods are called on the loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._threads = DatabaseThreads(_THREADS, "gateway")
        # Delivery does not queue behind a crowd that connects.
        self._delivery = DatabaseThreads(1, "delivery")
        self._tailers: dict[int, Tailer] = {}
        self._by_session: dict[int, set[Follower]] = {}
        self._by_user: dict[int, int] = {}  # connections of each
        self._count = 0
        self._attendance = Attendance(self.run)
        self._sessions_bell = asyncio.Event()
        self._watching = False
        self._whispering = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending = False
        self._closed = False
        bell = bells.get()
        bell.count(
            SESSIONS
        )  # from now on a ring that was lost with the bell's connection is made up for
        bell.subscribe(self._hear)
        bell.subscribe_whispers(self._hear_whisper)

    async def run(
        self,
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run a function that asks the database, in one of the gateway's threads."""
        return await self._threads.run(partial(function, *args, **kwargs))

    async def _deliver(self, function: Callable[..., Result], *args: Any) -> Result:
        return await self._delivery.run(partial(function, *args))

    @contextlib.asynccontextmanager
    async def following(
        self,
        app: App,
        user: User,
        place: Place,
        session: ClientSession | None = None,
        *,
        session_id: int | None = None,
    ) -> AsyncIterator[Follower]:
        """A follower of the user, from that place on. With a session it counts as a connection of it.

        A long-poll is none: it names at most the id of the session whose end will end it.
        Raises TOO_MANY_CONNECTIONS for the user or the process, TOKEN_INVALID for a session that has ended
        by now, BUSY while the database is away or the process ends.
        """
        self._admit(user)
        watched = session.pk if session is not None else session_id
        read = partial(self._read, app, user.pk)
        follower = Follower(app, user, place, read, watched, polling=session is None)
        tailer = self._tailer(app)
        tailer.add(follower)
        if watched is not None:
            self._watch(watched, follower)
        try:
            async with _in_time():
                await tailer.ready()
            if session is not None:
                await self._attendance.appear(follower)
            yield follower
        finally:
            self._dismiss(follower, tailer)
            if session is not None and not self._closed:
                self._spawn(self._attendance.vanish(follower))

    def end_all(self) -> None:
        """The process ends: let in no more, and wake every connection to say so."""
        self._ending = True
        for tailer in self._tailers.values():
            tailer.end(Ending.RESTART)

    async def close(self) -> None:
        """Stop reading, and take the connections out of the database."""
        self.end_all()
        self._closed = True
        for tailer in self._tailers.values():
            tailer.stop()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._attendance.leave()
        await asyncio.gather(self._threads.close(), self._delivery.close())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Have a task do it, and say so if it fails: nobody waits for it."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._is_done)

    def _is_done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task of the gateway failed", exc_info=error)

    async def _read(self, app: App, user_id: int, place: Place, limit: int) -> list[Row]:
        return await self.run(rows_for, app, user_id, place, limit)

    def _tailer(self, app: App) -> Tailer:
        tailer = self._tailers.get(app.pk)
        if tailer is None:
            tailer = self._tailers[app.pk] = Tailer(app, self._deliver)
        return tailer

    def _admit(self, user: User) -> None:
        if self._ending:
            raise ImError(BUSY)
        mine = self._by_user.get(user.pk, 0)
        if (
            mine >= settings.IM_CONNECTIONS_PER_USER
            or self._count >= settings.IM_CONNECTIONS_PER_PROCESS
        ):
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

    # --- sessions that end ------------------------------------------------------------------------

    def _watch(self, session_id: int, follower: Follower) -> None:
        self._by_session.setdefault(session_id, set()).add(follower)
        if not self._watching:
            self._watching = True
            self._spawn(self._attendance.beat_on())
            self._spawn(self._watch_sessions())

    async def _watch_sessions(self) -> None:
        """End the connections of sessions that have ended: at the bell, and every half minute."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SESSIONS_CHECKED_EVERY):
                    await self._sessions_bell.wait()
            self._sessions_bell.clear()
            here = list(self._by_session)
            if not here:
                continue
            try:
                standing = await self.run(presence.live_sessions, session_ids=here)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("it is not known whose sessions have ended: %s", error)
                await asyncio.sleep(1)
                self._sessions_bell.set()
                continue
            for session_id in set(here) - standing:
                for follower in self._by_session.get(session_id, set()):
                    follower.end(Ending.SESSION)

    # --- the bell, from its own thread ------------------------------------------------------------

    def _hear(self, app_id: int) -> None:
        if app_id == SESSIONS or app_id in self._tailers:
            self._on_loop(self._ring, app_id)

    def _hear_whisper(self, text: str) -> None:
        self._on_loop(self._whisper, text)

    def _on_loop(self, callback: Callable[[Any], None], heard: int | str) -> None:
        if not self._closed:
            with contextlib.suppress(RuntimeError):  # the loop was closed this moment
                self._loop.call_soon_threadsafe(callback, heard)

    def _ring(self, app_id: int) -> None:
        if app_id == SESSIONS:
            self._sessions_bell.set()
        elif app_id in self._tailers:
            self._tailers[app_id].ring()

    def _whisper(self, text: str) -> None:
        with contextlib.suppress(msgspec.DecodeError):  # others may speak there too
            said = msgspec.json.decode(text, type=Said)
            if said.app_id in self._tailers and self._whispering < _WHISPERS_AT_MOST:
                self._whispering += 1
                self._spawn(self._pass_on(said))

    async def _pass_on(self, said: Said) -> None:
        """Give a whisper to who is in the conversation; what was read, to one's own other devices too."""
        try:
            tailer = self._tailers.get(said.app_id)
            if tailer is None:
                return
            hearers = await self.run(members_of, said.conversation_id, list(tailer.followers))
        except (DatabaseError, InterfaceError):
            return
        finally:
            self._whispering -= 1
        told: dict[str, Any] = {
            "type": said.kind,
            "conversation_id": said.conversation_id,
            "username": said.username,
        }
        if said.app_key:
            told["appkey"] = said.app_key
        if said.read_up_to is not None:
            told["read_up_to"] = said.read_up_to
        elif said.kind == "typing":
            hearers.discard(said.user_id)
        frame = orjson.dumps(told)
        for hearer in hearers:
            for follower in tailer.followers.get(hearer, ()):
                follower.whisper(said.kind, frame)


@contextlib.asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_READY_WITHIN):
            yield
    except TimeoutError:
        raise ImError(BUSY) from None


_gateway: Gateway | None = None
_process_ends = False


def here() -> Gateway:
    """This process's gateway, made at the first call on its event loop."""
    global _gateway
    if _gateway is None:
        _gateway = Gateway()
        if _process_ends:
            _gateway.end_all()
    return _gateway


def made() -> Gateway | None:
    """This process's gateway, if anything has followed the log yet."""
    return _gateway


def end_here() -> None:
    """The process ends: so do its connections. Called on the event loop."""
    global _process_ends
    _process_ends = True
    if _gateway is not None:
        _gateway.end_all()
