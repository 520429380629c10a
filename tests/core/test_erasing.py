"""An app is erased with all that hangs from it, and nothing of others."""

from __future__ import annotations

import pytest
from django.db.models import CASCADE
from django.urls import reverse

from apps.accounts.signals import SessionsEnded, sessions_ended
from apps.core import erasing
from apps.core.erasing import begin_erasing, places
from apps.core.models import App, AuditEntry, Job, JobState
from apps.core.services.cross_app_grants import grant_cross_app
from apps.core.services.jobs import work_on_jobs
from apps.groups.services.members import MemberChange, change_members_across
from tests.admin.conftest import page_of, say, world_of
from tests.admin.conftest import root as root
from tests.conftest import person, session_of


def work(job: Job) -> Job:
    """Until it is over."""
    while work_on_jobs():
        pass
    job.refresh_from_db()
    return job


def counts(app) -> dict[str, int]:
    """How many rows there are of everything that belongs to an app, way by way."""
    return {
        f"{model._meta.label} by {path}": model._base_manager.filter(**{path: app.pk}).count()
        for model, path, _null in places()
    }


def test_everything_of_the_app_goes_and_nothing_of_others(app, other_app, monkeypatch):
    monkeypatch.setattr(erasing, "BATCH", 3)
    world_of(other_app, "theirs")
    world_of(app, "ours")
    for number in range(10):
        say(app, "ours-owner", "ours-friend", f"text {number}")
    before, mine = counts(other_app), counts(app)
    job = work(begin_erasing(app=app, operator_id=None))

    assert (job.state, job.error) == (JobState.DONE, "")
    assert mine["messaging.Message by app"] > 10
    assert not App.objects.filter(pk=app.pk).exists()
    assert set(counts(app).values()) == {0}
    assert counts(other_app) == before
    assert AuditEntry.objects.filter(app_name="Acme").exists()


def test_connections_are_cut_off_before_the_rows_go(app, alice, monkeypatch):
    session_of(alice)
    told: list[SessionsEnded] = []

    def listen(*, event: SessionsEnded, **_more: object) -> None:
        told.append(event)

    sessions_ended.connect(listen)
    try:
        work(begin_erasing(app=app, operator_id=None))
    finally:
        sessions_ended.disconnect(listen)

    assert len(told) == 1


def test_every_table_that_leads_to_an_app_is_in_order():
    """A row goes before what it refers to."""
    order = list(dict.fromkeys(model for model, _path, null in places() if not null))
    for place, model in enumerate(order):
        parents = {field.related_model for field in model._meta.concrete_fields}
        assert not (parents - {model}) & set(order[:place]), model
    of_apps = {
        relation.related_model
        for relation in App._meta.related_objects
        if getattr(relation, "on_delete", None) is CASCADE
    }
    assert len(of_apps) > 5
    assert of_apps <= set(order)


def test_an_app_that_is_gone_already_is_no_failure(app):
    job = begin_erasing(app=app, operator_id=None)
    app.delete()

    assert work(job).state == JobState.DONE


@pytest.mark.parametrize("typed", ["", "acme", "Acme2"])
def test_the_name_has_to_be_typed(root, app, typed):
    response = root.answer(page_of(app, "delete"), name=typed)

    app.refresh_from_db()
    assert "name" in response.context["form"].errors
    assert app.suspended_at is None
    assert not Job.objects.exists()


def test_members_of_other_apps_groups_leave_them_in_the_ordinary_way(app, other_app, alice, group):
    """The group's other members are told, as when anybody is deleted."""
    mallory = person(other_app, "mallory")
    grant_cross_app(app=app, target=other_app)
    change = MemberChange(app=other_app, add=[mallory.username])
    change_members_across(app=app, gid=group.pk, changes=[change])
    work(begin_erasing(app=other_app, operator_id=None))

    assert set(group.members.values_list("user__username", flat=True)) == {"alice", "bobby"}
    assert app.messages.filter(msg_type="event").exists()


def test_the_page_tells_how_much_goes_and_leads_to_the_job(root, app, alice, bobby):
    page = root.page(page_of(app, "delete"))
    response = root.answer(page_of(app, "delete"), name="Acme")

    job = Job.objects.get()
    assert "users: 2" in page
    assert response.url == reverse("admin:core_job_change", args=[job.pk])
    assert "Deletion of an app" in root.page(response.url)
    work(job)
    assert not App.objects.exists()
    assert AuditEntry.objects.get(action="Delete the app").target_name == "Acme"
