"""Storing what is uploaded, once; finding it again; links to it that expire."""

import hashlib
import secrets
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.core import seals
from apps.core.errors import PARAMETER_INVALID, UPLOADING_TOO_FAST, ImError
from apps.core.models import App
from apps.core.pace import Pace
from apps.messaging.models import Media, MediaKind, stored_name
from apps.messaging.services.media_storage import put
from apps.messaging.sniffing import sniff

_LINK = "media link"
_LINK_STEPS = 4  # in the life of a link: one that is asked for again within a step is the same
_pace = Pace()
_CHUNK = 64 * 1024  # bytes
_NAME_MOST = 255  # characters


@dataclass(frozen=True)
class Upload:
    """A file that has been received, with what was found out of it on the way."""

    file: IO[bytes]
    name: str  # without folders
    size: int  # bytes
    sha256: str  # hexadecimal digits
    crc32: int


def as_upload(file: IO[bytes], name: str) -> Upload:
    """A file that is on this machine already, read once; the API finds out as much while it receives one.

    Raises PARAMETER_INVALID for one of more than `settings.IM_MEDIA_MAX_BYTES`.
    """
    sha256, crc32, size = hashlib.sha256(), 0, 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > settings.IM_MEDIA_MAX_BYTES:
            raise too_long()
        sha256.update(chunk)
        crc32 = zlib.crc32(chunk, crc32)
    return Upload(file, kept_name(name), size, sha256.hexdigest(), crc32)


def kept_name(name: str) -> str:
    """What is kept of a file's name: its last 255 characters, with its ending."""
    return name[-_NAME_MOST:]


def too_long() -> ImError:
    """What is said of a file beyond the limit."""
    return ImError(PARAMETER_INVALID, f"file: must be at most {settings.IM_MEDIA_MAX_BYTES} bytes")


def store_media(*, app: App, kind: str, upload: Upload, uploader: str = "") -> Media:
    """Keep the file as media of that kind (`MediaKind`). Bytes that the app has are not stored again.

    The same bytes as the same kind are the row they were before, with the uploader it had, now last uploaded
    at this time. Raises PARAMETER_INVALID for an empty file, and for bytes that are not of the kind
    (`sniffing.sniff`), BUSY while the storage is full or away. Holds a lock of these bytes of the app's while
    they are written to `STORAGES["media"]`.
    """
    if not upload.size:
        raise ImError(PARAMETER_INVALID, "file: is empty")
    found = sniff(upload.file, kind)
    digest = bytes.fromhex(upload.sha256)
    with transaction.atomic():
        lock_bytes(app.pk, upload.sha256)
        put(stored_name(app.pk, upload.sha256), upload.file, upload.size)
        # Read again and not answered by the update: an earlier row is the rare case.
        if app.media.filter(digest=digest, kind=kind).update(seen_at=Now()):
            return app.media.get(digest=digest, kind=kind)
        return app.media.create(
            media_id=_new_media_id(kind),
            kind=kind,
            uploader=uploader,
            digest=digest,
            crc32=upload.crc32,
            size=upload.size,
            file_name=upload.name,
            content_type=found.content_type,
            format=found.format,
            width=found.width,
            height=found.height,
        )


def store_as_client(*, app: App, username: str, kind: str, upload: Upload) -> Media:
    """As `store_media`, within `settings.IM_CLIENT_UPLOADS_PER_MINUTE` of the user (UPLOADING_TOO_FAST).

    Counted by each process for itself: it is there to stop a runaway, not to be exact.
    """
    if not _pace.take((app.pk, username), settings.IM_CLIENT_UPLOADS_PER_MINUTE):
        raise ImError(UPLOADING_TOO_FAST)
    return store_media(app=app, kind=kind, upload=upload, uploader=username)


def body_of(media: Media, name: str) -> Mapping[str, Any]:
    """What a message that sends it says of it, but for a voice's duration. `name` is that of this upload."""
    told: dict[str, Any] = {"media_id": media.media_id, "media_crc32": media.crc32}
    match media.kind:
        case MediaKind.IMAGE:
            told |= {"width": media.width, "height": media.height, "format": media.format}
        case MediaKind.VOICE:
            told |= {"format": media.format}
        case _:
            told |= {"fname": name}
    return {**told, "fsize": media.size, "hash": media.sha256}


def find_media(*, app: App, media_id: str, name: str) -> Media:
    """The media of that id: the app's, or that of an app which either may operate on the other.

    Their users send each other what they have uploaded. PARAMETER_INVALID names the parameter it came by.
    """
    found = app.media.by_media_id(media_id)
    if found is None:
        others = [
            *app.cross_grants.values_list("target", flat=True),
            *app.cross_grants_received.values_list("app", flat=True),
        ]
        partners = Media.objects.filter(app__in=others)  # tenant-free: those that it works with
        found = partners.by_media_id(media_id)
    if found is None:
        raise ImError(PARAMETER_INVALID, f"{name}: there is no such media")
    return found


def link_token(media: Media) -> str:
    """What a link to the bytes ends in. It is good for at most `settings.IM_MEDIA_LINK_SECONDS`.

    And for three quarters of that at least. Within the quarter it is the same token, so that whoever has
    fetched the bytes by it need not fetch them again.
    """
    lasts: int = settings.IM_MEDIA_LINK_SECONDS
    step = max(1, lasts // _LINK_STEPS)
    ends_at = (int(time.time()) // step) * step + lasts
    return seals.seal(_LINK, [media.pk, ends_at])


@dataclass(frozen=True)
class Link:
    """What a token leads to: None where that was removed."""

    media: Media | None
    seconds_left: int  # negative where it has expired


def follow_link(token: str) -> Link | None:
    """What a token of `link_token` leads to; None for any other."""
    fields = seals.unseal(_LINK, token, tuple[int, int])
    if fields is None:
        return None
    pk, ends_at = fields
    # tenant-free: the token was made by one for its own
    media = Media.objects.filter(pk=pk).first()  # tenant-free
    return Link(media, ends_at - int(time.time()))


def lock_bytes(app_id: int, sha256: str) -> None:
    """Until the end of the transaction nobody else stores or removes these bytes of the app's."""
    named = hashlib.sha256(f"media {app_id} {sha256}".encode()).digest()
    number = int.from_bytes(named[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [number])


def _new_media_id(kind: str) -> str:
    """The final API's form; only characters that a client need not encode in a query."""
    return f"qiniu/{kind}/j/{secrets.token_hex(16).upper()}"
