"""docs/errors.md is what the code says, and the code leaves no refusal unexplained."""

import pytest
from django.core.management import CommandError, call_command

from apps.core.api.operations import ANYBODY, CLIENT, ELSEWHERE, SERVER, routes
from apps.core.errors import ErrorCode
from apps.core.management.commands.error_table import DOCUMENT, error_table


def test_the_table_is_current():
    call_command("error_table", "--check")


def test_a_table_that_is_not_current_is_found(tmp_path):
    outdated = tmp_path / "errors.md"
    outdated.write_text(DOCUMENT.read_text().replace("899002", "899999", 1))

    for file in (outdated, tmp_path / "missing.md"):
        with pytest.raises(CommandError, match="not current"):
            call_command("error_table", "--check", file=file)


def test_it_is_written_where_it_is_wanted(tmp_path):
    call_command("error_table", file=tmp_path / "errors.md")

    assert (tmp_path / "errors.md").read_text() == error_table()


def test_every_code_has_a_row():
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")][1:]

    assert [int(row.split("|")[1]) for row in rows] == sorted(ErrorCode.known)


#: Told to connections, which are not calls.
TO_CONNECTIONS = {890007}


def test_every_code_is_raised_by_something():
    always = [*SERVER.always, *CLIENT.always, *ANYBODY.always, *ELSEWHERE]
    told = {code.number for code in always} | {
        code.number for route in routes() for code in route.operation.all_errors
    }

    assert set(ErrorCode.known) - told == TO_CONNECTIONS
