"""The values of a row, checked by the rules that the API's own fields have, with the same words.

Each takes the row's values and a name, and answers None (or what is said to stand for it) where the value is
absent. CSV knows texts only, so what is no text in JSON may also be written as one. All raise
PARAMETER_INVALID, which begins with the name.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.core.api import json_body
from apps.core.errors import ImError
from apps.core.importing.rows import refusal

Values = Mapping[str, Any]

_TRUE = {"true", "1", "yes"}
_FALSE = {"false", "0", "no"}
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_BETWEEN = re.compile(r"[\s,;|]+")


def text(
    values: Values, name: str, *, at_most: int, at_least: int = 0, single_line: bool = False
) -> str:
    """A text, its length in bytes of UTF-8; empty where it is absent."""
    value = values.get(name, "")
    if not isinstance(value, str):
        raise refusal(f"{name}: Not a valid string.")
    size = len(value.encode())
    if size < at_least:
        raise refusal(f"{name}: must be at least {at_least} bytes in UTF-8")
    if size > at_most:
        raise refusal(f"{name}: must be at most {at_most} bytes in UTF-8")
    if single_line and ("\n" in value or "\r" in value):
        raise refusal(f"{name}: must be a single line")
    return value


def integer(values: Values, name: str, *, minimum: int, maximum: int) -> int | None:
    """A whole number within bounds."""
    value = values.get(name)
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        value = int(value)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise refusal(f"{name}: A valid integer is required.")
    if value < minimum:
        raise refusal(f"{name}: Ensure this value is greater than or equal to {minimum}.")
    if value > maximum:
        raise refusal(f"{name}: Ensure this value is less than or equal to {maximum}.")
    return value


def flag(values: Values, name: str) -> bool:
    """Whether something is so; it is not where the value is absent."""
    value = values.get(name, False)
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise refusal(f"{name}: must be true or false")


def day(values: Values, name: str) -> date | None:
    """A day, `yyyy-MM-dd`; a time of day after it is dropped."""
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, str) and value.isascii():
        for form, length in (("%Y-%m-%d", 10), ("%Y-%m-%d %H:%M:%S", 19)):
            if len(value) == length:
                with suppress(ValueError):
                    return datetime.strptime(value, form).date()  # noqa: DTZ007 a day has no zone
    raise refusal(f"{name}: must be a day as yyyy-MM-dd")


def moment(values: Values, name: str, zone: ZoneInfo) -> datetime | None:
    """A moment: seconds or milliseconds since 1970, or ISO 8601; without a zone, in the app's.

    `yyyy-MM-dd HH:mm:ss`, as the API writes times, is ISO 8601 enough.
    """
    value = values.get(name)
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        value = int(value)
    found: datetime | None = None
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            found = found if found.tzinfo else found.replace(tzinfo=zone)
            found = found.astimezone(UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            since = value / 1000 if abs(value) >= 10**11 else value
            found = datetime.fromtimestamp(since, UTC)
    if found is None and value is not None:
        raise refusal(f"{name}: must be a time as yyyy-MM-dd HH:mm:ss, or in seconds since 1970")
    return found


def json_object(values: Values, name: str) -> dict[str, Any] | None:
    """An object; in CSV, the text of one. An empty array is an empty object (PHP)."""
    value = values.get(name)
    if isinstance(value, str):
        try:
            value = json_body.decode(value.encode())
        except ImError as error:
            raise refusal(f"{name}: {str(error).removeprefix('body: ')}") from None
    if value == []:
        value = {}
    if value is not None and not isinstance(value, dict):
        raise refusal(f"{name}: must be an object")
    return value


def names(values: Values, name: str) -> list[str]:
    """Usernames: an array of them, or a text that parts them by spaces, commas, semicolons or bars.

    Of an array of objects each one's `username` counts, as in the API's lists of members. Without repeats.
    """
    value = values.get(name, [])
    if isinstance(value, str):
        value = [part for part in _BETWEEN.split(value) if part]
    if not isinstance(value, list):
        raise refusal(f"{name}: must be an array of usernames")
    found: dict[str, None] = {}
    for item in value:
        username = item.get("username") if isinstance(item, dict) else item
        if not isinstance(username, str):
            raise refusal(f"{name}: must be an array of usernames")
        found[username] = None
    return list(found)


def check_names(values: Values, known: "frozenset[str] | set[str]") -> None:
    """Refuse a value that nobody would look at: a misspelt name must not be dropped in silence."""
    for name in values:
        if name not in known:
            raise refusal(f"{name[:64]}: is not known; known are {', '.join(sorted(known))}")
