"""docs/errors.md is what the code says, and the code leaves no refusal unexplained."""

import pytest
from django.core.management import CommandError, call_command

from apps.core.api.operations import ANYBODY, CLIENT, ELSEWHERE, SERVER, routes
from apps.core.errors import ErrorCode
from apps.core.management import evidence
from apps.core.management.commands.error_table import COMPATIBILITY, DOCUMENT, error_table


def test_the_table_is_current():
    call_command("error_table", "--check")


def test_a_table_that_is_not_current_is_found(tmp_path):
    outdated = tmp_path / "errors.md"
    outdated.write_text(DOCUMENT.read_text().replace("899002", "899999", 1))

    for file in (outdated, tmp_path / "missing.md"):
        with pytest.raises(CommandError, match="not current"):
            call_command("error_table", "--check", file=file)
        with pytest.raises(CommandError, match="not current"):
            call_command("error_table", "--check", compatibility=file)


def test_it_is_written_where_it_is_wanted(tmp_path):
    call_command("error_table", file=tmp_path / "e.md", compatibility=tmp_path / "c.md")

    assert (tmp_path / "e.md").read_text() == error_table()
    assert (tmp_path / "c.md").read_text() == COMPATIBILITY.read_text()


def test_every_code_has_a_row():
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")][1:]

    assert [int(row.split("|")[1]) for row in rows] == sorted(ErrorCode.known)


#: Told to connections, and to who follows a link to media: neither is a call.
ELSEWHERE_TOLD = {890007, 890019, 890021}


def test_every_code_is_raised_by_something():
    always = [*SERVER.always, *CLIENT.always, *ANYBODY.always, *ELSEWHERE]
    told = {code.number for code in always} | {
        code.number for route in routes() for code in route.operation.all_errors
    }

    assert set(ErrorCode.known) - told == ELSEWHERE_TOLD


def test_every_code_is_shown_by_a_test():
    assert set(ErrorCode.known) - set(evidence.of_codes()) == set()


def test_a_code_is_found_in_cases_and_in_the_code_of_tests():
    shown = evidence.of_codes()

    assert shown[899014].path.startswith("tests/contract/")
    assert shown[890007].path == "tests/realtime/test_gateway.py"
    assert list(evidence.codes_in([{"error": {"code": 1, "message": ""}}, {"code": 2}])) == [1]


def test_every_call_of_a_server_has_a_row_and_each_dialect_what_it_answers():
    document = COMPATIBILITY.read_text()
    rows = [line for line in document.splitlines() if line.startswith("| `")]
    calls = {call for row in rows for call in row.split("|")[1].strip(" `").split("`<br>`")}

    assert calls == {
        f"{route.method} {evidence.shown_path(route.path)}"
        for route in routes()
        if evidence.is_versioned(route.path) and not route.path.startswith("/client/")
    }
    assert "| `PUT /v1/users/{username}` | yes | yes | 200 `{}` | 204 |" in rows
    assert (
        "| `DELETE /v1/groups/{gid}/members` | yes | \N{EN DASH} | 200 `{}` | \N{EN DASH} |" in rows
    )
