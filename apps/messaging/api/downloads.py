"""Handing out the bytes of media: all of them or a range, and so that nothing in them can ever run."""

import re
from collections.abc import Iterator
from typing import IO

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.http import require_safe

from apps.core.api.dialects import v1
from apps.core.api.exceptions import refusal
from apps.core.errors import LINK_EXPIRED, MEDIA_GONE, ImError
from apps.messaging.models import Media
from apps.messaging.services import media_storage
from apps.messaging.services.media import follow_link
from apps.messaging.sniffing import OCTETS, SHOWN

CHUNK = 64 * 1024  # bytes
# Whatever the bytes are: they are what we say, run no script, load nothing, and belong to no origin.
_ALWAYS = {
    "Accept-Ranges": "bytes",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",  # pages of the app's own may show it
}
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


@require_safe
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """`GET /media/{token}`: 200, 206 for a range, 304, 416; 410 for an expired link, 404 for none.

    503 while the storage is away.
    """
    link = follow_link(token)
    if link is None:
        raise Http404
    if link.seconds_left < 0:
        return refusal(ImError(LINK_EXPIRED), v1)
    if link.media is None:
        return refusal(ImError(MEDIA_GONE), v1)
    try:
        response = _answer(request, link.media)
    except ImError as away:
        return refusal(away, v1)
    response["ETag"] = _etag(link.media)
    response["Cache-Control"] = f"private, max-age={link.seconds_left}, immutable"
    for name, value in _ALWAYS.items():
        response[name] = value
    return response


def _answer(request: HttpRequest, media: Media) -> HttpResponseBase:
    if _has_it(request, media):
        return HttpResponse(status=304)
    asked = _range_of(request, media)
    if asked is not None and not asked:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{media.size}"})
    part = range(media.size) if asked is None else asked
    response = _bytes(request, media, part)
    is_shown = media.content_type in SHOWN
    response.headers["Content-Type"] = media.content_type if is_shown else OCTETS
    response.headers["Content-Length"] = str(len(part))
    disposition = content_disposition_header(not is_shown, media.file_name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    if asked is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{media.size}"
    return response


def _bytes(request: HttpRequest, media: Media, part: range) -> HttpResponseBase:
    """The body: read from the storage as it is sent. HEAD has none."""
    if request.method == "HEAD":
        return HttpResponse()
    try:
        file = media_storage.opened(media.stored_as, part.start)
    except FileNotFoundError:
        raise Http404 from None
    response = StreamingHttpResponse(_chunks(file, len(part)))
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]  # as FileResponse does
    return response


def _chunks(file: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := file.read(min(CHUNK, length))):
        length -= len(chunk)
        yield chunk


def _etag(media: Media) -> str:
    return f'"{media.sha256}"'


def _has_it(request: HttpRequest, media: Media) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return known == ["*"] or _etag(media) in [etag.removeprefix("W/") for etag in known]


def _range_of(request: HttpRequest, media: Media) -> range | None:
    """The range asked for, empty where there is no such; None for all of it.

    What is no range of bytes, or is several, or of an earlier version, is passed over: so HTTP has it.
    """
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    version = request.headers.get("If-Range", _etag(media))
    if asked is None or version.strip() != _etag(media) or asked[0] == "bytes=-":
        return None
    first, last = asked.groups()
    if not first:
        return range(max(0, media.size - int(last)), media.size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, media.size) if last else media.size)
