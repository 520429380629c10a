"""`manage.py error_table`: writes docs/errors.md, and docs/compatibility.md beside it.

The one is made from the table of errors and what operations may raise, the other from the contract's cases.
"""

from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.api.dialects import draft_2015, v1
from apps.core.api.operations import CLIENT, ELSEWHERE, SERVER, routes
from apps.core.errors import ErrorCode
from apps.core.management import evidence
from apps.core.management.compatibility import compatibility_table

DOCUMENT = evidence.CHECKOUT / "docs" / "errors.md"
COMPATIBILITY = evidence.CHECKOUT / "docs" / "compatibility.md"

_HEAD = """\
# Error codes

Every refusal is `{"error": {"code": …, "message": "…"}}` with the status below. The message is the text below
or, where more is known, says more: for a bad parameter it begins with the parameter's name.
Numbers and statuses are those of the app's API version. Numbers from 890001 to 890999 are ours.

Written by `manage.py error_table`; the numbers are in `apps/core/errors.py`, the draft's in
`apps/core/api/dialects.py`. The last column links to a test that is answered with the code.

| v1 | Status | 2015-02 | Status | Message | Shown by |
|---|---|---|---|---|---|
"""
_CALLS = """
## Which calls answer with them

A call that is not in a list below is never refused with that code.

"""
_ALWAYS = "any call of an app's server"
_CLIENT = "any call of a client"
_ELSEWHERE = "any path or method that there is not"
_NEVER = "no call: connections, links to media, commands or the console"


class Command(BaseCommand):
    """Write the documents, or say whether they are current."""

    help = "Writes docs/errors.md and docs/compatibility.md. With --check, fails if one is not current."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if one differs"
        )
        parser.add_argument("--file", type=Path, default=DOCUMENT, help="instead of docs/errors.md")
        parser.add_argument(
            "--compatibility", type=Path, default=COMPATIBILITY, help="likewise, for the other"
        )

    def handle(
        self, *args: Any, check: bool, file: Path, compatibility: Path, **options: Any
    ) -> None:
        """Do it."""
        for path, text in ((file, error_table()), (compatibility, compatibility_table())):
            if not check:
                path.write_text(text)
            elif not path.exists() or path.read_text() != text:
                raise CommandError(f"{path} is not current: run manage.py error_table")


def error_table() -> str:
    """The document: a row per code in the order of v1's numbers, then the calls of each code."""
    codes = [code for _, code in sorted(ErrorCode.known.items())]
    shown = evidence.of_codes()
    raised = _raised_by()
    rows = [_row(code, shown.get(code.number)) for code in codes]
    calls = [_calls(code, raised[code.number]) for code in codes]
    return _HEAD + "".join(rows) + _CALLS + "".join(calls)


def _raised_by() -> dict[int, list[str]]:
    """The calls that raise each code by themselves, by v1's number, sorted by path."""
    raised: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for route in routes():
        if not evidence.is_versioned(route.path):
            continue
        for code in route.operation.all_errors:
            raised[code.number].add((evidence.shown_path(route.path), route.method))
    return defaultdict(
        list,
        {
            number: [f"`{method} {path}`" for path, method in sorted(calls)]
            for number, calls in raised.items()
        },
    )


def _calls(code: ErrorCode, calls: list[str]) -> str:
    if code in SERVER.always:
        calls = [_ALWAYS]
    elif code in CLIENT.always:
        calls = [_CLIENT]
    elif code in ELSEWHERE:
        calls = [_ELSEWHERE]
    return f"- **{code.number}** {code.message}: {', '.join(calls) or _NEVER}\n"


def _row(code: ErrorCode, shown: evidence.Shown | None) -> str:
    numbers = [
        f"{number} | {status}"
        for number, status in (
            (dialect.number(code), dialect.status(code)) for dialect in (v1, draft_2015)
        )
    ]
    link = f"[{shown.name}](../{shown.path})" if shown else ""
    return f"| {' | '.join(numbers)} | {code.message} | {link} |\n"
