"""What a request asks of its connection to the database: that it lives, and how statements are planned."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.sql.compiler import SQLCompiler


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


if TYPE_CHECKING:
    _Condition = ExpressionWrapper[Q]
else:
    _Condition = ExpressionWrapper


class Written(_Condition):
    """A condition whose values stand in the statement, for `filter`: that of an index with a condition.

    All statements are prepared, with their values as parameters, and once one has a plan for all values
    (`planned_for_its_values`) no parameter is known to meet the condition of an index. Texts and whole
    numbers alone.
    """

    conditional = True

    def __init__(self, condition: Q) -> None:
        super().__init__(condition, output_field=BooleanField())

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        """Without parameters."""
        statement, values = super().as_sql(compiler, connection)
        written = str(statement) % tuple(_literal(value) for value in values)
        return written.replace("%", "%%"), ()


def _literal(value: object) -> str:
    if isinstance(value, int):
        return str(int(value))
    return "'{}'".format(str(value).replace("'", "''"))
