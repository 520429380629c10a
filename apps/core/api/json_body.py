"""Reading a JSON body strictly: what PostgreSQL could not store, or a reader not trust, is refused."""

import json
import math
import re
from collections.abc import Iterator
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


def read(request: HttpRequest) -> Any:
    """Decode the body.

    Raises PARAMETER_INVALID for a body over `settings.DATA_UPLOAD_MAX_MEMORY_SIZE` bytes, another content
    type than JSON, invalid UTF-8 or JSON, a repeated key, NaN or an infinite number, an integer beyond 64
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
    stack: list[tuple[str, Any, int]] = [("body", value, 1)]
    while stack:
        path, node, depth = stack.pop()
        if isinstance(node, str):
            if strings:
                _check_string(path, node)
        elif isinstance(node, int):
            if not -(2**63) <= node < 2**63:
                _refuse(f"{path}: is a number that is too large")
        elif isinstance(node, dict | list):
            if depth > _DEEPEST:
                _refuse(f"{path}: is nested deeper than {_DEEPEST}")
            stack += _members(path, node, depth + 1, strings=strings)


def _members(
    path: str, node: dict[str, Any] | list[Any], depth: int, *, strings: bool
) -> Iterator[tuple[str, Any, int]]:
    if isinstance(node, list):
        for place, child in enumerate(node):
            yield _join(path, place), child, depth
    else:
        for key, child in node.items():
            if strings:
                _check_string(path, key)
            yield _join(path, key), child, depth


def _join(path: str, key: str | int) -> str:
    step = f"[{key}]" if isinstance(key, int) else key
    if path == "body":
        return step
    return path + step if isinstance(key, int) else f"{path}.{step}"


def _check_string(path: str, text: str) -> None:
    if "\0" in text:
        _refuse(f"{path}: must not contain NUL")
    if any("\ud800" <= character <= "\udfff" for character in text):
        _refuse(f"{path}: has half a surrogate pair")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                _refuse(f"{key[:64].encode(errors='replace').decode()}: is given twice")
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
