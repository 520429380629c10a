"""Reading a JSON body strictly: what PostgreSQL could not store, or a reader not trust, is refused."""

import json
import math
import re
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from apps.core.errors import PARAMETER_INVALID, ImError

ABSENT: Any = object()
"""What `read` answers for a request without a body: not the same as `null`."""

_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_DEEPEST = 32  # levels of nesting; the documented bodies need 5
_TOO_LARGE = "is a number that is too large"
_NAME_SHOWN = 64  # characters of a member's name in a refusal

_Place = tuple[str | int, ...]
"""The keys that lead to a value. Put into words only when it is refused: a body may hold a million."""


def read(request: HttpRequest) -> Any:
    """Decode the body.

    Raises PARAMETER_INVALID for a body over `settings.DATA_UPLOAD_MAX_MEMORY_SIZE` bytes, another content
    type than JSON, invalid UTF-8 or JSON, a repeated key, NaN or an infinite number, a number beyond 64
    bits, nesting deeper than 32, or a string with NUL or half a surrogate pair.
    """
    try:
        raw = request.body
    except RequestDataTooBig:
        at_most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        _refuse(f"body: must be at most {at_most} bytes")
    except UnreadablePostError:
        _refuse("body: was cut off")
    if not raw:
        return ABSENT
    # A known client sends the malformed "application/json;charset:utf-8": only the type itself counts.
    content_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if content_type not in {"", "application/json"}:
        _refuse("Content-Type: must be application/json")
    return decode(raw)


def decode(raw: bytes) -> Any:
    """Decode strict JSON; raises as `read` does."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        _refuse(f"body: is not UTF-8 at byte {error.start}")
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        _refuse(f"body: is not JSON at line {error.lineno}, column {error.colno}: {error.msg}")
    except RecursionError:
        _refuse(f"body: is nested deeper than {_DEEPEST}")
    except ValueError:  # Python's own bound on the digits of an integer
        _refuse("body: has a number that is too large")
    _check(value, strings=_SUSPECT_ESCAPE.search(raw) is not None)
    return value


def _check(value: Any, *, strings: bool) -> None:
    """Walk the whole value without recursion, to name the place of what cannot be stored."""
    containers: list[tuple[_Place, Any]] = [((), [value])]
    while containers:
        place, container = containers.pop()
        if len(place) > _DEEPEST:
            _refuse(f"{_path(place)}: is nested deeper than {_DEEPEST}")
        named = isinstance(container, dict)
        for key, child in container.items() if named else enumerate(container):
            fault = _fault(key) if named and strings else None
            if fault is not None:
                _refuse(f"{_path(place)}: {fault}")
            if isinstance(child, dict | list):
                containers.append(((*place, key), child))
            elif strings or not isinstance(child, str):
                fault = _fault(child)
            if fault is not None:
                _refuse(f"{_path((*place, key))}: {fault}")


def _fault(value: Any) -> str | None:
    """What is wrong with a value that holds no others."""
    if isinstance(value, str):
        if "\0" in value:
            return "must not contain NUL"
        if any("\ud800" <= character <= "\udfff" for character in value):
            return "has half a surrogate pair"
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            return _TOO_LARGE
    elif (
        isinstance(value, float) and abs(value) >= 2**63
    ):  # -2**63 has 19 digits that round beyond it
        return _TOO_LARGE
    return None


def _path(place: _Place) -> str:
    """`a.b[0]`; the whole body, which is the first step of every place, is `body`."""
    steps = [f"[{key}]" if isinstance(key, int) else f".{key[:_NAME_SHOWN]}" for key in place[1:]]
    return "".join(steps).removeprefix(".") or "body"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                shown = key[:_NAME_SHOWN].encode(errors="replace").decode()
                _refuse(f"{shown}: is given twice")
            seen.add(key)
    return value


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse("body: has a number that is too large")
    return number


def _constant(name: str) -> NoReturn:
    _refuse(f"body: {name} is not JSON")


def _refuse(detail: str) -> NoReturn:
    raise ImError(PARAMETER_INVALID, detail)


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)
