"""The diary's long work: dropping all lines of one kind."""

from apps.core.jobs import JobKind, Step, register_kind
from apps.core.models import Job
from apps.core.services.jobs import app_of_job

BATCH = 500


def drop_some(job: Job, prepared: None) -> Step:
    """Delete some lines: those of the job's app and of the kind that it names."""
    lines = app_of_job(job=job).diary.filter(kind=job.arguments["kind"])
    found = list(lines.in_list_order().values_list("pk", flat=True)[:BATCH])
    lines.filter(pk__in=found).delete()
    return Step(done=len(found), finished=len(found) < BATCH)


DROPPING = register_kind(
    JobKind(
        name="diary-drop",
        title="Dropping lines of the diary",
        step=drop_some,
        permission="diary.delete_entry",
    )
)
