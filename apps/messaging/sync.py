"""Reading an app's log on behalf of one user: the one read behind every way of following it."""

from dataclasses import dataclass

from django.db import connection

from apps.accounts.models import User
from apps.core.errors import CURSOR_OUTLIVED, CURSOR_UNKNOWN, ImError
from apps.core.models import App
from apps.core.seals import seal, unseal
from apps.messaging.models import EVENT, Message

NOW = "now"
"""In place of a cursor: the end of the log, leaving out what was before."""

# From each of the user's stretches the next few rows, by the index on (conversation, id), or by that of the
# events where the stretch is shielded; then the first of all. Cost: one index probe a stretch, whatever the
# length of the log. Stretches that ended before the position cost none.
_STRETCH = """
    SELECT * FROM messaging_message
    WHERE {which} AND conversation_id = p.conversation_id
        AND id > GREATEST(p.starts_after, %(position)s)
        AND id <= COALESCE(p.ends_at, 9223372036854775807)
    ORDER BY id LIMIT %(rows)s
"""
_NEXT = f"""
SELECT m.* FROM messaging_participant p CROSS JOIN LATERAL (
    ({_STRETCH.format(which="NOT p.shielded")})
    UNION ALL
    ({_STRETCH.format(which=f"p.shielded AND msg_type = '{EVENT}'")})
) AS m
WHERE p.user_id = %(user)s AND (p.ends_at IS NULL OR p.ends_at > %(position)s)
ORDER BY m.id LIMIT %(rows)s
"""  # noqa: S608 put together from constants


@dataclass(frozen=True)
class Page:
    """What follows a cursor: messages in the order of their ids, and the cursor after them."""

    messages: list[Message]
    cursor: str
    position: int  # what the cursor stands for
    has_more: bool


def read_since(*, app: App, user: User, cursor: str | None, limit: int) -> Page:
    """Up to `limit` rows that the user may read, after the cursor; from their oldest without one.

    Never skips and never repeats: ids become visible in their own order within an app. One query, and a
    second, cheap one when nothing follows.

    Raises CURSOR_UNKNOWN for what is no cursor of this app, and CURSOR_OUTLIVED for one from before a
    backup was restored: the client then reads again without one.
    """
    position = 0 if cursor is None else position_of(app, cursor)
    return read_after(app=app, user_id=user.pk, position=position, limit=limit)


def read_after(*, app: App, user_id: int, position: int, limit: int) -> Page:
    """As `read_since`, from a position that is known to be good. Raises CURSOR_OUTLIVED."""
    values = {"user": user_id, "position": position, "rows": limit + 1}
    found = list(Message.objects.raw(_NEXT, values))  # tenant-free: the user is the tenant's
    if not found and position > last_id():
        raise ImError(CURSOR_OUTLIVED)
    messages = found[:limit]
    if messages:
        position = messages[-1].pk
    return Page(messages, cursor_at(app, position), position, has_more=len(found) > limit)


def cursor_at(app: App, position: int) -> str:
    """The cursor after the message of that id."""
    return seal(_purpose(app), [app.log_epoch, position])


def position_of(app: App, cursor: str) -> int:
    """The id the cursor stands after. Raises CURSOR_UNKNOWN, CURSOR_OUTLIVED."""
    fields = unseal(_purpose(app), cursor, tuple[int, int])
    if fields is None:
        raise ImError(CURSOR_UNKNOWN)
    epoch, position = fields
    if epoch != app.log_epoch:
        raise ImError(CURSOR_OUTLIVED)
    return position


def _purpose(app: App) -> str:
    return f"sync {app.pk}"


def last_id() -> int:
    """The highest id ever assigned, to any app: a cursor beyond it comes from a log that is no more."""
    with connection.cursor() as own:
        own.execute("SELECT last_value FROM messaging_message_id_seq")
        (last,) = own.fetchone()
    return int(last)
