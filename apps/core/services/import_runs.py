"""Imports of whole files that go on where they were stopped."""

import os
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from apps.core.importing import Importer, Outcome, Row
from apps.core.importing.rows import OUTCOME_HEADING, batches, outcome_lines, refusal
from apps.core.models import App, ImportRun


@transaction.atomic
def begin_import(*, app: App, kind: str, digest: bytes, afresh: bool = False) -> ImportRun:
    """The unfinished run of those files, or a new one. `afresh` forgets how far an unfinished one came."""
    unfinished = app.import_runs.unfinished().filter(kind=kind, digest=digest)
    if afresh:
        unfinished.update(finished_at=timezone.now())
    run, _ = unfinished.get_or_create(app=app, kind=kind, digest=digest)
    return run


def run_import(
    *,
    app: App,
    run: ImportRun,
    importer: Importer[Any],
    rows: Iterable[Row],
    results: BinaryIO,
    batch: int | None = None,
) -> Iterator[ImportRun]:
    """Import what follows the run's position, batch by batch; yields the run after each.

    Rows, position and results of a batch are committed at once. `results` is a file open for reading and
    writing: it is cut to what the run knows of it, so that it says of each row what became of it once,
    however often the process was killed.

    Raises PARAMETER_INVALID if another process is importing the same files.
    """
    position = run.position
    _restore(run, results)
    left = (row for row in rows if row.number > position)
    for some in batches(left, batch or importer.batch):
        prepared = importer.prepare(app, some)
        with transaction.atomic():
            _hold(app, run)
            outcomes = importer.store(app, prepared)
            refused = sum(outcome.error is not None for outcome in outcomes)
            run.position = some[-1].number
            run.refused += refused
            run.stored += len(outcomes) - refused
            run.results_bytes += len(run.last_results.encode())
            run.last_results = outcome_lines(outcomes)
            run.save(force_update=True)
        _write(results, run.last_results)
        yield run
    with transaction.atomic():
        if importer.finish is not None:
            importer.finish(app)
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])


def try_import(
    *, app: App, importer: Importer[Any], rows: Iterable[Row], results: BinaryIO
) -> Iterator[tuple[int, int]]:
    """As `run_import`, but store nothing; yields how many rows would be stored and refused, so far.

    Each batch is tried by itself, so of what depends on rows of another batch
    only repeated keys are seen.
    """
    results.truncate(0)
    _write(results, OUTCOME_HEADING)
    stored = refused = 0
    seen: set[int] = set()  # some 60 bytes a row
    for some in batches(rows, importer.batch):
        outcomes = [
            _unless_seen(importer, outcome, seen)
            for outcome in importer.run(app, some, dry_run=True)
        ]
        errors = sum(outcome.error is not None for outcome in outcomes)
        refused += errors
        stored += len(outcomes) - errors
        _write(results, outcome_lines(outcomes))
        yield stored, refused


def _unless_seen(importer: Importer[Any], outcome: Outcome, seen: set[int]) -> Outcome:
    """What was taken back of an earlier batch would be there by now."""
    if outcome.error is not None:
        return outcome
    if hash(outcome.key) in seen:
        return Outcome(outcome.number, outcome.key, importer.repeated)
    seen.add(hash(outcome.key))
    return outcome


def _write(results: BinaryIO, text: str) -> None:
    """On the disk when this returns: the next batch counts on it."""
    results.write(text.encode())
    results.flush()
    os.fsync(results.fileno())


def _restore(run: ImportRun, results: BinaryIO) -> None:
    """Bring the result file to where the run stands: a kill may have come before a write, or within it."""
    if run.results_bytes == 0:
        run.results_bytes = len(OUTCOME_HEADING)
    size = results.seek(0, os.SEEK_END)
    if size < run.results_bytes and run.position:
        raise refusal("results: is not the result file that this import had begun")
    results.truncate(0 if not run.position else run.results_bytes)
    results.seek(0, os.SEEK_END)
    _write(results, run.last_results if run.position else OUTCOME_HEADING)


def _hold(app: App, run: ImportRun) -> None:
    """Lock the run until the batch is stored, unless somebody else has moved it on or ended it."""
    mine = app.import_runs.unfinished().select_for_update(no_key=True)
    if not mine.filter(pk=run.pk, position=run.position):
        raise refusal("another process is importing the same files")
