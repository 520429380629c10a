"""Jobs: begun, done batch by batch, cancelled, forgotten."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.core.errors import KEY_REUSED, PARAMETER_INVALID, ImError
from apps.core.jobs import JobKind, Step, kind_of
from apps.core.models import App, Job, JobPart, JobState
from apps.core.services.audit import record_end

# Why a job failed: kept in English, told in the reader's language.
NOT_ALLOWED = gettext_noop("operator: may not do this any more")
NOT_THEIRS = gettext_noop("app: is not the operator's any more")
_BARRED = gettext_noop("operator: is barred")
_APP_DELETED = gettext_noop("app: was deleted")

_ROUND = 2.0  # seconds that a worker stays with one job before it looks for another
_MOST_TRIES = 5  # of one batch
_FORGOTTEN_AT_ONCE = 200  # parts

_kept = threading.local()
"""What each thread has claimed: else, a job whose database went away would wait until its lease runs out."""

# Whoever has waited longest. Jobs that others have are passed over, until their lease runs out.
_CLAIM = """
UPDATE core_job SET claim = %(claim)s, state = 'running', tries = tries + 1, touched_at = now(),
    leased_until = now() + %(lease)s * interval '1 second'
WHERE id = (
    SELECT id FROM core_job
    WHERE state IN ('waiting', 'running') AND (leased_until IS NULL OR leased_until < now())
    ORDER BY touched_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def submit_job(
    *,
    kind: JobKind,
    app: App | None,
    operator_id: int | None,
    arguments: Mapping[str, Any],
    parts: Iterable[bytes] = (),
    total: int | None = None,
    key: str | None = None,
) -> Job:
    """Store a job for the workers to do. `parts` is its input, in pieces that a step reads whole.

    In a transaction of the caller's it is begun when that commits. The input is read lazily, and inserted
    piece by piece. Raises KEY_REUSED where the app has a job of that key, which has at most 64 characters.
    """
    try:
        with transaction.atomic():
            job = Job.objects.create(  # tenant-free: there are jobs of no app
                app=app,
                operator_id=operator_id,
                kind=kind.name,
                key=key,
                arguments=dict(arguments),
                total=total,
            )
            for number, data in enumerate(parts):
                job.parts.create(name=JobPart.INPUT, number=number, data=data)
    except IntegrityError:
        if key is None:
            raise
        raise ImError(KEY_REUSED) from None
    return job


def set_total(*, job: Job, total: int) -> None:
    """Say how many rows the job has, where that came out only as its input was read."""
    Job.objects.filter(pk=job.pk).update(total=total)  # tenant-free: one job


def cancel_job(*, job: Job) -> bool:
    """Have the job end before its next batch. Returns whether it was not over already."""
    mine = Job.objects.unfinished().filter(pk=job.pk)  # tenant-free: one job
    return bool(mine.update(cancel_asked_at=Now()))


def work_on_jobs() -> bool:
    """Take up one job and do some of it, for a few seconds. Returns whether there was one.

    Whatever a step fails of is raised, after the job was let go, and tried again; what it refuses (ImError)
    ends the job, and so does a batch that has failed five times.
    """
    claimed = _claim()
    if claimed is None:
        return False
    pk, claim = claimed
    until = time.monotonic() + _ROUND
    try:
        while _advance(pk, claim) and time.monotonic() < until:
            pass
    finally:
        if not connection.needs_rollback:
            _give_back()
    return True


def _claim() -> tuple[int, uuid.UUID] | None:
    _give_back()
    claim = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"claim": claim, "lease": settings.IM_JOB_LEASE_SECONDS})
        row = cursor.fetchone()
    if row is None:
        return None
    _kept.claimed = row[0], claim
    return row[0], claim


def _give_back() -> None:
    """Let go of the job that this thread has claimed, if any. The next time, where the database is away."""
    claimed: tuple[int, uuid.UUID] | None = getattr(_kept, "claimed", None)
    if claimed is not None:
        pk, claim = claimed
        mine = Job.objects.filter(pk=pk, claim=claim)  # tenant-free: one job
        mine.update(claim=None, leased_until=None, touched_at=Now())
        _kept.claimed = None


def _advance(pk: int, claim: uuid.UUID) -> bool:
    """One batch. Returns whether another follows, for this worker."""
    mine = Job.objects.filter(pk=pk, claim=claim)  # tenant-free: one job
    job = mine.select_related("app", "operator").first()
    if job is None or job.is_over:
        return False
    kind = kind_of(job.kind)
    if kind is None or job.tries > _MOST_TRIES:
        text = (
            gettext_noop("It failed again and again: see the server's log.")
            if kind
            else gettext_noop("Nobody knows this kind of job.")
        )
        return _end(job, JobState.FAILED, text)
    if job.cancel_asked_at is not None:
        return _end(job, JobState.CANCELLED)
    if job.app is not None and job.app.is_being_deleted:
        return _end(job, JobState.CANCELLED, "app: is being deleted")
    try:
        _check_operator(job, kind)
        prepared = kind.prepare(job)
        with transaction.atomic():
            if not _hold(job):
                return False
            return _store(job, kind.step(job, prepared))
    except ImError as refusal:
        return _end(job, JobState.FAILED, str(refusal))


def _check_operator(job: Job, kind: JobKind) -> None:
    """Who began the job must still be allowed to: asked before each batch.

    Raises PARAMETER_INVALID for somebody who was barred, or has lost the permission or the app. What belongs
    to no app is for superusers. A job that no operator began is nobody's to lose.
    """
    operator: Any = job.operator
    if operator is None:
        return
    if not operator.is_active:
        raise ImError(PARAMETER_INVALID, _BARRED)
    if operator.is_superuser:
        return
    needed = [name for name in ("core.add_job", kind.permission) if name]
    if not operator.has_perms(needed):
        raise ImError(PARAMETER_INVALID, NOT_ALLOWED)
    mine = operator.apps.filter(pk=job.app_id)
    if not mine.exists():
        raise ImError(PARAMETER_INVALID, NOT_THEIRS)


def _hold(job: Job) -> bool:
    """Lock the job for the batch, unless somebody else has taken it over meanwhile, or moved it on."""
    held = Job.objects.select_for_update(no_key=True).filter(  # tenant-free: one job
        pk=job.pk, claim=job.claim
    )
    return held.exists()


def _store(job: Job, step: Step) -> bool:
    if step.result:
        number = job.parts.filter(name=JobPart.RESULT).count()
        job.parts.create(name=JobPart.RESULT, number=number, data=step.result)
    state = JobState.DONE if step.finished else JobState.RUNNING
    lease = timedelta(seconds=settings.IM_JOB_LEASE_SECONDS)
    Job.objects.filter(pk=job.pk).update(  # tenant-free: one job
        position=step.position,
        done=F("done") + step.done,
        refused=F("refused") + step.refused,
        total=job.total if step.total is None else step.total,
        state=state,
        tries=1,
        ended_at=Now() if step.finished else None,
        leased_until=Now() + lease,
    )
    if step.finished:
        done, refused = job.done + step.done, job.refused + step.refused
        record_end(job=job, state=state, done=done, refused=refused, error="")
    return not step.finished


@transaction.atomic
def _end(job: Job, state: str, error: str = "") -> bool:
    mine = Job.objects.filter(pk=job.pk, claim=job.claim)  # tenant-free: one job
    if mine.update(state=state, error=error, ended_at=Now(), leased_until=None):
        record_end(job=job, state=state, done=job.done, refused=job.refused, error=error)
    return False


def app_of_job(*, job: Job) -> App:
    """The job's app. Raises PARAMETER_INVALID once it was deleted."""
    if job.app is None:
        raise ImError(PARAMETER_INVALID, _APP_DELETED)
    return job.app


def input_part(*, job: Job, number: int) -> bytes | None:
    """One piece of the job's input; None behind the last."""
    found = (
        job.parts.filter(name=JobPart.INPUT, number=number).values_list("data", flat=True).first()
    )
    return None if found is None else bytes(found)


def result_of(*, job: Job) -> Iterator[bytes]:
    """The job's result, piece by piece: one query and one piece of memory for each."""
    numbers = (
        job.parts.filter(name=JobPart.RESULT).order_by("number").values_list("number", flat=True)
    )
    for number in list(numbers):
        part = job.parts.filter(name=JobPart.RESULT, number=number).values_list("data", flat=True)
        for data in part:
            yield bytes(data)


def forget_parts() -> bool:
    """Delete inputs and results of jobs that ended `settings.IM_JOB_FILE_DAYS` ago, some at a time."""
    before = timezone.now() - timedelta(days=settings.IM_JOB_FILE_DAYS)
    old = JobPart.objects.filter(job__ended_at__lt=before)  # tenant-free: those of all apps
    found = list(old.values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE])
    JobPart.objects.filter(pk__in=found).delete()  # tenant-free: those of all apps
    return bool(found)
