"""Finding out that a connection to the database died, before a request fails on it."""

import select

from django.db import connections


def drop_dead_connections(**_signal: object) -> None:
    """Close those connections of this thread that the server has ended; Django opens new ones.

    A receiver of `request_started`. A restarted database then costs no request. Nothing is asked
    of the server: a connection that nobody is waiting on has nothing to be read, except the end
    of it. That takes a few microseconds, where Django's `CONN_HEALTH_CHECKS` takes a round trip.
    """
    for connection in connections.all(initialized_only=True):
        raw = connection.connection
        if raw is None or connection.in_atomic_block:
            continue
        if raw.closed or _has_something_to_read(raw.fileno()):
            connection.close()


def _has_something_to_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
