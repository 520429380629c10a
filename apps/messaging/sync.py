"""Reading an app's log on behalf of one user: the one read behind every way of following it."""

import time
from dataclasses import dataclass

from django.conf import settings
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
# length of the log. Stretches that ended before the position cost none. What only those present are told
# begins at `since`: of a chatroom everything, elsewhere messages with `no_offline`. Pairs are compared since
# only that index has their order: by the key of the table, the planner would pass over everybody else's rows.
_STRETCH = """
    SELECT * FROM messaging_message
    WHERE {which} AND (conversation_id, id) > (p.conversation_id, GREATEST(
            p.starts_after, CASE WHEN p.live_only THEN %(since)s ELSE %(position)s END::bigint
        ))
        AND (conversation_id, id) <= (p.conversation_id, COALESCE(p.ends_at, 9223372036854775807))
        AND (id > %(since)s OR options -> 'no_offline' IS NULL)
    ORDER BY conversation_id, id LIMIT %(rows)s
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
class Place:
    """How far a reader has come in the log, and since which row they have been there to follow it.

    `since` is never before `position`. What is owed follows the one, what only those present are told the
    other.
    """

    position: int
    since: int

    @classmethod
    def at(cls, position: int) -> "Place":
        """That of a reader who has come that far, and is there from then on."""
        return cls(position, position)

    def after(self, msg_id: int) -> "Place":
        """The place once they have come to that row."""
        return Place(msg_id, max(self.since, msg_id))


@dataclass(frozen=True)
class Page:
    """What follows a cursor: messages in the order of their ids, and the cursor after them."""

    messages: list[Message]
    cursor: str
    place: Place  # what the cursor stands for
    has_more: bool


def read_since(*, app: App, user: User, cursor: str | None, limit: int) -> Page:
    """Up to `limit` rows that the user may read, after the cursor; from their oldest without one.

    Never skips and never repeats: ids become visible in their own order within an app. One query; a second,
    cheap one when nothing follows, and one for who comes from further away than IM_ABSENCE_SECONDS.

    Raises CURSOR_UNKNOWN for what is no cursor of this app, and CURSOR_OUTLIVED for one from before a
    backup was restored: the client then reads again without one.
    """
    place = place_of(app, cursor)
    return read_after(app=app, user_id=user.pk, place=place, limit=limit)


def read_after(*, app: App, user_id: int, place: Place, limit: int) -> Page:
    """As `read_since`, from a place that is known to be good. Raises CURSOR_OUTLIVED."""
    values = {
        "user": user_id,
        "position": place.position,
        "since": place.since,
        "rows": limit + 1,
    }
    found = list(Message.objects.raw(_NEXT, values))  # tenant-free: the user is the tenant's
    if not found and place.since > last_id():
        raise ImError(CURSOR_OUTLIVED)
    messages = found[:limit]
    if messages:
        place = place.after(messages[-1].pk)
    if len(found) <= limit:
        # Whatever of it was owed up to `since` has been read, since that was in the log before.
        place = Place.at(place.since)
    return Page(messages, cursor_at(app, place), place, has_more=len(found) > limit)


def cursor_at(app: App, place: Place) -> str:
    """The cursor after that place, as of now."""
    return seal(_purpose(app), [app.log_epoch, place.position, place.since, int(time.time())])


def place_of(app: App, cursor: str | None) -> Place:
    """Where to read on from a cursor; from the oldest row without one, from the end of the log for `now`.

    Who comes back within IM_ABSENCE_SECONDS of getting the cursor counts as having been there meanwhile. Any
    other is there from now on: one query. Raises CURSOR_UNKNOWN, CURSOR_OUTLIVED.
    """
    if cursor is None:
        return Place(0, app.messages.end())
    if cursor == NOW:
        return Place.at(app.messages.end())
    fields = unseal(_purpose(app), cursor, tuple[int, int, int, int])
    if fields is None:
        raise ImError(CURSOR_UNKNOWN)
    epoch, position, since, given_at = fields
    if epoch != app.log_epoch:
        raise ImError(CURSOR_OUTLIVED)
    if time.time() - given_at > settings.IM_ABSENCE_SECONDS:
        since = max(since, app.messages.end())
    return Place(position, since)


def _purpose(app: App) -> str:
    return f"sync {app.pk}"


def last_id() -> int:
    """The highest id ever assigned, to any app: a cursor beyond it comes from a log that is no more."""
    with connection.cursor() as own:
        own.execute("SELECT last_value FROM messaging_message_id_seq")
        (last,) = own.fetchone()
    return int(last)
