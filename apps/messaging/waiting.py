"""Waiting for what is not there yet, on behalf of a long-poll.

Under the server's event loop the wait costs no thread: the request is parked there, and taken up again from
its start when a row for its user has come. Under plain WSGI (`runserver`) the thread waits for the bell.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework.request import Request

from apps.accounts.models import User
from apps.core.models import App
from apps.messaging import bells, sync

PARK = "imserver.park"
"""In the WSGI environment: a function that takes a `Parked`, of a server that can park requests."""
TAKEN_UP = "imserver.taken_up"
"""In the WSGI environment of a request taken up again: its `Parked`."""


@dataclass(frozen=True)
class Parked:
    """A request that waits for a row the user may read after `place`, until `deadline` (monotonic)."""

    app: App
    user: User
    place: sync.Place
    deadline: float
    session_id: int | None = None  # of the client that asks; none for the app's server

    @property
    def seconds(self) -> float:
        """How long it may still wait."""
        return max(0.0, self.deadline - time.monotonic())


def read_or_wait(
    request: Request, app: App, user: User, cursor: str | None, *, limit: int, wait: int
) -> sync.Page:
    """As `sync.read_since`; where nothing is there, wait up to `wait` seconds for something."""
    environ: dict[str, Any] = request.META
    before: Parked | None = environ.get(TAKEN_UP)
    deadline = before.deadline if before else time.monotonic() + wait
    park: Callable[[Parked], None] | None = environ.get(PARK)
    # Whoever waits is there all the while, however old their cursor is when something comes.
    place = before.place if before else sync.place_of(app, cursor)
    while True:
        count = bells.get().count(app.pk) if wait and park is None else 0
        page = sync.read_after(app=app, user_id=user.pk, place=place, limit=limit)
        left = deadline - time.monotonic()
        if page.messages or left <= 0:
            return page
        if park is not None:
            session = getattr(request.user, "session", None)
            session_id = None if session is None else session.pk
            park(Parked(app, user, page.place, deadline, session_id))
            return page
        bells.get().wait_past(app.pk, count, min(left, settings.IM_SAFETY_SECONDS))
