"""Rows of files, read one by one; what can't be read is named and does not end the reading."""

import io
from itertools import count, islice

import pytest

from apps.core.errors import ImError
from apps.core.importing import Outcome, Row
from apps.core.importing.rows import batches, format_of, outcome_lines, read_rows, refusal

COLUMNS = ("username", "nickname", "extras")


def read(text, format="jsonl", columns=COLUMNS, start=1):
    stream = io.StringIO(text, newline="")
    rows = read_rows(stream, format=format, columns=columns, start=start)
    return [(row.number, dict(row.values), row.fault and str(row.fault)) for row in rows]


def test_a_csv_file_names_its_columns_in_any_order():
    text = 'nickname,username\r\n"Bob, the ""first""\nof two",bobby\r\n\r\n,carol\r\n'

    assert read(text, "csv") == [
        (1, {"nickname": 'Bob, the "first"\nof two', "username": "bobby"}, None),
        (2, {"username": "carol"}, None),
    ]


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("username,pasword", "column 'pasword': is not one of username, nickname, extras"),
        ("username,username", "column 'username': is there twice"),
        ("", "line 1: must name the columns"),
    ],
)
def test_a_heading_that_is_wrong_ends_the_import_before_it_begins(heading, text):
    with pytest.raises(ImError, match=text):
        read(f"{heading}\nalice,secret\n", "csv")


def test_a_row_that_is_no_csv_is_told_and_the_next_one_read():
    text = 'username,nickname\nalice\nbobby,"Bob"by\ncarol,C\na\0b,x\n'

    assert read(text, "csv") == [
        (1, {}, "line 2: has 1 fields, the heading 2"),
        (2, {}, "line 3: ',' expected after '\"'"),
        (3, {"username": "carol", "nickname": "C"}, None),
        (4, {"username": "a\0b", "nickname": "x"}, "username: must not contain NUL"),
    ]


def test_a_line_is_a_json_document_and_null_is_absent():
    text = '{"username": "alice", "nickname": null}\n\n[]\nnot json\n7\n{"username": "bobby"}'

    assert read(text) == [
        (1, {"username": "alice"}, None),
        (2, {}, "line 4: is not JSON at line 1, column 1: Expecting value"),
        (3, {}, "line 5: must be an object"),
        (4, {"username": "bobby"}, None),
    ]


def test_pages_of_lists_and_reports_are_taken_apart():
    page = '{"total": 3, "start": 0, "count": 2, "users": [{"username": "a"}, {"username": "b"}]}'

    assert [values for _, values, _ in read(f"{page}\n" + '{"username": "c"}\n')] == [
        {"username": "a"},
        {"username": "b"},
        {"username": "c"},
    ]


def test_one_document_may_go_over_many_lines():
    text = '[\n  {"username": "a"},\n  {"username": "b"}\n]\n'

    assert [values for _, values, _ in read(text)] == [{"username": "a"}, {"username": "b"}]


def test_rows_of_a_second_file_are_numbered_on():
    assert [number for number, _, _ in read('{"a": 1}\n{"a": 2}\n', start=8)] == [8, 9]


def test_what_postgresql_could_not_store_is_refused_at_the_door():
    (row,) = read('{"username": "a", "username": "b"}\n')
    assert row[2] == "line 1: username: is given twice"
    (row,) = read('{"username": "a\\u0000"}\n')
    assert row[2] == "line 1: username: must not contain NUL"


def test_a_file_is_what_its_name_says():
    assert [format_of(name) for name in ("a.csv", "A.CSV", "a.jsonl", "a.json", "a")] == [
        "csv",
        "csv",
        "jsonl",
        "jsonl",
        "jsonl",
    ]


def test_batches_take_no_more_rows_than_they_give():
    source = (Row(number) for number in count(1))

    first, second = islice(batches(source, 3), 2)

    numbers = [[row.number for row in batch] for batch in (first, second)]
    assert numbers == [[1, 2, 3], [4, 5, 6]]
    assert next(source).number == 7


def test_outcomes_are_rows_of_csv():
    told = [Outcome(1, "alice"), Outcome(2, 'a,"b"', refusal("x: no")), Outcome(3, "7", note="8")]

    assert outcome_lines(told) == '1,alice,ok,0,\n2,"a,""b""",error,899003,x: no\n3,7,ok,0,8\n'
