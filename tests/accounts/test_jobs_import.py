"""Users are imported from an uploaded file, by a job."""

from __future__ import annotations

import json
from functools import partial

import pytest

from apps.accounts.jobs import IMPORT_USERS
from apps.accounts.models import OperatorRole
from apps.accounts.services.operators import create_operator, update_operator
from apps.core.errors import ImError
from apps.core.models import Job, JobState
from apps.core.services import jobs
from tests.at_work import killing, wait_for, working
from tests.conftest import PASSWORD, person
from tests.imported import begin_import, outcomes, work_it_off

begin = partial(begin_import, IMPORT_USERS)


def many(count: int) -> str:
    """A file of so many users."""
    lines = "".join(f"user-{number:04},{PASSWORD}\n" for number in range(count))
    return f"username,password\n{lines}"


def test_every_row_is_imported_or_refused_and_told(app):
    person(app, "user-0001")
    job = begin(app, many(3) + "x,short name\n")
    work_it_off()

    job.refresh_from_db()
    assert (job.state, job.total, job.done, job.refused) == (JobState.DONE, 4, 4, 2)
    assert [(line["row"], line["key"], line["result"]) for line in outcomes(job)] == [
        ("1", "user-0000", "ok"),
        ("2", "user-0001", "error"),
        ("3", "user-0002", "ok"),
        ("4", "x", "error"),
    ]
    assert set(app.users.values_list("username", flat=True)) == {
        "user-0000", "user-0001", "user-0002",
    }  # fmt: skip


def test_rows_over_many_batches_have_one_heading_and_their_own_numbers(app):
    job = begin(app, many(250))
    work_it_off()

    told = outcomes(job)
    assert [int(line["row"]) for line in told] == list(range(1, 251))
    assert app.users.count() == 250


def test_a_dry_run_tells_the_same_and_stores_nothing(app):
    text = many(120) + f"user-0003,{PASSWORD}\nx,y\n"
    tried = begin(app, text, dry_run=True)
    work_it_off()
    before = app.users.count()
    done = begin(app, text)
    work_it_off()

    assert before == 0
    assert outcomes(tried) == outcomes(done)
    assert app.users.count() == 120


def test_json_is_read_as_well(app):
    lines = [{"username": "user-1", "nickname": "张伟"}, {"username": "user-2", "star": "many"}]
    job = begin(app, "\n".join(map(json.dumps, lines)), format="jsonl")
    work_it_off()

    assert [line["result"] for line in outcomes(job)] == ["ok", "error"]
    assert app.users.by_username("user-1").nickname == "张伟"


def test_a_file_in_another_encoding_is_read_if_it_is_told(app):
    text = "username,nickname\nuser-1,张伟\n".encode("gb18030")
    begin(app, text, encoding="gb18030")
    work_it_off()

    assert app.users.by_username("user-1").nickname == "张伟"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "must name the columns"),
        (b"username,password\n", "has no rows"),
        (b"user,password\nx,y\n", "column 'user'"),
        ("username,nickname\nuser-1,张伟\n".encode("gb18030"), "is not utf-8"),
    ],
)
def test_a_file_that_can_not_be_read_begins_no_job(app, text, complaint):
    with pytest.raises(ImError, match=complaint):
        begin(app, text)

    assert not Job.objects.exists()


@pytest.mark.parametrize("text", [many(3), '{"username": "user-1"}\n'])
def test_a_file_that_is_not_in_the_encoding_told_begins_no_job(app, text):
    with pytest.raises(ImError, match="is not utf-16"):
        begin(app, text, encoding="utf-16")

    assert not Job.objects.exists()


@pytest.mark.parametrize("lost", ["barred", "app", "role"])
def test_a_job_of_somebody_who_may_not_any_more_goes_no_further(app, monkeypatch, lost):
    monkeypatch.setattr(jobs, "_ROUND", 0.0)
    olga = create_operator(username="olga", password=PASSWORD, apps=[app])
    job = begin(app, many(250))
    Job.objects.update(operator=olga)
    jobs.work_on_jobs()
    update_operator(
        operator=olga,
        is_active=lost != "barred",
        is_superuser=False,
        role=OperatorRole.AUDITOR if lost == "role" else OperatorRole.OWNER,
        apps=[] if lost == "app" else [app],
        permissions=[],
    )
    work_it_off()

    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.FAILED, 100)
    assert app.users.count() == 100
    assert "any more" in job.error or job.error == "operator: is barred"


def test_users_of_other_apps_are_no_obstacle(app, other_app):
    person(other_app, "user-0000")
    begin(app, many(1))
    work_it_off()

    assert app.users.count() == 1


def test_a_job_whose_app_is_gone_fails(app, other_app):
    job = begin(other_app, many(1))
    other_app.delete()
    work_it_off()

    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "app: was deleted")
    assert IMPORT_USERS.kind.result_name == "users.results.csv"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_killed_again_and_again_import_every_row_once(app):
    """Two at a time, killed in the middle of it, until the job is done."""
    job = begin(app, many(1500))
    lease = {"IM_JOB_LEASE_SECONDS": "1"}
    seen = 0
    killed = killing(
        "jobs", times=4, until=lambda: _beyond(job, seen), what="a worker does a batch", **lease
    )
    for _ in killed:
        seen = _done(job)
    with working("--only", "jobs", **lease):
        wait_for(lambda: Job.objects.get(pk=job.pk).is_over, "the rest is done")

    job.refresh_from_db()
    assert (job.state, job.done, job.refused) == (JobState.DONE, 1500, 0)
    assert app.users.count() == 1500
    assert [int(line["row"]) for line in outcomes(job)] == list(range(1, 1501))
    assert {line["result"] for line in outcomes(job)} == {"ok"}


def _beyond(job: Job, seen: int) -> bool:
    return _done(job) > seen


def _done(job: Job) -> int:
    return Job.objects.get(pk=job.pk).done
