"""What the bells have in common: counting, listeners, and the two threads that send and hear."""

import logging
import os
import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import ClassVar, Final, NamedTuple

logger = logging.getLogger(__name__)

RING: Final = "bell"
WHISPER: Final = "whisper"
_WHISPERS_AT_MOST = 1000  # that wait to be sent; more are dropped
_PAUSE = 0.01  # seconds between two sends of a process: rings in between travel together
_LOOK_UP = 0.5  # seconds after which who listens looks whether to stop
_RETRY = 1.0  # seconds between two connections


class Sound(NamedTuple):
    """What travels between processes: a `RING` or a `WHISPER`, with its text."""

    kind: str
    text: str


Say = Callable[[Sequence[Sound]], None]
Hear = Callable[[float], Iterable[Sound]]


class ThreadedBell(ABC):
    """Rings by one thread that sends, hears by one that listens; each with a connection of its own.

    A send only leaves the app's number here. The threads start with their first use, in the worker process,
    and end with it; when a connection is lost they make another.
    """

    lost: ClassVar[type[Exception]]
    """What is raised when a connection cannot be made or has gone."""

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

    @abstractmethod
    def _mouth(self) -> AbstractContextManager[Say]:
        """Connect to say things. The function given sends them to all processes, or raises `lost`."""

    @abstractmethod
    def _ear(self) -> AbstractContextManager[Hear]:
        """Connect to listen; once entered, nothing that is said is missed.

        The function given returns what is heard, this process's own sounds too, within about that many
        seconds, or raises `lost`.
        """

    def ring(self, app_id: int) -> None:
        """Wake this process's readers at once and the others' within about 10 ms."""
        self._start()
        self._hear(app_id)
        self._send_later({app_id})

    def count(self, app_id: int) -> int:
        """See `Bell.count`."""
        with self._condition:
            count = self._counts[app_id]  # known by now, and so heard of when the listening begins
        self._start()
        return count

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
            self._threads = [
                threading.Thread(
                    target=self._keep_on, args=[task], name=f"bell-{name}", daemon=True
                )
                for name, task in (("send", self._send), ("listen", self._listen))
            ]
        for thread in self._threads:
            thread.start()

    def _keep_on(self, task: Callable[[], None]) -> None:
        """Run the task, and again when what carries the bell has gone away."""
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                task()
            except self.lost as error:
                logger.warning("the bell lost its connection: %s", error)
                # A connection that had stood is replaced at once, and only then there is a wait.
                self._stopping.wait(max(0.0, began + _RETRY - time.monotonic()))

    def _send(self) -> None:
        with self._mouth() as say:
            while not self._stopping.is_set():
                self._wake_sender.wait()
                self._wake_sender.clear()
                with self._condition:
                    apps, self._to_send = self._to_send, set()
                sounds = [Sound(RING, f"{pk} {self._name}") for pk in apps]
                while self._whispers:
                    sounds.append(Sound(WHISPER, self._whispers.popleft()))
                if sounds:
                    try:
                        say(sounds)
                    except self.lost:
                        self._send_later(apps)
                        raise
                    time.sleep(_PAUSE)

    def _send_later(self, apps: set[int]) -> None:
        with self._condition:
            self._to_send |= apps
        self._wake_sender.set()

    def _listen(self) -> None:
        with self._ear() as hear:
            with self._condition:
                missed = list(self._counts)
            for app_id in missed:  # what was rung while nobody listened
                self._hear(app_id)
            while not self._stopping.is_set():
                for sound in hear(_LOOK_UP):
                    self._take(sound)
                    if self._stopping.is_set():
                        return

    def _take(self, sound: Sound) -> None:
        if sound.kind == WHISPER:
            for listener in self._whisper_listeners:
                listener(sound.text)
            return
        number, _, name = sound.text.partition(" ")
        # Others may speak there too: what is no number is not from one of us.
        if name != self._name and number.isdecimal():
            self._hear(int(number))

    def _hear(self, app_id: int) -> None:
        with self._condition:
            self._counts[app_id] += 1
            self._condition.notify_all()
        for listener in self._listeners:
            listener(app_id)
