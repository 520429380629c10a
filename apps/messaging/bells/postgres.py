"""The bell over PostgreSQL's NOTIFY, the default: nothing else to run."""

import logging
import os
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection

logger = logging.getLogger(__name__)

_CHANNEL = "im_bell"
_WHISPERS = "im_whisper"
_WHISPERS_AT_MOST = 1000  # that wait to be sent; more are dropped
_PAUSE = 0.01  # seconds between two NOTIFYs of a process: rings in between travel together
_RETRY = 1.0  # seconds before connecting again


class PostgresBell:
    """Rings by one thread that sends, hears by one that listens; each with a connection of its own.

    A NOTIFY holds a lock of the whole database while it commits, so it is kept out of the sends' own
    transactions: a send only leaves the app's number here. The threads start with their first use, in the
    worker process, and end with it.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._counts: defaultdict[int, int] = defaultdict(int)
        self._listeners: list[Callable[[int], None]] = []
        self._to_send: set[int] = set()
        self._whispers: deque[str] = deque(maxlen=_WHISPERS_AT_MOST)
        self._whisper_listeners: list[Callable[[str], None]] = []
        self._wake_sender = threading.Event()
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._name = secrets.token_hex(4)  # of this process, to skip the echo of its own rings
        self._pid = 0

    def ring(self, app_id: int) -> None:
        """Wake this process's readers at once and the others' within about 10 ms."""
        self._start()
        self._hear(app_id)
        self._send_later({app_id})

    def count(self, app_id: int) -> int:
        """See `Bell.count`."""
        self._start()
        with self._condition:
            return self._counts[app_id]

    def wait_past(self, app_id: int, count: int, seconds: float) -> bool:
        """See `Bell.wait_past`."""
        with self._condition:
            return self._condition.wait_for(lambda: self._counts[app_id] > count, seconds)

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """See `Bell.subscribe`."""
        self._start()
        self._listeners.append(listener)

    def whisper(self, text: str) -> None:
        """See `Bell.whisper`."""
        self._start()
        self._whispers.append(text)
        self._wake_sender.set()

    def subscribe_whispers(self, listener: Callable[[str], None]) -> None:
        """See `Bell.subscribe_whispers`."""
        self._start()
        self._whisper_listeners.append(listener)

    def stop(self) -> None:
        """See `Bell.stop`."""
        self._stopping.set()
        self._wake_sender.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._pid = 0

    def _start(self) -> None:
        if self._pid == os.getpid():
            return
        with self._condition:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            self._stopping = threading.Event()
            parameters = connection.get_connection_params()
            self._threads = [
                threading.Thread(
                    target=self._keep_on, args=(task, parameters), name=f"bell-{name}", daemon=True
                )
                for name, task in (("send", self._send), ("listen", self._listen))
            ]
        for thread in self._threads:
            thread.start()

    def _hear(self, app_id: int) -> None:
        with self._condition:
            self._counts[app_id] += 1
            self._condition.notify_all()
        for listener in self._listeners:
            listener(app_id)

    def _keep_on(
        self, task: Callable[["psycopg.Connection[Any]"], None], parameters: dict[str, Any]
    ) -> None:
        """Run the task on a connection, and again on a new one when the database has gone away."""
        names = {name: parameters[name] for name in parameters if name in _LIBPQ_NAMES}
        while not self._stopping.is_set():
            try:
                with psycopg.connect(**names, autocommit=True) as own:
                    task(own)
            except psycopg.Error as error:
                logger.warning("the bell lost its connection: %s", error)
                self._stopping.wait(_RETRY)

    def _send(self, own: "psycopg.Connection[Any]") -> None:
        while not self._stopping.is_set():
            self._wake_sender.wait()
            self._wake_sender.clear()
            with self._condition:
                apps, self._to_send = self._to_send, set()
            sounds = [(_CHANNEL, f"{pk} {self._name}") for pk in apps]
            while self._whispers:
                sounds.append((_WHISPERS, self._whispers.popleft()))
            if sounds:
                channels, texts = zip(*sounds, strict=True)
                try:
                    own.execute(_NOTIFY, (list(channels), list(texts)))
                except psycopg.Error:
                    self._send_later(apps)
                    raise
                time.sleep(_PAUSE)

    def _send_later(self, apps: set[int]) -> None:
        with self._condition:
            self._to_send |= apps
        self._wake_sender.set()

    def _listen(self, own: "psycopg.Connection[Any]") -> None:
        own.execute(f"LISTEN {_CHANNEL}")
        own.execute(f"LISTEN {_WHISPERS}")
        with self._condition:
            missed = list(self._counts)
        for app_id in missed:  # what was rung while nobody listened
            self._hear(app_id)
        while not self._stopping.is_set():
            for notice in own.notifies(timeout=0.5):
                self._take(notice)
                if self._stopping.is_set():
                    return

    def _take(self, notice: psycopg.Notify) -> None:
        if notice.channel == _WHISPERS:
            for listener in self._whisper_listeners:
                listener(notice.payload)
            return
        number, _, name = notice.payload.partition(" ")
        # Anybody may notify: what is no number is not from one of us.
        if name != self._name and number.isdecimal():
            self._hear(int(number))


_NOTIFY = "SELECT pg_notify(channel, said) FROM unnest(%s::text[], %s::text[]) AS s (channel, said)"
_LIBPQ_NAMES = frozenset(option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults())
