"""Removing uploads that nothing refers to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.core.models import App
from apps.messaging.models import Media
from apps.messaging.services.media import lock_bytes, storage

_CHUNK = 500  # rows held at once


@dataclass(frozen=True)
class Purged:
    """An upload that was removed, or would be."""

    media_id: str
    size: int  # bytes that this made free: 0 where another row has the same


def purge_media(*, app: App, seen_before: datetime, dry_run: bool = False) -> Iterator[Purged]:
    """Remove what was last uploaded before that time and is in no message, profile or group; tell of each.

    Retracted messages refer to nothing any more. Every row is its own transaction, so it can be stopped at
    any time. With `dry_run` nothing is removed. Reads the app's messages once; memory is bounded. What is
    sent for the first time while this runs, that long after its upload, may lose its bytes.
    """
    unused = app.media.unreferenced(seen_before=seen_before)
    for media in unused.iterator(chunk_size=_CHUNK):
        removed = _shared(media) if dry_run else _remove(media, seen_before)
        if removed is not None:
            yield Purged(media.media_id, 0 if removed else media.size)


def _shared(media: Media) -> bool:
    """Whether the app has another row with these bytes."""
    return media.app.media.filter(digest=media.digest).exclude(pk=media.pk).exists()


@transaction.atomic
def _remove(media: Media, seen_before: datetime) -> bool | None:
    """Remove a row, and its bytes unless another has them: whether one has. None if it was used again."""
    lock_bytes(media.app_id, media.sha256)
    removed, _ = media.app.media.filter(pk=media.pk, seen_at__lt=seen_before).delete()
    if not removed:
        return None
    shared = _shared(media)
    if not shared:
        storage().delete(media.stored_as)
    return shared
