"""The pages of jobs."""

from __future__ import annotations

import pytest

from apps.accounts.models import Operator, OperatorRole
from apps.core.models import AuditEntry, Job, JobState
from apps.core.services.jobs import submit_job, work_on_jobs
from tests.admin.conftest import list_of, page_of
from tests.counting import COUNTING


@pytest.fixture
def job(app, olga) -> Job:
    """One of olga's."""
    return submit_job(kind=COUNTING, app=app, operator_id=olga.pk, arguments={}, total=12)


def test_a_job_shows_how_far_it_is(browser, job):
    Job.objects.update(done=7, refused=2)

    page = browser.page(page_of(job))

    assert '<progress value="7" max="12"' in page
    assert "7 of 12 (2 refused)" in page
    assert f'data-progress="{page_of(job, "progress")}"' in page


def test_the_bar_asks_how_far_it_is(browser, job):
    before = browser.get(page_of(job, "progress")).json()
    work_on_jobs()
    after = browser.get(page_of(job, "progress")).json()

    assert before == {"done": 0, "total": 12, "counted": "0 of 12", "over": False}
    assert after == {"done": 12, "total": 12, "counted": "12 of 12 (1 refused)", "over": True}
    assert "data-progress" not in browser.page(page_of(job))


def test_a_job_is_cancelled_after_a_question(browser, job):
    assert "0 of 12" in browser.page(page_of(job, "cancel"))
    done = browser.answer(page_of(job, "cancel"))

    assert "The job ends before its next batch." in browser.said(done)
    job.refresh_from_db()
    assert job.cancel_asked_at is not None
    assert "being cancelled" in browser.page(page_of(job))
    assert AuditEntry.objects.order_by("-pk")[0].action == "Cancel the job"
    work_on_jobs()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_the_result_is_downloaded_by_whoever_began_the_job_alone(browser, root, job):
    early = browser.get(page_of(job, "download"))
    work_on_jobs()
    response = browser.get(page_of(job, "download"))

    assert early.status_code == 404
    assert b"".join(response.streaming_content) == b"".join(b"%d\n" % n for n in range(12))
    assert response["Content-Disposition"] == f'attachment; filename="numbers-{job.pk}.csv"'
    assert root.get(page_of(job, "download")).status_code == 403
    assert page_of(job, "download") in browser.page(page_of(job))
    assert page_of(job, "download") not in root.page(page_of(job))
    assert AuditEntry.objects.order_by("-pk")[0].action == "Result downloaded"


def test_who_may_see_no_jobs_any_more_has_no_result_of_one(browser, olga, job):
    work_on_jobs()
    Operator.objects.update(role=OperatorRole.SUPPORT)

    assert browser.get(page_of(job, "download")).status_code == 403


def test_jobs_of_other_apps_are_absent(browser, ours, theirs):
    (theirs_job,) = theirs.app.jobs.all()
    shown = browser.get(list_of(Job)).context["cl"].result_list

    assert [job.app for job in shown] == [ours.app]
    for action in ("progress", "cancel", "download"):
        assert browser.answer(page_of(theirs_job, action)).status_code == 302
    theirs_job.refresh_from_db()
    assert theirs_job.cancel_asked_at is None


def test_jobs_are_filtered_by_their_state(browser, job):
    assert browser.get(list_of(Job), {"state": "waiting"}).context["cl"].result_list == [job]
    assert browser.get(list_of(Job), {"state": "done"}).context["cl"].result_list == []


def test_why_a_job_failed_is_told_in_the_operators_language(browser, olga, job):
    olga.apps.clear()
    work_on_jobs()
    olga.apps.add(job.app)

    page = browser.get(page_of(job), headers={"accept-language": "zh-hans"}).content.decode()

    assert "该应用不再属于此操作员" in page
