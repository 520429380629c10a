"""Groups are imported from an uploaded file, by a job."""

from __future__ import annotations

import json
from functools import partial

import pytest

from apps.core.errors import ImError
from apps.core.importing.job import BATCH
from apps.core.models import Job, JobState
from apps.core.services.apps import update_app
from apps.core.services.jobs import work_on_jobs
from apps.groups.jobs import IMPORT_GROUPS
from apps.groups.services.importing import GROUPS
from apps.messaging.sync import read_since
from tests.at_work import killing, wait_for, working
from tests.imported import begin_import, outcomes, work_it_off

OLD = 22_818_120
HEADING = "gid,name,owner_username,members_username\n"
begin = partial(begin_import, IMPORT_GROUPS)


@pytest.fixture(autouse=True)
def people(alice, bobby, carol, mallory):
    """Mallory is of another app."""


def many(count: int) -> str:
    """A file of so many groups, each of alice with bobby."""
    lines = "".join(f"{OLD + number},group {number},alice,bobby\n" for number in range(count))
    return HEADING + lines


def told(job: Job) -> list[tuple[str, str, str]]:
    """What became of each row: its number, its group, and the reason if it was refused."""
    return [(line["row"], line["key"], line["message"]) for line in outcomes(job)]


def test_every_row_is_imported_or_refused_and_told_why(app):
    job = begin(
        app,
        HEADING
        + f"{OLD},hikers,alice,bobby; carol\n"
        + f"{OLD},again,alice,\n"
        + f"{OLD + 1},strangers,alice,mallory\n"
        + f"{OLD + 2},,alice,\n"
        + f"{OLD + 3},nobody\u2019s,,bobby\n"
        + f"{OLD + 4},too few fields\n"
        + "x,no number,alice,\n"
        + f"{OLD + 5},cut\0off,alice,\n"
        + f"{OLD + 6},friends,bobby,\n",
    )
    work_it_off()

    job.refresh_from_db()
    assert (job.state, job.total, job.done, job.refused) == (JobState.DONE, 9, 9, 7)
    assert told(job) == [
        ("1", str(OLD), ""),
        ("2", str(OLD), "gid: is taken"),
        ("3", str(OLD + 1), "No such user: mallory"),
        ("4", str(OLD + 2), "name: must be at least 1 bytes in UTF-8"),
        ("5", str(OLD + 3), "owner_username: This field is required."),
        ("6", "", "line 7: has 2 fields, the heading 4"),
        ("7", "", "gid: A valid integer is required."),
        ("8", "", "name: must not contain NUL"),
        ("9", str(OLD + 6), ""),
    ]
    assert [group.name for group in app.groups.order_by("pk")] == ["hikers", "friends"]
    hikers = app.groups.by_gid(OLD)
    assert set(hikers.members.values_list("user__username", flat=True)) == {
        "alice", "bobby", "carol",
    }  # fmt: skip


def test_a_dry_run_tells_the_same_and_stores_nothing(app):
    text = many(GROUPS.batch + 3) + f"{OLD + 2},again,alice,\n{OLD + 900},strangers,mallory,\n"
    tried = begin(app, text, dry_run=True)
    work_it_off()
    before = (app.groups.count(), app.conversations.count())
    done = begin(app, text)
    work_it_off()

    assert before == (0, 0)
    assert outcomes(tried) == outcomes(done)
    assert [line["message"] for line in outcomes(done)][-2:] == [
        "gid: is taken",
        "No such user: mallory",
    ]
    assert app.groups.count() == GROUPS.batch + 3


def test_a_job_that_is_stopped_goes_on_where_it_was(app, monkeypatch):
    """What does not fit into the first batch is done by another worker, and no row twice."""
    job = begin(app, many(GROUPS.batch * 2 + 1))
    monkeypatch.setattr("apps.core.services.jobs._ROUND", 0.0)
    work_on_jobs()

    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.RUNNING, min(BATCH, GROUPS.batch))
    assert app.groups.count() == job.done
    work_it_off()

    job.refresh_from_db()
    assert (job.state, job.done, job.refused) == (JobState.DONE, GROUPS.batch * 2 + 1, 0)
    assert [int(line["row"]) for line in outcomes(job)] == list(range(1, GROUPS.batch * 2 + 2))
    assert app.groups.count() == GROUPS.batch * 2 + 1


def test_the_same_file_again_changes_nothing(app):
    begin(app, many(3))
    work_it_off()
    app.groups.filter(pk=OLD).update(name="renamed since")
    again = begin(app, many(3))
    work_it_off()

    again.refresh_from_db()
    assert again.refused == 3
    assert app.groups.by_gid(OLD).name == "renamed since"


def test_json_is_read_as_well_with_members_as_the_api_lists_them(app):
    lines = [
        {"gid": OLD, "name": "周末", "owner_username": "alice", "silenced": ["bobby"],
         "members_username": ["bobby"]},
        {"gid": OLD + 1, "name": "n", "members": [{"username": "carol", "flag": 1}]},
        ["no object"],
    ]  # fmt: skip
    job = begin(app, "\n".join(map(json.dumps, lines)), format="jsonl")
    work_it_off()

    assert [line["result"] for line in outcomes(job)] == ["ok", "ok", "error"]
    assert app.groups.by_gid(OLD).members.get(user__username="bobby").silenced
    assert app.groups.by_gid(OLD + 1).owner.username == "carol"


def test_who_is_in_an_imported_group_hears_what_is_said_and_nothing_of_the_import(app, bobby):
    begin(app, many(1))
    work_it_off()

    assert read_since(app=app, user=bobby, cursor=None, limit=9).messages == []
    assert app.groups.of_member(bobby).count() == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "must name the columns"),
        (HEADING, "has no rows"),
        ("gid,title\n1,x\n", "column 'title'"),
        ("gid,gid\n1,2\n", "is there twice"),
    ],
)
def test_a_file_that_can_not_be_read_begins_no_job(app, text, complaint):
    with pytest.raises(ImError, match=complaint):
        begin(app, text)

    assert not Job.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_killed_again_and_again_import_every_group_once(app):
    app.max_groups_per_user = 800
    update_app(app=app)
    job = begin(app, many(800))
    lease = {"IM_JOB_LEASE_SECONDS": "1"}
    seen = 0
    killed = killing(
        "jobs", times=3, until=lambda: _beyond(job, seen), what="a worker does a batch", **lease
    )
    for _ in killed:
        seen = Job.objects.get(pk=job.pk).done
    with working("--only", "jobs", **lease):
        wait_for(lambda: Job.objects.get(pk=job.pk).is_over, "the rest is done")

    job.refresh_from_db()
    assert (job.state, job.done, job.refused) == (JobState.DONE, 800, 0)
    assert app.groups.count() == app.conversations.count() == 800
    assert [int(line["row"]) for line in outcomes(job)] == list(range(1, 801))


def _beyond(job: Job, seen: int) -> bool:
    fresh = Job.objects.get(pk=job.pk)
    return fresh.done > seen or fresh.is_over
