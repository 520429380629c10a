"""Waiting for the bell on behalf of a long-poll.

Under a server with an event loop the wait costs no thread: the request is parked there, and taken up
again from its start when the bell rings (`imserver.asgi`). Under plain WSGI the thread waits.
"""

import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.messaging import bells

PARK = "imserver.park"
"""In the WSGI environment: a function that takes a `Parked`, of a server that can park requests."""
TAKEN_UP = "imserver.taken_up"
"""In the WSGI environment of a request taken up again: its `Parked`."""


@dataclass(frozen=True)
class Parked:
    """A request that waits: for an app's bell, heard `count` times so far, until `deadline` (monotonic)."""

    app_id: int
    count: int
    deadline: float

    @property
    def seconds(self) -> float:
        """How long to wait before looking again: to the deadline, or until a ring may have been lost."""
        return max(0.0, min(self.deadline - time.monotonic(), settings.IM_SAFETY_SECONDS))


class Waiting:
    """One request's wait. `begin` before each read; `for_more` after one that found nothing."""

    def __init__(self, environ: MutableMapping[str, Any], app_id: int, seconds: int) -> None:
        self._environ = environ
        self._app_id = app_id
        before: Parked | None = environ.get(TAKEN_UP)
        self._deadline = before.deadline if before else time.monotonic() + seconds
        self._count = 0

    def begin(self) -> None:
        """Remember what has been heard so far: what is rung while we read must not be waited for."""
        if time.monotonic() < self._deadline:
            self._count = bells.get().count(self._app_id)

    def for_more(self) -> bool:
        """Whether to read again. Blocks meanwhile, or parks the request and says no."""
        parked = Parked(self._app_id, self._count, self._deadline)
        if not parked.seconds:
            return False
        park: Callable[[Parked], None] | None = self._environ.get(PARK)
        if park is not None:
            park(parked)
            return False
        bells.get().wait_past(self._app_id, self._count, parked.seconds)
        return True
