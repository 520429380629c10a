"""Where the bytes of media are, `STORAGES["media"]`. While it is full or away, callers are told BUSY."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import Storage, storages

from apps.core.errors import BUSY, ImError

logger = logging.getLogger(__name__)


def storage() -> Storage:
    """The storage itself, whose failures are its own."""
    return storages["media"]


def put(name: str, file: IO[bytes], size: int) -> None:
    """Have these bytes there, unless they are. What a crash left half-written is replaced. Raises BUSY.

    What did not fit leaves nothing behind.
    """
    there = storage()
    with _within_reach():
        if there.exists(name):
            if there.size(name) == size:
                return
            there.delete(name)
        file.seek(0)
        try:
            there.save(name, File(file, name=name))
        except OSError:
            there.delete(name)
            raise


def opened(name: str, start: int) -> File:  # type: ignore[type-arg]  # generic for the type checker alone
    """The bytes, from `start` on. Raises BUSY, and FileNotFoundError."""
    with _within_reach():
        file: Any = storage().open(name)
        file.seek(start)
    return file  # type: ignore[no-any-return]  # `seek` is what Django's files pass on


def remove(name: str) -> None:
    """Remove the bytes, if they are there. Raises BUSY."""
    with _within_reach():
        storage().delete(name)


@contextmanager
def _within_reach() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except _failures() as error:
        logger.error("the storage of media can't be used: %s", error)
        raise ImError(BUSY) from error


def _failures() -> tuple[type[Exception], ...]:
    """What storages raise: that of the disk, and that of buckets where there is one."""
    if "botocore" not in sys.modules:
        return (OSError,)
    from botocore.exceptions import BotoCoreError, ClientError

    return (OSError, BotoCoreError, ClientError)
