"""`python -m tests.benchmarks.reports`: a report of version 2 over a million messages, page by page.

Prints what each tenth of the walk takes, and compares the first and the last thousand: with more than half as
much again between them it fails.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from typing import Any
from urllib.parse import quote

import django

from tests.benchmarks.__main__ import database, server

PAGE = 1000
TIMES = 15  # that the first and the last page are asked for, in turns
AT_MOST = 1.5

_FILL = """
INSERT INTO messaging_message (app_id, conversation_id, sender_id, sent_at, from_type, from_id, from_name,
    target_type, target_id, target_name, msg_type, body)
SELECT m.app_id, m.conversation_id, m.sender_id,
    TIMESTAMPTZ '2020-01-01 00:00:00+08' + number * INTERVAL '6 days' / %(messages)s,
    m.from_type, m.from_id, m.from_name, m.target_type, m.target_id, m.target_name, m.msg_type,
    jsonb_build_object('text', 'message ' || number)
FROM messaging_message m CROSS JOIN generate_series(0, %(messages)s - 1) AS number
WHERE m.id = %(like)s
"""
_WINDOW = "begin_time=" + quote("2020-01-01 00:00:00") + "&end_time=" + quote("2020-01-07 00:00:00")


def make_world(messages: int) -> str:
    """An app with so many messages in a week; what to authorize its calls by."""
    from django.db import connection

    from apps.accounts.services.users import Registration, register_users
    from apps.core.models import ApiVersion
    from apps.core.services.apps import create_app
    from apps.messaging import bells
    from apps.messaging.drafts import Draft
    from apps.messaging.services.messages import send_message
    from tests.conftest import basic

    made = create_app(name="reports", api_version=ApiVersion.V1, calls_per_minute=0)
    names = ("alice", "bobby")
    people = [Registration(username=name, password="secret", is_admin=True) for name in names]
    register_users(app=made.app, registrations=people)
    draft = Draft(
        target_type="single",
        target_id="bobby",
        from_type="admin",
        from_id="alice",
        msg_type="text",
        body={"text": "the first"},
    )
    like = send_message(app=made.app, draft=draft).msg_id
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"messages": messages, "like": like})
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) messaging_message")
    connection.close()
    bells.get().stop()
    return basic(made.app.app_key, made.master_secret)


def walk(url: str, authorization: str, messages: int) -> tuple[float, float]:
    """Read all pages, and tell how it goes. The medians of the first and of the last page, in seconds."""
    from tests.benchmarks.world import call

    def ask(query: str) -> tuple[float, Any]:
        began = time.perf_counter()
        page = call(url, authorization, "GET", f"/v2/messages?{query}")
        return time.perf_counter() - began, page

    first_query = f"count={PAGE}&{_WINDOW}"
    took, page = ask(first_query)
    seen, spent, query = page["count"], [took], ""
    while "cursor" in page:
        query = f"cursor={page['cursor']}"
        took, page = ask(query)
        spent.append(took)
        seen += page["count"]
        assert page["total"] >= seen, (page["total"], seen)
    assert seen == page["total"] == messages, (seen, page["total"])
    tenth = max(1, len(spent) // 10)
    for start in range(0, len(spent), tenth):
        part = spent[start : start + tenth]
        rate = len(part) * PAGE / sum(part)
        print(f"pages {start + 1:5} to {start + len(part):5}: {rate:8.0f} messages/s")  # noqa: T201
    turns = [(ask(first_query)[0], ask(query)[0]) for _ in range(TIMES)]
    firsts, lasts = zip(*turns, strict=True)
    return statistics.median(firsts), statistics.median(lasts)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=1_000_000)
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imserver.settings.dev")
    with database():
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], check=True)
        django.setup()
        authorization = make_world(arguments.messages)
        with server([]) as ((host, port), _):
            first, last = walk(f"http://{host}:{port}", authorization, arguments.messages)
    ratio = max(first, last) / min(first, last)
    told = f"first {first * 1000:.0f} ms, last {last * 1000:.0f} ms: {ratio:.2f}x"
    print(f"a page of {PAGE}, median of {TIMES}: {told}")  # noqa: T201
    if ratio > AT_MOST:
        sys.exit(f"more than {AT_MOST}x between the first and the last thousand")


if __name__ == "__main__":
    main()
