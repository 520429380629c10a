"""From the first moment of its deletion an app is of no use, and there is no way but on."""

from __future__ import annotations

from functools import partial

import pytest

from apps.console.big_world import Sizes, fill
from apps.core import erasing
from apps.core.erasing import begin_erasing
from apps.core.errors import ImError
from apps.core.models import App, AuditEntry, Job, JobState
from apps.core.services import jobs
from apps.core.services.apps import create_app, resume_app
from apps.core.services.jobs import cancel_job, submit_job, work_on_jobs
from tests.admin.conftest import list_of, page_of, say, world_of
from tests.admin.conftest import root as root
from tests.at_work import killing, wait_for, working
from tests.conftest import session_of
from tests.core.test_erasing import counts, work
from tests.counting import COUNTING
from tests.threads import outcomes_at_once, refusals


def begin(app: App) -> Job:
    return begin_erasing(app=app, operator_id=None)


@pytest.fixture
def stopped(app, alice, bobby, monkeypatch):
    """The app, half deleted: the job was cancelled in the middle."""
    monkeypatch.setattr(erasing, "BATCH", 3)
    monkeypatch.setattr(jobs, "_ROUND", 0.0)
    for number in range(10):
        say(app, "alice", "bobby", f"text {number}")
    job = begin(app)
    while app.messages.count() == 10:
        work_on_jobs()
    cancel_job(job=job)
    assert work(job).state == JobState.CANCELLED
    app.refresh_from_db()
    return app


def test_calls_are_refused_from_the_first_moment(app, alice, api):
    client = session_of(alice)
    before = [api.get("/v1/users/alice").status_code, client.get("/client/v1/me").status_code]
    begin(app)
    after = [api.get("/v1/users/alice"), client.get("/client/v1/me")]

    assert before == [200, 200]
    assert [(each.status_code, each.json()["error"]["code"]) for each in after] == [(403, 2003)] * 2


def test_it_is_marked_on_its_page_in_the_list_and_at_home(root, app):
    job = begin(app)

    for address in (page_of(app), list_of(App), "/admin/"):
        assert "being deleted" in root.page(address), address
    page = root.page(page_of(app))
    assert page_of(job) in page
    for name in ("resume", "suspend", "new_secret", "delete", "go_on_deleting"):
        assert f'href="{page_of(app, name)}"' not in page


def test_it_is_resumed_by_no_means(root, app):
    begin(app)
    with pytest.raises(ImError, match="is being deleted"):
        resume_app(app=app)
    page = root.answer(page_of(app, "resume")).content.decode()

    app.refresh_from_db()
    assert "is being deleted" in page
    assert app.suspended_at is not None


def test_a_cancelled_deletion_leaves_it_suspended_and_marked(stopped, api, root):
    assert 0 < stopped.messages.count() < 10
    assert stopped.suspended_at is not None
    assert api.get("/v1/users/alice").json()["error"]["code"] == 2003
    with pytest.raises(ImError, match="is being deleted"):
        resume_app(app=stopped)
    assert "being deleted" in root.page(list_of(App))


def test_a_cancelled_deletion_is_gone_on_with_from_the_page(stopped, root):
    page = root.page(page_of(stopped))
    response = root.answer(page_of(stopped, "go_on_deleting"))

    job = Job.objects.order_by("-pk")[0]
    assert page_of(stopped, "go_on_deleting") in page
    assert response.url == page_of(job)
    assert work(job).state == JobState.DONE
    assert not App.objects.exists()
    assert AuditEntry.objects.get(action="Go on deleting the app").target_name == "Acme"


def test_whoever_cancels_it_is_told_what_stays(root, app):
    assert "gone for good" in root.page(page_of(begin(app), "cancel"))


def test_going_on_is_no_way_around_typing_the_name(root, app):
    page = root.answer(page_of(app, "go_on_deleting")).content.decode()

    app.refresh_from_db()
    assert "its name was not typed" in page
    assert not app.is_being_deleted
    assert not Job.objects.exists()


def test_a_failed_deletion_is_gone_on_with(app, monkeypatch):
    def stumble(_app: App) -> int:
        raise RuntimeError

    monkeypatch.setattr(erasing, "_farewells", [stumble])
    job = begin(app)
    for _ in range(jobs._MOST_TRIES):
        with pytest.raises(RuntimeError):
            work_on_jobs()
    assert work(job).state == JobState.FAILED

    monkeypatch.setattr(erasing, "_farewells", [])
    assert work(begin(app)).state == JobState.DONE
    assert not App.objects.exists()


def test_other_jobs_of_the_app_end(app, other_app):
    own, others = (
        submit_job(kind=COUNTING, app=each, operator_id=None, arguments={}, total=12)
        for each in (app, other_app)
    )
    work(begin(app))

    own.refresh_from_db()
    others.refresh_from_db()
    assert (own.state, own.done, own.error) == (JobState.CANCELLED, 0, "app: is being deleted")
    assert others.state == JobState.DONE


@pytest.mark.django_db(transaction=True)
def test_of_many_who_delete_it_at_once_one_does():
    app = create_app(name="Acme").app
    begun = outcomes_at_once(*[partial(begin, app)] * 4)

    assert len(refusals(begun)) == 3
    assert Job.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_killed_again_and_again_delete_all_of_it_and_nothing_of_others():
    """Two at a time, killed in the middle of it, until the job is done."""
    app, other_app = create_app(name="Acme").app, create_app(name="Rival").app
    sizes = Sizes(users=3000, groups=60, messages=25_000)
    fill(app=app, sizes=sizes, password="pass phrase", say=lambda _said: None)
    world_of(other_app, "theirs")
    before = counts(other_app)
    job = begin(app)
    lease = {"IM_JOB_LEASE_SECONDS": "1"}
    seen = 0
    killed = killing(
        "jobs", times=3, until=lambda: _beyond(job, seen), what="a worker does a batch", **lease
    )
    for _ in killed:
        job.refresh_from_db()
        assert seen or not job.is_over
        assert job.is_over or App.objects.get(pk=app.pk).is_being_deleted
        seen = job.done
    with working("--only", "jobs", **lease), working("--only", "jobs", **lease):
        wait_for(lambda: Job.objects.get(pk=job.pk).is_over, "the rest is done")

    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.DONE, "")
    assert not App.objects.filter(pk=app.pk).exists()
    assert set(counts(app).values()) == {0}
    assert counts(other_app) == before


def _beyond(job: Job, seen: int) -> bool:
    job.refresh_from_db()
    return job.is_over or job.done > seen
