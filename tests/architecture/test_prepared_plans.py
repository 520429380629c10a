"""What an index with a condition is for is found by it, however often the statement was prepared.

A prepared statement may get a plan for all values. No parameter is known to meet a condition then, so the
condition has to stand in the statement. Each such index is listed here with the statements that live on it;
what the console alone asks for is planned for its values (`planned_for_its_values`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from psycopg import sql

from apps.accounts.models import User
from apps.core.database import Written
from apps.core.models import Job
from apps.core.services import jobs
from apps.messaging import inbox, log, sync
from apps.messaging.models import Conversation, Message
from apps.messaging.services import retention
from apps.webhooks.models import Delivery, DeliveryState
from apps.webhooks.services import deliveries

NOW = timezone.now()
Asked = QuerySet[Any] | tuple[str, dict[str, Any]]

USED: dict[str, list[Asked]] = {
    "accounts_user_keyed_md5": [User.objects.with_keyed_md5()[:50]],
    "core_job_unfinished": [
        Job.objects.unfinished().order_by("touched_at"),
        (jobs._CLAIM, {"claim": "0" * 32, "lease": 60}),
    ],
    "messaging_conversation_notices": [Conversation.objects.of_notices().filter(user_low__in=[7, 8])],
    "messaging_conversation_pair_in_app": [
        Conversation.objects.singles().filter(user_low=7, user_high=8),
        (log.TO_USER, {}),
    ],
    "messaging_message_report": [
        Message.objects.said().filter(app=7, sent_at__gte=NOW).in_report_order()[:100],
        Message.objects.said().filter(app=7, sent_at__lt=NOW).order_by("-sent_at", "-pk")[:1],
        (retention._DELETE_SAID, {"before": NOW, "rows": 100}),
    ],
    "messaging_message_event": [
        (sync._NEXT, {"user": 7, "position": 7, "since": 7, "rows": 100}),
        (inbox._LIST, {"user": 7, "before": None, "rows": 100}),
    ],
    "webhooks_delivery_again": [Delivery.objects.filter(endpoint=7).in_state(DeliveryState.AGAIN).order_by()],
    "webhooks_delivery_one_under_way": [
        Delivery.objects.filter(endpoint=7).in_state(DeliveryState.PENDING).order_by(),
        (deliveries._CLAIM, {"but": [1], "most": 10}),
    ],
}  # fmt: skip
RULES_ALONE = {"groups_one_owner"}
"""Which nothing is looked up by."""
OF_THE_CONSOLE = {"messaging_message_kind", "webhooks_delivery_parked"}

TYPES = {int: "bigint", datetime: "timestamptz", list: "bigint[]"}
_WITH_VALUES = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND pg_get_expr(i.indpred, i.indrelid) ~ '[=~<>]'
"""
_RIVALS = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = (SELECT indrelid FROM pg_index WHERE indexrelid = %(name)s::regclass)
    AND i.indexrelid <> %(name)s::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
"""
CASES = [
    pytest.param(name, asked, id=f"{name}-{place}")
    for name, all_asked in USED.items()
    for place, asked in enumerate(all_asked)
]


def numbered(statement: str, values: Any) -> tuple[str, list[Any]]:
    """As PostgreSQL has it: `$1` in place of each value."""
    if isinstance(values, dict):
        names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
        for place, name in enumerate(names, 1):
            statement = statement.replace(f"%({name})s", f"${place}")
        return statement.replace("%%", "%"), [values.get(name) for name in names]
    places = iter(range(1, len(values) + 1))
    statement = re.sub(r"(?<!%)%s", lambda _: f"${next(places)}", statement)
    return statement.replace("%%", "%"), list(values)


def drop_rivals(name: str) -> None:
    """The table's other indexes, for this transaction: which is cheaper depends on what was in the table."""
    with connection.cursor() as cursor:
        cursor.execute(_RIVALS, {"name": name})
        for (rival,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(rival)))


def plan_of(asked: Asked, mode: str = "force_generic_plan") -> str:
    """The plan of a prepared statement, for all values or for those it comes with."""
    if isinstance(asked, QuerySet):
        statement, values = numbered(*asked.query.sql_with_params())
    else:
        statement, values = numbered(*asked)
    given = sql.SQL(", ").join(map(sql.Literal, values))
    types = ", ".join(TYPES.get(type(value), "unknown") for value in values)
    with transaction.atomic(), connection.cursor() as cursor:
        raw = cursor.connection
        for setting in ("enable_seqscan = off", f"plan_cache_mode = {mode}"):
            cursor.execute(f"SET LOCAL {setting}")
        raw.execute(
            f"PREPARE looked_at {f'({types})' if values else ''} AS {statement}".encode(),
            prepare=False,
        )
        execute = sql.SQL("({})").format(given) if values else sql.SQL("")
        explain = sql.SQL("EXPLAIN EXECUTE looked_at ") + execute
        lines = raw.execute(explain, prepare=False).fetchall()
        raw.execute(b"DEALLOCATE looked_at", prepare=False)
    return "\n".join(line for (line,) in lines)


def test_every_index_with_values_in_its_condition_is_listed(db):
    with connection.cursor() as cursor:
        cursor.execute(_WITH_VALUES)
        found = {name for (name,) in cursor.fetchall()}

    assert found == {*USED, *RULES_ALONE, *OF_THE_CONSOLE}


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize(("name", "asked"), CASES)
def test_the_index_is_used_before_and_after_there_is_a_plan_for_all_values(db, name, asked, mode):
    drop_rivals(name)

    assert re.search(rf"\b{name}\b", plan_of(asked, mode))


def test_a_condition_given_as_a_parameter_would_lose_it(db):
    lost = User.objects.filter(password_hash__startswith="keyed_md5$").order_by("pk")

    assert "accounts_user_keyed_md5" not in plan_of(lost)


def test_a_written_condition_finds_what_the_condition_finds(app, alice, bobby):
    odd = "it's 100% \\odd"
    app.users.filter(pk=alice.pk).update(nickname=odd)

    assert list(app.users.filter(Written(Q(nickname=odd)))) == [alice]
    assert list(app.users.filter(Written(Q(nickname__startswith="it's 100%")))) == [alice]
    assert list(app.users.filter(Written(~Q(nickname=odd)))) == [bobby]
    assert list(app.users.filter(Written(Q(star=0)), username="bobby")) == [bobby]
