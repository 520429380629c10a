"""Password hashing: Argon2id, in a bounded pool of threads that leave the processors to sends.

Hashing releases the interpreter's lock, so a thread per processor uses the whole machine, and more would
only queue in memory. The threads run at a lower priority; what waits for them is a registration or a login,
never a send.
"""

import os
import secrets
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

_LOWER_PRIORITY = 5  # "nice": a third of a send's share where both want the processor


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id at one of OWASP's equivalent minimums: 7 MiB, 5 passes, 1 lane. About 12 ms a hash.

    Of those it is the quickest here, a third more hashes a second than 12 MiB with 3 passes: what fits into
    the processor's cache does not wait for memory that other threads want.
    """

    time_cost = 5
    memory_cost = 7 * 1024  # KiB
    parallelism = 1


class FastArgon2Hasher(Argon2Hasher):
    """The same algorithm at its least cost. For tests."""

    time_cost = 1
    memory_cost = 8


@cache
def _pool() -> ThreadPoolExecutor:
    """Made at the first use, so that it belongs to the worker process and not to its parent."""
    return ThreadPoolExecutor(
        max_workers=settings.IM_PASSWORD_THREADS or os.cpu_count() or 1,
        thread_name_prefix="passwords",
        initializer=_step_back,
    )


def _step_back() -> None:
    """Lower this thread's priority, where the system has one per thread (Linux)."""
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWER_PRIORITY)


def hash_all(passwords: Iterable[str]) -> list[str]:
    """Hash each, in order. Slow on purpose: call it outside a transaction."""
    return list(_pool().map(make_password, passwords))


@cache
def unmatchable_hash() -> str:
    """The hash of a password nobody knows, made once per process."""
    return make_password(secrets.token_urlsafe(32))


def matches(password: str, password_hash: str) -> bool:
    """Check one password in the same bounded pool, so that a storm of log-ins cannot starve sends."""
    return _pool().submit(check_password, password, password_hash).result()
