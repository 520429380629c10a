"""What bytes are, by the bytes themselves. What somebody calls them is never asked."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from os import SEEK_CUR, SEEK_END
from typing import IO, Any

from django.conf import settings
from PIL import Image

from apps.core.errors import PARAMETER_INVALID, ImError
from apps.messaging.models import MediaKind

OCTETS = "application/octet-stream"

# What Pillow calls them -> the protocol's word, and the type. No others are images here: above all no SVG,
# which is a page with scripts.
_IMAGES = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "GIF": ("gif", "image/gif"),
    "BMP": ("bmp", "image/bmp"),
}
_SOUND_TYPES = {
    "m4a": "audio/mp4",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "caf": "audio/x-caf",
    "webm": "audio/webm",
}
#: What a browser may show at its place; everything else is saved.
SHOWN = frozenset({*(content_type for _, content_type in _IMAGES.values()), *_SOUND_TYPES.values()})

_HEAD = 64  # bytes that tell what it is
# What Pillow's readers are known to raise at bytes that are not what they begin as.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,  # where warnings are errors
)


@dataclass(frozen=True)
class Found:
    """What the bytes are."""

    content_type: str = OCTETS
    format: str = ""
    width: int | None = None
    height: int | None = None


def sniff(file: IO[bytes], kind: str) -> Found:
    """Look at a file that is uploaded as that kind; its place is left anywhere.

    Raises PARAMETER_INVALID for an "image" that is no whole JPEG, PNG, GIF or BMP or has more than
    `settings.IM_MEDIA_MAX_PIXELS`, and for a "voice" that is no sound. A "file" may be anything, and what is
    found of it serves to show it. Nothing is unpacked that could cost more than the file is long, but for
    a GIF's first frame, which that number of pixels bounds.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if kind == MediaKind.IMAGE:
        return _image(file)
    if kind == MediaKind.VOICE:
        sound = _sound(head)
        if sound is None:
            raise ImError(PARAMETER_INVALID, "file: is not a sound in a known format")
        return sound
    try:
        return _image(file)
    except ImError:
        return _sound(head) or Found()


def _image(file: IO[bytes]) -> Found:
    file.seek(0)
    try:
        with Image.open(file, formats=tuple(_IMAGES)) as image:
            word, content_type = _IMAGES[str(image.format)]
            width, height = image.size
            if width * height > settings.IM_MEDIA_MAX_PIXELS:
                raise ImError(
                    PARAMETER_INVALID,
                    f"file: must have at most {settings.IM_MEDIA_MAX_PIXELS} pixels",
                )
            whole = _WHOLE[str(image.format)](image, file)
    except _BROKEN:
        whole = False
    if not whole:
        raise ImError(PARAMETER_INVALID, "file: is not a whole image (jpg, bmp, gif, png)")
    return Found(content_type, word, width, height)


def _unpack(image: Any, file: IO[bytes]) -> bool:
    image.load()
    return True


def _check_sums(image: Any, file: IO[bytes]) -> bool:
    """A PNG has a sum for each of its parts, and an end."""
    image.verify()
    return True


def _jpeg_ends(image: Any, file: IO[bytes]) -> bool:
    """A JPEG is a row of segments up to its end. Not unpacked: a hostile one has thousands of layers."""
    file.seek(2)
    has_pixels = False
    while True:
        marker = file.read(2)
        while marker == b"\xff\xff":  # filling
            marker = marker[1:] + file.read(1)
        if len(marker) < 2 or marker[0] != 0xFF:
            return False
        if marker[1] == _END_OF_IMAGE:
            return has_pixels
        if marker[1] in _STANDALONE:
            continue
        length = int.from_bytes(file.read(2), "big")
        if length < 2:
            return False
        file.seek(length - 2, SEEK_CUR)
        if marker[1] == _START_OF_SCAN:
            has_pixels = True
            _pass_over_scan(file)


def _pass_over_scan(file: IO[bytes]) -> None:
    """Up to the next marker: in a scan 0xFF is followed by 0, or begins its next stretch."""
    before = b""
    while chunk := file.read(_CHUNK):
        data = before + chunk
        at = data.find(b"\xff")
        while at != -1 and at + 1 < len(data):
            if data[at + 1] not in _WITHIN_SCAN:
                file.seek(at - len(data), SEEK_CUR)
                return
            at = data.find(b"\xff", at + 1)
        before = b"\xff" if data.endswith(b"\xff") else b""


def _bmp_is_whole(image: Any, file: IO[bytes]) -> bool:
    """As long as it says, where it is packed: unpacking that takes long. Otherwise it is read."""
    if image.info.get("compression") not in _BMP_PACKED:
        return _unpack(image, file)
    file.seek(2)
    told = int.from_bytes(file.read(4), "little")
    return 0 < told <= file.seek(0, SEEK_END)


_CHUNK = 64 * 1024  # bytes
_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_WITHIN_SCAN = frozenset({0x00, 0xFF, *range(0xD0, 0xD8)})
_BMP_PACKED = frozenset({1, 2})  # by the lengths of runs

#: How to find out whether all of it is there, at the least expense.
_WHOLE: dict[str, Callable[[Any, IO[bytes]], bool]] = {
    "JPEG": _jpeg_ends,
    "PNG": _check_sums,
    "GIF": _unpack,
    "BMP": _bmp_is_whole,
}


def _sound(head: bytes) -> Found | None:
    for word, begins in _SOUNDS.items():
        if begins(head):
            return Found(_SOUND_TYPES[word], word)
    return None


def _is_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def _is_mp3(head: bytes) -> bool:
    """A tag, or the first frame: 11 bits set, MPEG layer III, a bit rate and a sampling rate."""
    if head[:3] == b"ID3":
        return True
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[1] & 0x18 != 0x08 and head[2] & 0xF0 not in {0x00, 0xF0} and head[2] & 0x0C != 0x0C


def _is_aac(head: bytes) -> bool:
    """A frame of an ADTS stream: 12 bits set, then layer 0."""
    return len(head) > 6 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0


_SOUNDS: dict[str, Callable[[bytes], bool]] = {
    "m4a": _is_mp4,
    "amr": lambda head: head.startswith(b"#!AMR"),
    "wav": lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE",
    "ogg": lambda head: head.startswith(b"OggS"),
    "flac": lambda head: head.startswith(b"fLaC"),
    "caf": lambda head: head.startswith(b"caff"),
    "webm": lambda head: head.startswith(b"\x1a\x45\xdf\xa3"),
    "aac": _is_aac,
    "mp3": _is_mp3,
}
