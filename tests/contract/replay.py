"""Replays exchanges that are written down as data, against a world that is always the same.

A file in one of this folder's folders, which are named by operations, is one case:

    {"what": "…", "source": "…", "2015-02": [exchange, …], "v1": [exchange, …]}

or, where the dialects agree, `"both"`. `"given"` is what is otherwise than usual in the world: `"app"`,
fields of the app; `"settings"`; `"disabled"`, the names of users. An exchange is

    {"call": "POST /messages", "headers": {…}, "body": …, "status": 200, "reply": …, "reply_headers": {…}}

Without a `"body"` the request has none; `"raw"` is a body that is sent as it is; `"file"` is a multipart
one, `{"part": …, "name": …, "base64": …}`; `"as"` is another client than the app's; `"after_chore"` names
background work that is done before. Without a `"reply"` the reply must have no body; `"refused"` is what
stands in its `"error"`.

In replies `"@integer"` stands for any integer, and so on for the kinds below; `"@first=integer"` also names
it. `"@first"` is what has that name by now. In requests `"{first}"` within a string is replaced, and a string
that is `"@first"` as a whole becomes the value itself. A world has names of its own: `tests.contract.world`.

`{"...": "message", "-": ["version"], "target_id": "jack1"}` is the `message` of the dialect's part of
shared.json (v1's, for both) without its `version` and with another `target_id`.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from apps.core.chores import registered
from apps.core.working import work_once

CASES = Path(__file__).parent
DIALECTS = ("2015-02", "v1")
BOTH = "both"

_MILLISECONDS = 10**12


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}(-\d\d){2} \d\d(:\d\d){2}", value))


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


KINDS: Mapping[str, Callable[[Any], bool]] = {
    "integer": _is_integer,
    "id": lambda value: _is_integer(value) and 10**7 <= value < 2**53,
    "seconds": lambda value: _is_integer(value) and 10**9 < value < _MILLISECONDS,
    "milliseconds": lambda value: _is_integer(value) and value > _MILLISECONDS,
    "time": _is_time,
    "string": lambda value: isinstance(value, str) and value != "",
    "digits": lambda value: isinstance(value, str) and value.isdigit(),
    "group_event": lambda value: value["msg_body"]["event_type"] == "create_group",
    "media": lambda value: bool(re.fullmatch("qiniu/(image|file|voice)/j/[0-9A-F]{32}", value)),
    "link": lambda value: bool(re.fullmatch("http://testserver/media/[A-Za-z0-9_-]+", value)),
    "cursor": lambda value: isinstance(value, str) and bool(re.fullmatch("[A-Za-z0-9_-]+", value)),
}


@dataclass(frozen=True)
class Case:
    """One file, in one dialect."""

    operation: str
    name: str
    dialect: str
    exchanges: list[dict[str, Any]]
    given: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.operation}/{self.name} {self.dialect}"


def cases() -> Iterator[Case]:
    """All of them."""
    shared = json.loads((CASES / "shared.json").read_text())
    for file in sorted(CASES.glob("*/*.json")):
        told = json.loads(file.read_text())
        assert told.keys() <= {"what", "source", "given", BOTH, *DIALECTS}, (
            f"{file} has an unknown member"
        )
        assert told["what"], f"{file} does not say what it shows"
        assert told["source"], f"{file} does not say why"
        for dialect in DIALECTS:
            if BOTH in told:
                whole = _spread(told[BOTH], shared["v1"])
            elif dialect in told:
                whole = _spread(told[dialect], shared[dialect])
            else:
                continue
            yield Case(file.parent.name, file.stem, dialect, whole, told.get("given", {}))


def _spread(value: Any, shared: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_spread(item, shared) for item in value]
    if not isinstance(value, dict):
        return value
    own = {key: _spread(item, shared) for key, item in value.items() if key not in {"...", "-"}}
    if "..." not in value:
        return own
    without = value.get("-", [])
    base = {key: item for key, item in shared[value["..."]].items() if key not in without}
    return {**base, **own}


def replay(
    case: Case,
    clients: Any,
    names: dict[str, Any],
    form: Callable[[str], str] | None = None,
) -> None:
    """Make the calls, one after another, and compare the replies. `form` writes their paths otherwise."""
    for place, exchange in enumerate(case.exchanges):
        if "after_chore" in exchange:
            assert work_once([registered()[exchange["after_chore"]]]) == []
        method, _, path = fill(exchange["call"], names).partition(" ")
        where = f"exchange {place + 1}: {method} {path}"
        if "before" in exchange:
            clients.happen(exchange["before"])
        client = clients[exchange.get("as", "app")]
        reply = _send(client, method, form(path) if form else path, exchange, names)
        assert reply.status_code == exchange["status"], f"{where}: {reply.content!r}"
        for name, value in exchange.get("reply_headers", {}).items():
            compare(value, reply.headers.get(name), names, f"{where}, {name}")
        if "refused" in exchange:
            compare({"error": exchange["refused"]}, reply.json(), names, where)
        elif "reply" in exchange:
            compare(exchange["reply"], reply.json(), names, where)
        else:
            assert reply.content == b"", where


def _send(client: Any, method: str, path: str, exchange: Mapping[str, Any], names: Any) -> Any:
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": fill(value, names)
        for name, value in exchange.get("headers", {}).items()
    }
    if content_type := headers.pop("HTTP_CONTENT_TYPE", None):
        headers["content_type"] = content_type
    raw = exchange.get("raw", "")
    if "body" in exchange:
        raw = json.dumps(fill(exchange["body"], names))
    if "file" in exchange:
        return client.raw(method, path, _multipart(exchange["file"]), content_type=_MULTIPART)
    return client.raw(method, path, raw.encode(), **headers)


_BOUNDARY = "========7d4a6d158c9"  # the official Java client's
_MULTIPART = f"multipart/form-data; boundary={_BOUNDARY}"


def _multipart(file: Mapping[str, str]) -> bytes:
    named = f'Content-Disposition: form-data; name="{file["part"]}"; filename="{file["name"]}"'
    head = f"--{_BOUNDARY}\r\n{named}\r\n\r\n".encode()
    return head + base64.b64decode(file["base64"]) + f"\r\n--{_BOUNDARY}--\r\n".encode()


def fill(value: Any, names: Mapping[str, Any]) -> Any:
    """Put in what has a name by now."""
    match value:
        case str() if value.startswith("@"):
            return names[value[1:]]
        case str():
            return re.sub(r"\{(\w+)\}", lambda found: str(names[found[1]]), value)
        case list():
            return [fill(item, names) for item in value]
        case dict():
            return {key: fill(item, names) for key, item in value.items()}
    return value


def compare(expected: Any, actual: Any, names: dict[str, Any], where: str) -> None:
    """Fail at the first difference, and name what the expectation gives a name."""
    match expected:
        case str() if expected.startswith("@"):
            _compare_named(expected[1:], actual, names, where)
        case dict():
            assert isinstance(actual, dict), f"{where}: {actual!r}"
            assert actual.keys() == expected.keys(), f"{where}: {actual!r}"
            for key, item in expected.items():
                compare(item, actual[key], names, f"{where}.{key}")
        case list():
            assert isinstance(actual, list), f"{where}: {actual!r}"
            assert len(actual) == len(expected), f"{where}: {actual!r}"
            for place, item in enumerate(expected):
                compare(item, actual[place], names, f"{where}[{place}]")
        case _:
            wanted = fill(expected, names)
            assert type(actual) is type(wanted), f"{where}: {actual!r} is not {wanted!r}"
            assert actual == wanted, f"{where}: {actual!r} is not {wanted!r}"


def _compare_named(told: str, actual: Any, names: dict[str, Any], where: str) -> None:
    name, equals, kind = told.partition("=")
    if not equals and name in names:
        assert actual == names[name], f"{where}: {actual!r} is not {names[name]!r}, the {name}"
        return
    assert KINDS[kind or name](actual), f"{where}: {actual!r} is no {kind or name}"
    if equals:
        names[name] = actual


def parameters() -> list[Any]:
    """For `pytest.mark.parametrize`."""
    return [pytest.param(case, id=str(case)) for case in cases()]
