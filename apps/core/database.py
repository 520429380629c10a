"""What a request asks of its connection to the database: that it lives, and how statements are planned."""

import select
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections


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


@contextmanager
def planned_for_its_values() -> Iterator[None]:
    """Have each statement planned for the values it comes with: none is prepared on the server meanwhile.

    A prepared statement gets one plan for all values once PostgreSQL has seen it five times and thinks that
    plan no worse. That is right where a statement has one good plan, as all of the API's have. The lists of
    the console are filtered by whatever an operator likes: there the same statement is about millions of
    rows or about none, and a plan for all values can't use an index with a condition, since no parameter is
    known to meet it. Planning costs a fraction of a millisecond.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    raw = connection.connection
    before, raw.prepare_threshold = raw.prepare_threshold, None
    try:
        yield
    finally:
        raw.prepare_threshold = before
