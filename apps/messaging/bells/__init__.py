"""The bell: how the news of an appended row reaches waiting readers. It carries no data.

A lost ring costs latency only: every reader looks again after `settings.IM_SAFETY_SECONDS`.
"""

import threading
from collections.abc import Callable
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Bell(Protocol):
    """One per process. All methods may be called from any thread; `ring` neither blocks nor raises."""

    def ring(self, app_id: int) -> None:
        """Tell every process, this one included, that the app's log has grown. Call after the commit."""

    def count(self, app_id: int) -> int:
        """How often this process has heard it for the app. Take it before reading, and wait past it after."""

    def wait_past(self, app_id: int, count: int, seconds: float) -> bool:
        """Block until it has been heard more often than `count`; False after that many seconds."""

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """Call the listener with the app's id at every ring, from whichever thread hears it.

        The listener must neither block nor raise: the thread may be that of a send.
        """

    def whisper(self, text: str) -> None:
        """Pass a short text (at most 4,000 bytes) to the listeners of every process; it may get lost."""

    def subscribe_whispers(self, listener: Callable[[str], None]) -> None:
        """Call the listener with every whisper, this process's own too, from the bell's own thread."""

    def stop(self) -> None:
        """End its threads and connections. The next call starts them again."""


_making = threading.Lock()


def get() -> Bell:
    """The process's bell, of the class that `settings.IM_BELL` names. Made at the first call."""
    with _making:  # two threads that came first at once would have one each
        return _make()


@cache
def _make() -> Bell:
    bell: Bell = import_string(settings.IM_BELL)()
    return bell
