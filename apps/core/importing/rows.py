"""Rows of CSV and JSON files, read one by one, and what became of them."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TextIO

from apps.core.api import json_body
from apps.core.errors import PARAMETER_INVALID, ImError

Format = Literal["csv", "jsonl"]

LONGEST_LINE = (
    16 * 1024 * 1024
)  # characters: a page of a report, of 1,000 messages, may be one line
LARGEST_DOCUMENT = 64 * 1024 * 1024  # bytes of a file that is one JSON document


@dataclass(frozen=True)
class Row:
    """One row of a file. `number` counts rows from 1, the heading of a CSV file left out.

    In `values` null and, in a CSV file, an empty field count as absent. A row that could not be read has a
    `fault` in place of values.
    """

    number: int
    values: Mapping[str, Any] = field(default_factory=dict)
    fault: ImError | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a row: with an `error` nothing of it was stored.

    `key` is what the row is known by: a username, a gid. `note` is what the row has now and had not before:
    the new number of a message, say.
    """

    number: int
    key: str
    error: ImError | None = None
    note: str = ""

    @property
    def code(self) -> int:
        """The number of the error in `docs/errors.md`; 0 for a row that was stored."""
        return self.error.code.number if self.error else 0

    @property
    def message(self) -> str:
        """The error in words, or the note."""
        return str(self.error) if self.error else self.note


def refusal(text: str) -> ImError:
    """A row that is not as it should be: the same code as a bad field in a call."""
    return ImError(PARAMETER_INVALID, text)


def batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """The rows in lists of that many; the last may be shorter."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def format_of(name: str) -> Format:
    """What a file is, by the end of its name: anything but `.csv` is JSON."""
    return "csv" if Path(name).suffix.lower() == ".csv" else "jsonl"


def read_rows(
    stream: TextIO, *, format: Format, columns: Sequence[str], start: int = 1
) -> Iterator[Row]:
    """The rows of an open file, lazily, numbered from `start`. Open it with `newline=""`.

    Raises PARAMETER_INVALID for a CSV file whose heading names a column that is not in `columns`, or names
    one twice: a misspelt column must not be dropped in silence. A row that can't be read has a fault.
    """
    read = _csv_rows(stream, columns) if format == "csv" else _json_rows(stream)
    for number, (values, fault) in enumerate(read, start):
        yield Row(number, values, fault)


_Read = tuple[Mapping[str, Any], ImError | None]


def _csv_rows(stream: TextIO, columns: Sequence[str]) -> Iterator[_Read]:
    reader = csv.reader(stream, strict=True)
    try:
        heading = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise refusal(f"line 1: {error}") from None
    _check_heading(heading, columns)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield {}, refusal(f"line {reader.line_num}: {error}")
            continue
        if not cells:  # an empty line
            continue
        if len(cells) != len(heading):
            text = f"line {reader.line_num}: has {len(cells)} fields, the heading {len(heading)}"
            yield {}, refusal(text)
            continue
        values = {name: cell for name, cell in zip(heading, cells, strict=True) if cell != ""}
        yield values, _nul_fault(values)


def _nul_fault(values: Mapping[str, str]) -> ImError | None:
    for name, cell in values.items():
        if "\0" in cell:
            return refusal(f"{name}: must not contain NUL")
    return None


def _check_heading(heading: Sequence[str], columns: Sequence[str]) -> None:
    for place, name in enumerate(heading):
        if name not in columns:
            raise refusal(f"column {name!r}: is not one of {', '.join(columns)}")
        if name in heading[:place]:
            raise refusal(f"column {name!r}: is there twice")
    if not heading:
        raise refusal("line 1: must name the columns")


def _json_rows(stream: TextIO) -> Iterator[_Read]:
    """A document to a line; or one document over many lines, which is an array or a page of a list."""
    first = stream.readline(LONGEST_LINE)
    if first.strip() and not _is_json(first):
        whole = first + stream.read(LARGEST_DOCUMENT)
        if len(whole) >= LARGEST_DOCUMENT:
            raise refusal(f"line 1: is not JSON, and the file is over {LARGEST_DOCUMENT} bytes")
        yield from _of_document(whole, 1)
        return
    line, number = first, 1
    while line:
        if line.strip():
            yield from _of_document(line, number)
        if not line.endswith("\n") and len(line) >= LONGEST_LINE:
            _skip_line(stream)
        line = stream.readline(LONGEST_LINE)
        number += 1


def _skip_line(stream: TextIO) -> None:
    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith("\n"):
        pass


def _is_json(text: str) -> bool:
    try:
        json_body.decode(text.encode())
    except ImError as error:
        return "is not JSON" not in str(error)
    return True


def _of_document(text: str, line: int) -> Iterator[_Read]:
    try:
        document = json_body.decode(text.encode())
    except ImError as error:
        yield {}, refusal(f"line {line}: {str(error).removeprefix('body: ')}")
        return
    for item in _items(document):
        if isinstance(item, dict):
            yield {name: value for name, value in item.items() if value is not None}, None
        else:
            yield {}, refusal(f"line {line}: must be an object")


#: The lists in the pages that the API answers with.
_LISTS = ("users", "groups", "messages")


def _items(document: Any) -> Iterable[Any]:
    """The rows of an array, or of a page as the API's lists and reports give them; else the one row."""
    if isinstance(document, dict) and "count" in document:
        for name in _LISTS:
            if isinstance(document.get(name), list):
                found: list[Any] = document[name]
                return found
    return document if isinstance(document, list) else [document]


def outcome_lines(outcomes: Iterable[Outcome]) -> str:
    """Rows of a result file, as CSV: number, key, ok or error, code, message."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for one in outcomes:
        state = "error" if one.error else "ok"
        writer.writerow([one.number, one.key, state, one.code, one.message])
    return text.getvalue()


OUTCOME_HEADING = "row,key,result,code,message\n"
