"""Importing a file in a job.

Its rows are read once, when the job is begun, and kept in pieces of a batch each.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.importing.importer import Importer
from apps.core.importing.rows import (
    OUTCOME_HEADING,
    Format,
    Outcome,
    Row,
    batches,
    outcome_lines,
    read_rows,
    refusal,
)
from apps.core.jobs import JobKind, Step, register_kind
from apps.core.models import App, Job
from apps.core.services.jobs import app_of_job, input_part, set_total, submit_job

BATCH = 100  # rows at most: at 12 ms for the hash of a password, a second or so
_AGAIN = "again"


@dataclass(frozen=True)
class ImportJob:
    """A kind of jobs that import rows, which are known by the column `key`."""

    kind: JobKind
    importer: Importer[Any]
    key: str

    def begin(
        self,
        *,
        app: App,
        operator_id: int | None,
        file: BinaryIO,
        name: str,
        format: Format,
        encoding: str = "utf-8-sig",
        dry_run: bool = False,
    ) -> Job:
        """Read the file, and begin a job that imports its rows, or with `dry_run` tries to.

        Raises PARAMETER_INVALID for a file without rows, one that is not in that encoding, and a heading
        that is not as it should be. Memory is bounded by a batch of rows; in a dry run, by the keys of all.
        """
        count = 0
        seen: set[str] | None = set() if dry_run else None

        def pieces() -> Iterator[bytes]:
            nonlocal count
            with io.TextIOWrapper(file, encoding=encoding, newline="") as stream:
                rows = read_rows(stream, format=format, columns=self.importer.columns)
                for batch in batches(rows, min(BATCH, self.importer.batch)):
                    count += len(batch)
                    yield json.dumps([_kept(row, self.key, seen) for row in batch]).encode()

        with transaction.atomic():
            try:
                job = submit_job(
                    kind=self.kind,
                    app=app,
                    operator_id=operator_id,
                    arguments={"file": name[:200], "dry_run": dry_run},
                    parts=pieces(),
                )
            except UnicodeError:  # of UTF-16 without its mark it is no UnicodeDecodeError
                raise refusal(f"file: is not {encoding.removesuffix('-sig')}") from None
            if not count:
                raise refusal("file: has no rows")
            set_total(job=job, total=count)
        return job


def register_import(
    *, importer: Importer[Any], key: str, title: str | Promise, permission: str
) -> ImportJob:
    """Declare the jobs that import such rows, by whoever has the permission."""
    kind = register_kind(_kind(importer, title, permission))
    return ImportJob(kind, importer, key)


def _kind(importer: Importer[Any], title: str | Promise, permission: str) -> JobKind:
    """Its result is a line for each row, as the commands write it."""

    def prepare(job: Job) -> Any:
        rows = _rows(job)
        return rows, importer.prepare(app_of_job(job=job), [row for row, _again in rows])

    def step(job: Job, prepared: Any) -> Step:
        rows, checked = prepared
        with transaction.atomic():
            outcomes = importer.store(app_of_job(job=job), checked)
            if job.arguments["dry_run"]:
                transaction.set_rollback(True)
        if job.arguments["dry_run"]:
            outcomes = [_unless_again(importer, *each) for each in zip(outcomes, rows, strict=True)]
        number = job.position or 0
        text = outcome_lines(outcomes) if number else OUTCOME_HEADING + outcome_lines(outcomes)
        return Step(
            position=number + 1,
            done=len(outcomes),
            refused=sum(outcome.error is not None for outcome in outcomes),
            result=text.encode(),
            finished=input_part(job=job, number=number + 1) is None,
        )

    return JobKind(
        name=f"import-{importer.kind}",
        title=title,
        permission=permission,
        prepare=prepare,
        step=step,
        result_name=f"{importer.kind}.results.csv",
        describe=lambda job: {_("File"): job.arguments["file"], **_dry(job)},
    )


def _dry(job: Job) -> Mapping[str | Promise, Any]:
    return {_("Dry run"): _("Nothing is stored.")} if job.arguments["dry_run"] else {}


def _kept(row: Row, key: str, seen: set[str] | None) -> list[Any]:
    """The row as a piece holds it. Where nothing is stored, only we know that its key has come before."""
    fault = str(row.fault) if row.fault is not None else None
    again = ""
    if seen is not None and fault is None:
        name = str(row.values.get(key, ""))
        again = _AGAIN if name in seen else ""
        seen |= {name}
    return [row.number, row.values, fault, again]


def _rows(job: Job) -> list[tuple[Row, bool]]:
    piece = input_part(job=job, number=job.position or 0)
    kept: Iterable[Any] = json.loads(piece or b"[]")
    return [
        (Row(number, values, refusal(fault) if fault is not None else None), again == _AGAIN)
        for number, values, fault, again in kept
    ]


def _unless_again(importer: Importer[Any], outcome: Outcome, row: tuple[Row, bool]) -> Outcome:
    if row[1] and outcome.error is None:
        return replace(outcome, error=importer.repeated)
    return outcome
