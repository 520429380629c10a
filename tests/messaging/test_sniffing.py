"""Bytes of every kind, whole and broken: each is what it is, or is refused."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from apps.core.errors import PARAMETER_INVALID, ImError
from apps.messaging.sniffing import Found, sniff
from tests.messaging.uploads import AMR, image

SOUNDS = {
    "m4a": b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00",
    "amr": AMR,
    "mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "ogg": b"OggS\x00\x02",
    "flac": b"fLaC\x00\x00\x00\x22",
    "caf": b"caff\x00\x01\x00\x00",
    "webm": b"\x1a\x45\xdf\xa3\x9f\x42",
    "aac": b"\xff\xf1\x50\x80\x03\x1f\xfc",
}


def look(content: bytes, kind: str = "image") -> Found:
    return sniff(io.BytesIO(content), kind)


def is_refused(content: bytes, kind: str = "image") -> bool:
    """Nothing else may be raised."""
    try:
        look(content, kind)
    except ImError as error:
        return error.code is PARAMETER_INVALID
    return False


@pytest.mark.parametrize("word", SOUNDS)
def test_a_sound_is_told_by_how_it_begins(word):
    assert look(SOUNDS[word], "voice").format == word
    assert look(SOUNDS[word], "file").content_type.startswith("audio/")
    assert is_refused(SOUNDS[word])


def test_an_mp3_without_a_tag_is_one():
    assert look(b"\xff\xfb\x90\x64" + bytes(60), "voice").format == "mp3"
    for header in (
        b"\xff\xfb\x00\x64",
        b"\xff\xfb\xf0\x64",
        b"\xff\xeb\x90\x64",
        b"\xff\xfb\x9c\x64",
    ):
        assert is_refused(header + bytes(60), "voice")


def jpeg(size: tuple[int, int] = (200, 100), **options: object) -> bytes:
    made = io.BytesIO()
    noise = Image.effect_noise(size, 80).convert("RGB")
    noise.save(made, "JPEG", **options)
    return made.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"progressive": True},
        {"quality": 100, "subsampling": 0},
        {"restart_marker_blocks": 4},
        {"exif": b"Exif\x00\x00" + image("JPEG", (16, 16))},  # with an end of its own inside
        {"comment": b"\xff\xd9" * 100},
    ],
)
def test_a_jpeg_of_any_make_is_whole_or_is_not(options):
    content = jpeg(**options)
    found = look(content)

    assert (found.format, found.width, found.height) == ("jpg", 200, 100)
    assert look(content + b"\r\n") == found
    assert look(content + bytes(100_000)) == found
    for kept in range(len(content) // 8, len(content) - 1, len(content) // 40):
        assert is_refused(content[:kept]), kept
    assert is_refused(content[:-2])


def test_a_jpeg_that_is_larger_than_a_part_is_read_to_its_end():
    content = jpeg((900, 600), quality=95)
    assert len(content) > 300_000

    assert look(content).width == 900
    assert is_refused(content[:-1000])


def test_the_layers_of_a_jpeg_are_not_unpacked():
    """A hundred thousand scans of an image that says it is huge: passed over, not made."""
    content = jpeg((8, 8), progressive=True)
    frame = content.index(b"\xff\xc2")
    huge = content[: frame + 5] + struct.pack(">HH", 7000, 7000) + content[frame + 9 :]
    scan = huge.index(b"\xff\xda")
    bomb = huge[:scan] + huge[scan:-2] * 20_000 + huge[-2:]

    assert look(bomb).width == 7000


def a_packed_bmp(size: int = 4) -> bytes:
    pixels = bytes([size, 1, 0, 0]) * size + b"\x00\x01"
    palette = bytes(4 * 256)
    offset = 54 + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, size, size, 1, 8, 1, len(pixels), 2835, 2835, 256, 0)
    total = offset + len(pixels)
    return b"BM" + struct.pack("<IHHI", total, 0, 0, offset) + header + palette + pixels


def test_a_packed_bmp_is_as_long_as_it_says():
    assert look(a_packed_bmp()).format == "bmp"
    assert is_refused(a_packed_bmp()[:-1])


@settings(max_examples=300)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "GIF", "BMP"]),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=6),
    keep=st.floats(0, 1),
    as_kind=st.sampled_from(["image", "file", "voice"]),
)
def test_whatever_is_broken_is_refused_or_taken_and_nothing_else(kind, changes, keep, as_kind):
    content = bytearray(PICTURES[kind])
    for place, what in changes:
        at = int(place * (len(content) - 1))
        content[at : at + len(what)] = what
    broken = bytes(content[: int(keep * len(content)) + 1])

    is_refused(broken, as_kind)


PICTURES = {kind: image(kind, (40, 30), "teal") for kind in ("JPEG", "PNG", "GIF", "BMP")}


@given(st.binary(max_size=200))
def test_bytes_of_no_kind_are_a_file_and_no_image(content):
    assert look(content, "file").content_type
    is_refused(content)
    is_refused(content, "voice")
