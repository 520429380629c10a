"""Files that are imported by jobs, as the console begins them, and what became of their rows."""

from __future__ import annotations

import csv
import io

from apps.core.importing.job import ImportJob
from apps.core.models import App, Job
from apps.core.services.jobs import result_of, work_on_jobs


def begin_import(
    what: ImportJob, app: App, text: str | bytes, format: str = "csv", **more: object
) -> Job:
    """A job that imports that file."""
    raw = text if isinstance(text, bytes) else text.encode()
    name = f"{what.importer.kind}.{format}"
    given = {"operator_id": None, "file": io.BytesIO(raw), "name": name, "format": format, **more}
    return what.begin(app=app, **given)  # type: ignore[arg-type]  # as the caller says


def work_it_off() -> None:
    """Do whatever there is."""
    while work_on_jobs():
        pass


def outcomes(job: Job) -> list[dict[str, str]]:
    """The lines of the result."""
    return list(csv.DictReader(io.StringIO(b"".join(result_of(job=job)).decode())))
