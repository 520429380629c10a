"""Jobs are done batch by batch, each batch once, whoever is killed or late."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.jobs import JobKind, kind_of, register_kind
from apps.core.models import Job, JobPart, JobState
from apps.core.services import jobs
from apps.core.services.jobs import (
    app_of_job,
    cancel_job,
    forget_parts,
    input_part,
    result_of,
    submit_job,
    work_on_jobs,
)
from tests.counting import COUNTING, StumbledError


def counting(app, total=12, **arguments) -> Job:
    """A job that counts."""
    return submit_job(kind=COUNTING, app=app, operator_id=None, arguments=arguments, total=total)


def result(job: Job) -> list[int]:
    """The numbers it has counted so far."""
    return [int(line) for line in b"".join(result_of(job=job)).split()]


def test_a_job_is_done_batch_by_batch_to_its_end(app):
    job = counting(app)

    assert work_on_jobs()

    job.refresh_from_db()
    assert (job.state, job.done, job.refused, job.position) == (JobState.DONE, 12, 1, 12)
    assert job.ended_at is not None
    assert result(job) == list(range(12))
    assert not work_on_jobs()


def test_nothing_is_done_without_jobs(db):
    assert not work_on_jobs()


def test_input_is_kept_in_pieces(app):
    job = submit_job(
        kind=COUNTING, app=app, operator_id=None, arguments={}, parts=iter([b"one", b"two"])
    )

    assert [input_part(job=job, number=number) for number in range(3)] == [b"one", b"two", None]


def test_a_worker_turns_to_other_jobs_after_a_while(app, monkeypatch):
    monkeypatch.setattr(jobs, "_ROUND", 0.0)
    first, second = counting(app), counting(app)

    work_on_jobs()
    work_on_jobs()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.done, second.done) == (5, 5)


def test_a_job_that_another_has_claimed_is_left_alone_until_its_lease_runs_out(app):
    job = counting(app)
    held = Job.objects.filter(pk=job.pk)
    held.update(claim=uuid4(), leased_until=timezone.now() + timedelta(minutes=1), state="running")

    assert not work_on_jobs()

    held.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert work_on_jobs()
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_worker_that_wakes_up_late_does_nothing_that_another_has_done(app, monkeypatch):
    """It was so slow in preparing a batch that its lease ran out, and another has done that batch."""
    job = counting(app)
    late: list[bool] = []

    def prepare(_job) -> None:
        if not late:
            late.append(True)
            Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
            work_on_jobs()

    slow = JobKind(name="slow", title="Slow", step=COUNTING.step, prepare=prepare)
    monkeypatch.setattr(jobs, "kind_of", lambda _name: slow)

    work_on_jobs()

    job.refresh_from_db()
    assert result(job) == list(range(12))
    assert (job.done, job.state) == (12, JobState.DONE)


def test_a_step_that_fails_leaves_nothing_and_is_tried_again(app):
    job = counting(app, stumble_at=7)

    with pytest.raises(StumbledError):
        work_on_jobs()

    job.refresh_from_db()
    assert (job.done, job.position, job.state) == (5, 5, JobState.RUNNING)
    assert result(job) == list(range(5))
    Job.objects.update(arguments={})
    work_on_jobs()
    assert result(job) == list(range(12))


def test_a_batch_that_fails_again_and_again_ends_the_job(app):
    job = counting(app, stumble_at=7)

    for _ in range(5):
        with pytest.raises(StumbledError):
            work_on_jobs()
    work_on_jobs()

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "again and again" in job.error
    assert not work_on_jobs()


def test_a_refusal_ends_the_job_with_its_text(app):
    job = counting(app, refuse_at=7)

    work_on_jobs()

    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "number: is an unlucky one")
    assert job.done == 5


def test_a_cancelled_job_ends_before_its_next_batch_and_keeps_what_it_has_done(app, monkeypatch):
    monkeypatch.setattr(jobs, "_ROUND", 0.0)
    job = counting(app)
    work_on_jobs()

    assert cancel_job(job=job)
    work_on_jobs()

    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.CANCELLED, 5)
    assert not cancel_job(job=job)
    assert result(job) == list(range(5))


def test_a_job_of_a_kind_that_is_gone_fails(app):
    gone = JobKind(name="gone", title="Gone", step=COUNTING.step)
    job = submit_job(kind=gone, app=app, operator_id=None, arguments={})

    work_on_jobs()

    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_the_app_of_a_job_may_be_gone(app):
    job = counting(app)
    app.delete()

    job.refresh_from_db()
    with pytest.raises(Exception, match="was deleted"):
        app_of_job(job=job)


def test_old_files_are_forgotten_and_young_ones_kept(app, settings):
    job, young, waiting = counting(app), counting(app), counting(app, total=0)
    while work_on_jobs():
        pass
    old = timezone.now() - timedelta(days=settings.IM_JOB_FILE_DAYS, seconds=1)
    Job.objects.filter(pk=job.pk).update(ended_at=old)
    Job.objects.filter(pk=waiting.pk).update(ended_at=None, state=JobState.WAITING)

    assert forget_parts()
    assert not forget_parts()

    assert not job.parts.exists()
    assert young.parts.exists()
    assert Job.objects.filter(pk=job.pk).exists()


def test_a_kind_has_one_name(db):
    with pytest.raises(ValueError, match="counting"):
        register_kind(JobKind(name="counting", title="Other", step=COUNTING.step))
    assert kind_of("counting") is COUNTING


@pytest.mark.django_db(transaction=True)
def test_many_workers_do_no_batch_twice(app, monkeypatch):
    monkeypatch.setattr(jobs, "_ROUND", 0.0)
    mine = [counting(app, total=60) for _ in range(3)]
    failures: list[BaseException] = []

    def work() -> None:
        try:
            while Job.objects.unfinished().exists():
                work_on_jobs()
        except BaseException as error:  # noqa: BLE001 - told below, in the thread of the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    for job in mine:
        job.refresh_from_db()
        assert (job.state, job.done) == (JobState.DONE, 60)
        assert result(job) == list(range(60))
        assert job.parts.filter(name=JobPart.RESULT).count() == 12
