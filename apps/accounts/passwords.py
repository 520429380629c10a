"""Password hashing: Argon2id, in a bounded pool of threads that leave the processors to sends.

Hashing releases the interpreter's lock, so a thread per processor uses the whole machine, and more would
only queue in memory. The threads run at a lower priority; what waits for them is a registration or a login,
never a send.
"""

import base64
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    BasePasswordHasher,
    check_password,
    get_hasher,
    identify_hasher,
    make_password,
)

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


class KeyedMd5Hasher(BasePasswordHasher):
    """A password of which only the MD5 is known: HMAC-SHA-256 of it, under a key of this server's.

    It takes a microsecond, so that a hundred thousand users are imported in a minute, and tells nothing to
    whoever has the table without `SECRET_KEY`. It is not to stay: the background worker puts Argon2 around
    it (`WrappedMd5Hasher`), and a log-in puts Argon2 in its place.
    """

    algorithm = "keyed_md5"

    def encode(self, password: str, salt: str) -> str:
        """From the password itself, as every hasher does."""
        return self.encode_md5(md5_of(password), salt)

    def encode_md5(self, md5: str, salt: str) -> str:
        """From the MD5 of the password: 32 hexadecimal digits in lower case."""
        return f"{self.algorithm}${salt}${_keyed(md5, salt, settings.SECRET_KEY)}"

    def decode(self, encoded: str) -> dict[str, Any]:
        """Part it."""
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        """Whether it matches, under the key of today or one before. As slow as Argon2: time tells nothing."""
        told = self.decode(encoded)
        matching = [
            hmac.compare_digest(digest, told["hash"])
            for digest in _keyed_by_all(password, told["salt"])
        ]
        get_hasher().encode(password, told["salt"])
        return any(matching)

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """Nothing of the hash itself."""
        return {"algorithm": self.algorithm}

    def must_update(self, encoded: str) -> bool:
        """Always: it is not to stay."""
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """`verify` has taken its time."""


class WrappedMd5Hasher(KeyedMd5Hasher):
    """Argon2id around what `KeyedMd5Hasher` makes, for those who have not logged in since their import."""

    algorithm = "argon2_keyed_md5"

    def encode_md5(self, md5: str, salt: str) -> str:
        """From the MD5 of the password."""
        return self.wrap(KeyedMd5Hasher().encode_md5(md5, salt))

    def wrap(self, keyed: str) -> str:
        """From the other form, without knowing the password."""
        told = KeyedMd5Hasher().decode(keyed)
        argon2 = get_hasher()
        return f"{self.algorithm}${told['salt']}${argon2.encode(told['hash'], argon2.salt())}"

    def verify(self, password: str, encoded: str) -> bool:
        """Whether it matches, under the key of today or one before: one Argon2 for each key."""
        told = self.decode(encoded)
        argon2 = get_hasher()
        digests = _keyed_by_all(password, told["salt"])
        return any([argon2.verify(digest, told["hash"]) for digest in digests])  # noqa: C419 all


def md5_of(password: str) -> str:
    """As the service that users come from kept it."""
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()


def _keyed(md5: str, salt: str, secret_key: str) -> str:
    key = hmac.digest(secret_key.encode(), b"imported passwords", hashlib.sha256)
    digest = hmac.digest(key, f"{salt}${md5}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def _keyed_by_all(password: str, salt: str) -> list[str]:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_keyed(md5_of(password), salt, key) for key in keys]


def of_md5(md5: str) -> str:
    """What is stored for a password of which only the MD5 is known. Quick."""
    hasher = KeyedMd5Hasher()
    return hasher.encode_md5(md5.lower(), hasher.salt())


def unknown() -> str:
    """What is stored for a password that nobody knows: no log-in until the app's server sets one."""
    return make_password(None)


def wrap_all(keyed: Iterable[str]) -> list[str]:
    """`WrappedMd5Hasher.wrap` for each, in order. Slow on purpose."""
    return list(_pool().map(WrappedMd5Hasher().wrap, keyed))


def is_outdated(password_hash: str) -> bool:
    """Whether a log-in that knows the password should store its hash anew: by MD5, or at a lower cost."""
    hasher = identify_hasher(password_hash)
    return hasher.algorithm != get_hasher().algorithm or hasher.must_update(password_hash)


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
