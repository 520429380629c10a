"""Typed reads of environment variables.

A variable that is empty counts as not set. A missing one without a default, or one that can't be
read as what it should be, raises ImproperlyConfigured with its name: at start, not at the first
request that needs it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final, TypeVar

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

CHECKOUT = Path(__file__).resolve().parent.parent
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class _Required:
    """The default of a variable that has none."""


REQUIRED: Final = _Required()


def text(name: str, default: str | _Required = REQUIRED) -> str:
    """Return the variable ``name``, without the spaces around it."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if isinstance(default, _Required):
        raise ImproperlyConfigured(f"The environment variable {name} is not set.")
    return default


def integer(
    name: str,
    default: int | _Required = REQUIRED,
    *,
    minimum: int | None = None,
    maximum: int | None = None,
) -> int:
    """Return ``name`` as a whole number, from ``minimum`` to ``maximum``, both included."""
    value = _read(name, default)
    if not isinstance(value, str):
        return value
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}, not a whole number.") from None
    if minimum is not None and number < minimum:
        raise ImproperlyConfigured(f"{name} is {number}, but at least {minimum} is needed.")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name} is {number}, but at most {maximum} is allowed.")
    return number


def boolean(name: str, default: bool | _Required = REQUIRED) -> bool:
    """Return ``name`` as a yes (1, true, yes, on) or no (0, false, no, off), in any case."""
    value = _read(name, default)
    if not isinstance(value, str):
        return value
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}, neither yes nor no (say true or false).")


def choice(name: str, default: str | _Required, choices: list[str]) -> str:
    """Return ``name``, which has to be one of ``choices``."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}, not one of {', '.join(choices)}.")
    return value


def words(name: str, default: list[str] | _Required = REQUIRED) -> list[str]:
    """Return ``name`` as a list: parted by commas, without spaces around or empty members."""
    value = _read(name, default)
    if not isinstance(value, str):
        return list(value)
    return [word.strip() for word in value.split(",") if word.strip()]


def secret(name: str, default: str | _Required = REQUIRED) -> str:
    """Return the secret ``name``, or the contents of the file that ``name``_FILE tells.

    Files are how container platforms hand secrets over. Setting both is refused: which one wins
    should not have to be known. Trailing line ends of the file are dropped.
    """
    path = text(f"{name}_FILE", "")
    if not path:
        return text(name, default)
    if text(name, ""):
        raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set: keep one.")
    try:
        value = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE: can't read {path}: {error}") from error
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE: {path} is empty.")
    return value


def var_directory() -> Path:
    """Return the directory of everything that is made here: IM_VAR_DIR, else var/."""
    return Path(text("IM_VAR_DIR", str(CHECKOUT / "var"))).absolute()


def secret_key(path: Path) -> str:
    """Return the key kept in ``path``, made at the first call: 64 letters and digits.

    Several processes may call at once: all get the same key, since the file appears whole, under
    its name, by a link that only the first can make. Only its owner may read it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
    key = path.read_text(encoding="ascii").strip()
    if not key:
        raise ImproperlyConfigured(f"{path} is empty: remove it, and a new key is made.")
    return key


def _read(name: str, default: T | _Required) -> str | T:
    return text(name) if isinstance(default, _Required) else text(name, "") or default
