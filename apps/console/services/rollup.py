"""Rolling the log up into figures: each message counted once, and none read again for them.

The counts and the cursor are changed by one statement, so that whatever is killed, whenever, both are there
or neither.
"""

from django.db import connection, transaction

from apps.console.models import Activity, Change, ChangeKind, Rollup
from apps.console.services import rollup_sql as sql
from apps.core.models import App

#: Messages counted in one step: some 50 ms.
BATCH = 5000
#: Rows deleted in one step of tidying up.
_TIDIED = 10_000


def note(*, app_id: int, kind: ChangeKind, amount: int = 1) -> None:
    """Have users or groups that came or went counted, in the caller's transaction. Adds a row; locks none."""
    Change.objects.create(app_id=app_id, kind=kind, amount=amount)  # tenant-free: the event's


def step() -> bool:
    """Count the next messages and changes of one app that has any; whether there was one.

    Apps that another process is at are left to it.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.BEGIN_ROWS)
    with transaction.atomic():
        app = _claim()
        if app is not None:
            _count(app)
    return app is not None


def count_online() -> bool:
    """Count those who are connected at this moment as active in this hour and on this day. Returns False.

    Three statements for all apps together.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Whoever counts for an app has its row: without this the two could wait for each other's figures.
        cursor.execute(sql.LOCK_APPS_WITH_SOMEBODY_ONLINE, sql.presence())
        if cursor.fetchall():
            cursor.execute(sql.COUNT_ONLINE, sql.presence())
    return False  # there is always somebody: the next look is a minute later


def tidy_up() -> bool:
    """Delete what was kept to count everybody once, and hours that nobody asks for; whether there is more.

    Days are kept for ever.
    """
    with connection.cursor() as cursor:
        deleted = 0
        for statement in (sql.TIDY_ACTIVITIES, sql.TIDY_HOURS):
            cursor.execute(statement, {"rows": _TIDIED})
            deleted += cursor.rowcount
    return deleted > 0


@transaction.atomic
def start_over(*, app: App) -> None:
    """Forget the app's figures; the steps that follow count all that its log still holds."""
    Rollup.objects.get_or_create(app=app)  # tenant-free: the app's
    Rollup.objects.select_for_update().get(app=app)  # tenant-free: the app's
    app.hourly_statistics.all().delete()
    app.daily_statistics.all().delete()
    Activity.objects.filter(app=app).delete()  # tenant-free: the app's
    Rollup.objects.filter(app=app).update(position=0, begun=False)  # tenant-free: the app's


def catch_up(*, app: App) -> int:
    """Count until nothing is left of the app, waiting for whoever else does; the messages counted."""
    counted = 0
    while True:
        with transaction.atomic():
            Rollup.objects.get_or_create(app=app)  # tenant-free: the app's
            Rollup.objects.select_for_update().get(app=app)  # tenant-free: the app's
            found = _count(app)
        counted += found
        if found < BATCH:
            return counted


def _claim() -> App | None:
    with connection.cursor() as cursor:
        cursor.execute(sql.CLAIM)
        row: tuple[int] | None = cursor.fetchone()
    return None if row is None else App.objects.get(pk=row[0])  # tenant-free: this is the tenant


def _count(app: App) -> int:
    """Count what is new, the app's row locked; the messages among it."""
    values: dict[str, int | str] = {"app": app.pk, "zone": app.time_zone, "rows": BATCH}
    with connection.cursor() as cursor:
        cursor.execute(sql.BEGIN, values)
        cursor.execute(sql.COUNT_CHANGES, values)
        cursor.execute(sql.COUNT_MESSAGES, values)
        (found,) = cursor.fetchone()
    return int(found)
