"""Receiving a file: hashed and written to a temporary file as it comes, never held whole in memory."""

import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.request import UnreadablePostError

from apps.core.errors import PARAMETER_INVALID, ImError
from apps.messaging.services.media import Upload, kept_name, too_long

#: Bytes beyond the limit that are let pass: a known client adds a line end of its own to the file.
SLACK = 2
_AROUND = 64 * 1024  # bytes that a body may have around its file


@contextmanager
def received(request: HttpRequest) -> Iterator[Upload]:
    """The first file of a multipart body, whatever its part is called; gone from the disk afterwards.

    Reading stops where a file turns out to be too long. Raises PARAMETER_INVALID for a body that is not
    multipart or cut off, without a file, or with one of more than `settings.IM_MEDIA_MAX_BYTES`.
    """
    handler = _Receiver(request)
    try:
        _parse(request, handler)
        yield handler.upload()
    finally:
        handler.close()


def _parse(request: HttpRequest, handler: "_Receiver") -> None:
    if not request.META.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data"):
        _refuse("Content-Type: must be multipart/form-data")
    told = request.META.get("CONTENT_LENGTH") or "0"
    if told.isdigit() and int(told) > settings.IM_MEDIA_MAX_BYTES + _AROUND:
        raise too_long()  # before any of it is read
    try:
        MultiPartParser(request.META, request, [handler], "utf-8").parse()
    except MultiPartParserError as error:
        _refuse(f"body: {error}")
    except UnreadablePostError:
        _refuse("body: was cut off")
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        _refuse("body: has too much beside the file")
    except SuspiciousOperation as error:
        _refuse(f"body: {error}")


class _Receiver(FileUploadHandler):
    """Takes the first file, and passes over all others."""

    chunk_size = 64 * 1024
    file: Any = None
    _size = 0
    _crc32 = 0
    _too_long = False
    _complete = False
    _passes_over = False

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._sha256 = hashlib.sha256()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A part with a file name begins."""
        if self.file is not None:
            self._passes_over = True  # SkipFile would have the first one closed
            return
        super().new_file(*args, **kwargs)
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 closed by `received`

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Some more of it."""
        if self._passes_over:
            return
        self._size += len(raw_data)
        if self._size > settings.IM_MEDIA_MAX_BYTES + SLACK:
            self._too_long = True
            raise StopUpload(connection_reset=True)  # the rest is not read
        self._sha256.update(raw_data)
        self._crc32 = zlib.crc32(raw_data, self._crc32)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        """The next part begins, or the body ends as it should."""
        self._complete = True

    def upload(self) -> Upload:
        """What was received."""
        if self._too_long:
            raise too_long()
        if self.file is None:
            _refuse("file: is required")
        if not self._complete:
            _refuse("body: was cut off")
        name = kept_name(str(self.file_name))
        return Upload(self.file, name, self._size, self._sha256.hexdigest(), self._crc32)

    def close(self) -> None:
        """Nothing is left of it."""
        if self.file is not None:
            self.file.close()


def _refuse(detail: str) -> NoReturn:
    raise ImError(PARAMETER_INVALID, detail)
