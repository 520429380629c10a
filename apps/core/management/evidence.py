"""What the tests show, read from their files: for the documents that are written from them."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from apps.core import errors
from apps.core.errors import ErrorCode

CHECKOUT = Path(__file__).resolve().parents[3]
CASES = "tests/contract"
_ABOUT_DOCUMENTS = "tests/architecture/"  # they are answered with nothing
DIALECTS = ("v1", "2015-02")


@dataclass(frozen=True)
class Shown:
    """A test: what to call it, and its file, from the checkout."""

    name: str
    path: str


@dataclass(frozen=True)
class Case:
    """A contract case: what is called and answered, as it is written down."""

    operation: str
    name: str
    what: str
    source: str
    exchanges: dict[str, list[dict[str, Any]]]  # by dialect

    @property
    def path(self) -> str:
        """Of its file, from the checkout."""
        return f"{CASES}/{self.operation}/{self.name}.json"


@cache
def cases() -> tuple[Case, ...]:
    """All contract cases, sorted."""
    found = []
    for file in sorted((CHECKOUT / CASES).glob("*/*.json")):
        told = json.loads(file.read_text())
        exchanges = {
            dialect: told.get("both") or told.get(dialect) or []
            for dialect in DIALECTS
            if "both" in told or dialect in told
        }
        case = Case(file.parent.name, file.stem, told["what"], told["source"], exchanges)
        found.append(case)
    return tuple(found)


def of_codes() -> dict[int, Shown]:
    """For each code's number a test that is answered with it: a contract case if there is one."""
    shown = dict(_tests_that_name_codes())
    for case in reversed(cases()):
        for dialect, exchanges in case.exchanges.items():
            for number in codes_in(exchanges):
                known = ErrorCode.known.get(number)
                if known is not None and (dialect == "v1" or known.number == number):
                    shown[number] = Shown(f"{case.operation}/{case.name}", case.path)
    return shown


def codes_in(told: Any) -> Iterator[int]:
    """The numbers of the errors in what a case says is answered, of the whole call or of a row."""
    if isinstance(told, dict):
        if isinstance(told.get("code"), int) and "message" in told:
            yield told["code"]
        for value in told.values():
            yield from codes_in(value)
    elif isinstance(told, list):
        for value in told:
            yield from codes_in(value)


def _tests_that_name_codes() -> Iterator[tuple[int, Shown]]:
    """Tests in whose code a code is named: `BUSY`, or its number. The first in order of files comes last."""
    constants = {
        name: value.number for name, value in vars(errors).items() if isinstance(value, ErrorCode)
    }
    for file in sorted((CHECKOUT / "tests").rglob("test_*.py"), reverse=True):
        path = str(file.relative_to(CHECKOUT))
        if path.startswith(_ABOUT_DOCUMENTS):
            continue
        for node in ast.parse(file.read_text()).body:
            for function in _functions(node):
                for number in _named(function, constants):
                    yield number, Shown(f"{file.stem}: {function.name}", path)


def _functions(node: ast.stmt) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if node.name.startswith("test_"):
            yield node
    elif isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from _functions(inner)


def _named(function: ast.AST, constants: dict[str, int]) -> Iterator[int]:
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in constants:
            yield constants[node.id]
        elif isinstance(node, ast.Attribute) and node.attr in constants:
            yield constants[node.attr]
        elif isinstance(node, ast.Constant) and node.value in ErrorCode.known:
            yield int(str(node.value))


def is_versioned(path: str) -> bool:
    """Whether a route is the documented form of its path: the bare one stands for the same call."""
    return re.match("/(client/v1|v[12])/", path) is not None


def shown_path(path: str) -> str:
    """`/v1/users/<str:username>` as `/v1/users/{username}`."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def paths_of(routes: Any) -> dict[str, list[str]]:
    """The calls of each operation, by its name: `GET /v1/users`."""
    found: dict[str, list[str]] = defaultdict(list)
    for route in routes:
        if is_versioned(route.path):
            found[route.name].append(f"{route.method} {shown_path(route.path)}")
    return found
