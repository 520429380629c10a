"""Retention: messages are deleted once they are older than the server keeps them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.messaging.models import EVENT

#: Rows deleted by one statement: some 50 ms.
BATCH = 2000

# By the index of reports, the oldest of each app first.
_DELETE_SAID = f"""
DELETE FROM messaging_message WHERE id IN (
    SELECT old.id FROM core_app a CROSS JOIN LATERAL (
        SELECT id FROM messaging_message
        WHERE app_id = a.id AND msg_type <> '{EVENT}' AND sent_at < %(before)s
        ORDER BY sent_at, id LIMIT %(rows)s FOR UPDATE SKIP LOCKED
    ) AS old LIMIT %(rows)s
)
"""  # noqa: S608 a constant of ours
# Events are in no index by time. They are found at the beginning of each log, which what was said has left.
_DELETE_EVENTS = f"""
DELETE FROM messaging_message WHERE id IN (
    SELECT first.id FROM core_app a CROSS JOIN LATERAL (
        SELECT id, msg_type, sent_at FROM messaging_message
        WHERE app_id = a.id ORDER BY id LIMIT %(rows)s
    ) AS first
    WHERE first.msg_type = '{EVENT}' AND first.sent_at < %(before)s LIMIT %(rows)s
)
"""  # noqa: S608 likewise


def horizon() -> datetime | None:
    """What was sent before then is to go; None: all is kept."""
    days: int = settings.IM_HISTORY_DAYS
    return timezone.now() - timedelta(days=days) if days else None


def purge_expired() -> int:
    """Delete messages of more than IM_HISTORY_DAYS ago, up to some thousands of all apps; how many.

    In two statements, each committed by itself: killed in between, nothing is lost but what was to go.
    Cursors and read positions are numbers and stay good. Figures that were counted stay.
    """
    before = horizon()
    if before is None:
        return 0
    deleted = 0
    for statement in (_DELETE_SAID, _DELETE_EVENTS):
        with connection.cursor() as cursor:
            cursor.execute(statement, {"before": before, "rows": BATCH})
            deleted += cursor.rowcount
    return deleted
