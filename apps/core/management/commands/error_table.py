"""`manage.py error_table`: writes docs/errors.md from the table of errors and what operations may raise."""

from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.api.dialects import draft_2015, v1
from apps.core.api.operations import CLIENT, ELSEWHERE, SERVER, routes
from apps.core.errors import ErrorCode

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "errors.md"

_HEAD = """\
# Error codes

Every refusal is `{"error": {"code": …, "message": "…"}}` with the status below. The message is the text below
or, where more is known, says more: for a bad parameter it begins with the parameter's name.
Numbers and statuses are those of the app's API version. Numbers from 890001 to 890999 are ours.

Written by `manage.py error_table`; the numbers are in `apps/core/errors.py`, the draft's in
`apps/core/api/dialects.py`.

| v1 | Status | 2015-02 | Status | Message | Raised by |
|---|---|---|---|---|---|
"""
_ALWAYS = "any call"
_CLIENT = "any call of a client"
_ELSEWHERE = "any other path or method"
_NEVER = "connections, or the console"


class Command(BaseCommand):
    """Write the document, or say whether it is current."""

    help = "Writes docs/errors.md. With --check, fails if it is not current."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if it differs"
        )
        parser.add_argument("--file", type=Path, default=DOCUMENT, help="instead of docs/errors.md")

    def handle(self, *args: Any, check: bool, file: Path, **options: Any) -> None:
        """Do it."""
        table = error_table()
        if not check:
            file.write_text(table)
        elif not file.exists() or file.read_text() != table:
            raise CommandError(f"{file} is not current: run manage.py error_table")


def error_table() -> str:
    """The document, one row per code in the order of v1's numbers."""
    raised = _raised_by()
    rows = [_row(code, raised[code.number]) for _, code in sorted(ErrorCode.known.items())]
    return _HEAD + "".join(rows)


def _raised_by() -> dict[int, list[str]]:
    """The names of the operations that raise each code by itself, by v1's number, sorted."""
    raised: dict[int, set[str]] = defaultdict(set)
    for route in routes():
        for code in route.operation.all_errors:
            raised[code.number].add(route.name)
    return defaultdict(list, {number: sorted(names) for number, names in raised.items()})


def _row(code: ErrorCode, names: list[str]) -> str:
    if code in SERVER.always:
        by = _ALWAYS
    elif code in CLIENT.always:
        by = _CLIENT
    elif code in ELSEWHERE:
        by = _ELSEWHERE
    else:
        by = ", ".join(f"`{name}`" for name in names) or _NEVER
    numbers = [
        f"{number} | {status}"
        for number, status in (
            (dialect.number(code), dialect.status(code)) for dialect in (v1, draft_2015)
        )
    ]
    return f"| {' | '.join(numbers)} | {code.message} | {by} |\n"
