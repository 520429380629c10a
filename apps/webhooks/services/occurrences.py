"""Noting what no log tells, for the endpoints that want to know, in the transaction in which it happens."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.webhooks.models import Occurrence
from apps.webhooks.services import occurrences_sql as sql

#: Days for which an endpoint that is paused is noted what happens.
KEPT = timedelta(days=30)
#: Names in one occurrence; where there are more, several are noted.
TOGETHER = 100
_TIDIED = 10_000


def note_users(*, app_id: int, event: str, user_ids: Sequence[int]) -> None:
    """Note that something happened to the users, whose rows are there still. One statement.

    Adds rows and locks none but those of endpoints, for keys. Nothing is added where no endpoint of the app
    is told of users.
    """
    values: dict[str, int | str | list[int]] = {
        "app": app_id,
        "event": event,
        "users": list(user_ids),
        "together": TOGETHER,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.NOTE_USERS, values)


def note_presence() -> bool:
    """Note who came online and who went offline since the last look. Returns False.

    A connection that comes and goes between two looks is not noted, nor is one that is replaced. Users of a
    gateway that crashed go offline when it counts as gone. Looks of several processes come one by one.
    """
    values = {"presence": settings.IM_PRESENCE_SECONDS, "together": TOGETHER}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.LOCK_ENDPOINTS_TOLD_OF_PRESENCE)
        if cursor.fetchall():
            cursor.execute(sql.NOTE_PRESENCE, values)
    return False


def forget_old() -> bool:
    """Delete what has waited for too long, up to some thousands; whether there was any."""
    old = Occurrence.objects.filter(happened_at__lt=timezone.now() - KEPT)  # tenant-free: all
    with transaction.atomic():
        claimed = old.select_for_update(skip_locked=True).values_list("pk", flat=True)
        deleted, _ = Occurrence.objects.filter(
            pk__in=list(claimed[:_TIDIED])
        ).delete()  # tenant-free
    return deleted > 0
