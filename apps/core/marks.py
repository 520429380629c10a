"""Marks that the processes of a machine share: what one of them changes, the others see at once.

A mark is a number that stands for a key, and another one once what the key names has changed. They are in a
file that each process has mapped into its memory: to look costs no query and no wait.
"""

import mmap
import os
import secrets
import struct
import zlib
from functools import cache
from pathlib import Path

from django.conf import settings

_PLACES = 4096  # keys of one place share their mark: a change of one is taken for a change of all
_NUMBER = struct.Struct("@Q")


class Marks:
    """The marks in a file, or those of this process alone where there is no file to share."""

    def __init__(self, path: Path | None) -> None:
        self._memory = bytearray(_SIZE) if path is None else _shared(path)

    def of(self, key: str) -> int:
        """The mark as it stands. Take it before reading what may change, and compare it afterwards."""
        number: int = _NUMBER.unpack_from(self._memory, _place(key))[0]
        return number

    def change(self, key: str) -> None:
        """Have another mark in its place. Two processes at once leave one that neither had before."""
        _NUMBER.pack_into(self._memory, _place(key), secrets.randbits(64))


_SIZE = _PLACES * _NUMBER.size


def _place(key: str) -> int:
    return zlib.crc32(key.encode(errors="surrogatepass")) % _PLACES * _NUMBER.size


def _shared(path: Path) -> mmap.mmap | bytearray:
    """The file, mapped; made if need be. Where it can't be, a process is on its own."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # Written, not left as a hole, and never made shorter: to touch memory that the file does not
            # have, or the disk has no room for, ends a process.
            if (there := os.fstat(descriptor).st_size) < _SIZE:
                os.pwrite(descriptor, bytes(_SIZE - there), there)
            return mmap.mmap(descriptor, _SIZE)
        finally:
            os.close(descriptor)
    except OSError:
        return bytearray(_SIZE)


@cache
def of_apps() -> Marks:
    """By app key, whether an app is still as it was read."""
    return Marks(settings.IM_MARKS_FILE)
