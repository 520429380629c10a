"""Removing uploads: those that nothing refers to, by and by, in pieces; and one that an operator removes.

An app is gone through from its beginning to its end, again and again. What users, groups and messages name is
marked with the time; after that, what was uploaded long ago and has no mark of this round is removed. Every
piece is a range of an index and takes a moment, whatever the size of the app.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.core.models import App
from apps.messaging.models import Media, MediaPurge
from apps.messaging.services import media_storage
from apps.messaging.services.media import lock_bytes

READ_AT_ONCE = 2000
"""Rows whose texts are looked through in one piece."""

REMOVED_AT_ONCE = 100
"""Uploads that are looked at, and removed, in one piece: a bucket takes some time for each."""

_ALONE = 0x6D656469  # the advisory lock of whoever purges by and by: "medi"

# Every text in a JSON column that may be an id, wherever it stands.
_TEXTS = 'strict $.** ? (@.type() == "string" && @ starts with "qiniu/")'
_READ = """
WITH read AS MATERIALIZED (
    SELECT * FROM {table} WHERE app_id = %(app)s AND id > %(after)s ORDER BY id LIMIT %(rows)s
), named AS (
    {named}
)
SELECT (SELECT max(id) FROM read), (SELECT count(*) FROM read), (SELECT array_agg(media_id) FROM named)
"""
_MARK = """
UPDATE messaging_media SET named_at = clock_timestamp()
WHERE app_id = %(app)s AND media_id = ANY(%(named)s) AND (named_at IS NULL OR named_at < %(since)s)
"""


def _ids_in(column: str) -> str:
    return (
        f"SELECT jsonb_path_query({column}, '{_TEXTS}') #>> '{{}}' AS media_id FROM read "  # noqa: S608
        f"WHERE {column}::text LIKE '%%qiniu/%%'"
    )


_AVATARS = "SELECT avatar AS media_id FROM read WHERE avatar <> ''"
_USERS = _READ.format(table="accounts_user", named=f"{_AVATARS} UNION {_ids_in('extras')}")
_GROUPS = _READ.format(table="groups_group", named=_AVATARS)
# What was retracted refers to nothing any more.
_MESSAGES = _READ.format(
    table="messaging_message", named=f"{_ids_in('body')} AND retracted_at IS NULL"
)
# Messages come last: what was sent in the meantime is read once more before anything is removed.
_SOURCES = (_USERS, _GROUPS, _MESSAGES)


@dataclass(frozen=True)
class Purged:
    """An upload that was removed, or would be."""

    media_id: str
    size: int  # bytes that this made free: 0 where another row has the same


@dataclass(frozen=True)
class Place:
    """How far a round through an app has come: `after` is the last row of the phase that is behind.

    There is a phase for each source of names, and one that removes. `read_up_to` is the message up to which
    the log was read.
    """

    began_at: datetime  # by the database's clock
    phase: int = 0
    after: int = 0
    read_up_to: int = 0


def purge_media(*, app: App, seen_before: datetime, dry_run: bool = False) -> Iterator[Purged]:
    """Remove what was last uploaded before that time and is in no message, profile or group; tell of each.

    One round through the app, in pieces, each a transaction: it can be stopped at any time. With `dry_run`
    nothing is removed. What is sent for the first time at the moment of its removal, that long after its
    upload, loses its bytes.
    """
    place: Place | None = Place(began_at=_now())
    while place is not None:
        with transaction.atomic():
            place, purged = _advance(app, place, seen_before, dry_run)
        yield from purged


def purge_by_and_by() -> bool:
    """Do one piece of a round through one app; whether there was any. A chore's step.

    Rounds begin `settings.IM_MEDIA_PURGE_HOURS` after the last one of the app, for apps that have uploads of
    `settings.IM_MEDIA_UNUSED_DAYS` ago; never, where that is 0. One process does it at a time: others find
    nothing to do.
    """
    days: int = settings.IM_MEDIA_UNUSED_DAYS
    if not days:
        return False
    seen_before = timezone.now() - timedelta(days=days)
    with transaction.atomic():
        purge = _claim(seen_before) if _is_alone() else None
        if purge is None:
            return False
        place = Place(purge.began_at, purge.phase, purge.position, purge.read_up_to)
        after, _purged = _advance(purge.app, place, seen_before, dry_run=False)
        if after is None:
            purge.ended_at = timezone.now()
        else:
            purge.phase, purge.position = after.phase, after.after
            purge.read_up_to = after.read_up_to
        purge.save(force_update=True)
    return True


def _is_alone() -> bool:
    """Until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s::bigint)", [_ALONE])
        (alone,) = cursor.fetchone()
    return bool(alone)


def _claim(seen_before: datetime) -> MediaPurge | None:
    """The round under way, or one that is to begin now."""
    rounds = MediaPurge.objects.of_apps_that_stay()  # tenant-free: a chore is for all apps
    under_way = rounds.under_way().first()
    if under_way is not None:
        return under_way
    due = timezone.now() - timedelta(hours=settings.IM_MEDIA_PURGE_HOURS)
    app = Media.objects.apps_to_purge(seen_before=seen_before, due=due).first()  # tenant-free
    if app is None:
        return None
    begun = MediaPurge(app=app, began_at=_now())
    begun.save()  # in place of the last one
    return begun


def _now() -> datetime:
    """By the clock that marks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _advance(
    app: App, place: Place, seen_before: datetime, dry_run: bool
) -> tuple[Place | None, list[Purged]]:
    """One piece: where the next one begins, None behind the end; and what was removed."""
    if place.phase < len(_SOURCES):
        last, whole = _mark(app, _SOURCES[place.phase], place.after, place.began_at)
        place = replace(place, after=last)
        if whole:
            return place, []
        return replace(place, phase=place.phase + 1, after=0, read_up_to=last), []
    place = _catch_up(app, place)
    found = list(app.media.filter(pk__gt=place.after).order_by("pk")[:REMOVED_AT_ONCE])
    purged = []
    for media in found:
        if media.seen_at < seen_before and not media.is_named_since(place.began_at):
            removed = _shared(media) if dry_run else _remove_unnamed(media, place, seen_before)
            if removed is not None:
                purged.append(Purged(media.media_id, 0 if removed else media.size))
    if len(found) < REMOVED_AT_ONCE:
        return None, purged
    return replace(place, after=found[-1].pk), purged


def _catch_up(app: App, place: Place) -> Place:
    """Read what was said since the log was read."""
    whole = True
    while whole:
        last, whole = _mark(app, _MESSAGES, place.read_up_to, place.began_at)
        place = replace(place, read_up_to=last)
    return place


def _mark(app: App, source: str, after: int, since: datetime) -> tuple[int, bool]:
    """Mark what the next rows name; the number of the last one, and whether there may be more."""
    with connection.cursor() as cursor:
        cursor.execute(source, {"app": app.pk, "after": after, "rows": READ_AT_ONCE})
        last, count, named = cursor.fetchone()
        if named:
            cursor.execute(_MARK, {"app": app.pk, "named": list(set(named)), "since": since})
    return last or after, count == READ_AT_ONCE


def _shared(media: Media) -> bool:
    """Whether the app has another row with these bytes."""
    return media.app.media.filter(digest=media.digest).exclude(pk=media.pk).exists()


def remove_media(*, app: App, media: Media) -> None:
    """Remove one upload of the app, whoever refers to it: links to it answer 404 from then on."""
    with transaction.atomic():
        lock_bytes(app.pk, media.sha256)
        if app.media.filter(pk=media.pk).delete()[0]:
            _forget_bytes(media)


def remove_some(*, app: App) -> int:
    """Remove some uploads of an app that is being deleted, with their bytes; how many."""
    found = list(app.media.order_by("pk")[:REMOVED_AT_ONCE])
    for media in found:
        remove_media(app=app, media=media)
    return len(found)


def _remove_unnamed(media: Media, place: Place, seen_before: datetime) -> bool | None:
    """Remove a row, and its bytes unless another has them: whether one has. None if it was used again."""
    with transaction.atomic():
        lock_bytes(media.app_id, media.sha256)
        same = media.app.media.filter(pk=media.pk)
        if not same.unnamed(seen_before=seen_before, since=place.began_at).delete()[0]:
            return None
        return _forget_bytes(media)


def _forget_bytes(media: Media) -> bool:
    """Remove the bytes of a row that is gone, unless another has them: whether one has.

    Before the commit: bytes without a row would stay for ever, a row without bytes goes the next time.
    """
    shared = _shared(media)
    if not shared:
        media_storage.remove(media.stored_as)
    return shared
