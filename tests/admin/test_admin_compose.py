"""Sending from the console: form, preview, answer."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.core.models import AuditEntry, Job
from apps.core.services.jobs import work_on_jobs
from apps.messaging.admin import compose as page
from tests.conftest import person


@pytest.fixture
def write(browser, app):
    """Fill the form in; with `step="send"`, answer the preview."""

    def post(**more):
        form = {
            "app": str(app.pk),
            "to": "user",
            "target": "bobby",
            "sender": "alice",
            "text": "Hi\nthere",
        }
        return browser.post(reverse("admin:compose"), {"confirmed": "yes", **form, **more})

    return post


def test_nothing_is_sent_before_the_preview_is_answered(write, app, alice, bobby):
    shown = write().content.decode()

    assert "Hi\nthere" in shown
    assert "1 recipient" in shown
    assert 'name="step" value="send"' in shown
    assert not app.messages.exists()


def test_a_user_is_sent_a_message_and_the_audit_tells(write, browser, app, alice, bobby):
    done = write(step="send")

    message = app.messages.get()
    entry = AuditEntry.objects.get(action="Send a message")
    assert "Sent." in browser.said(done)
    assert (message.from_id, message.target_id, message.body) == (
        "alice", "bobby", {"text": "Hi\nthere"},
    )  # fmt: skip
    assert (entry.app, entry.target_id) == (app, str(message.pk))
    assert entry.details["From"] == "alice"


def test_a_group_is_sent_one_message(write, app, group):
    shown = write(to="group", target=str(group.pk)).content.decode()
    write(to="group", target=str(group.pk), step="send")

    assert "1 recipient" in shown
    assert app.messages.said().get().target_id == str(group.pk)


def test_everyone_is_sent_a_message_by_a_job(write, browser, app, olga, alice, bobby, carol):
    shown = write(to="everyone", target="").content.decode()
    response = write(to="everyone", target="", step="send")

    job = Job.objects.get()
    assert "2 recipients" in shown
    assert response.url == reverse("admin:core_job_change", args=[job.pk])
    assert (job.operator, job.total) == (olga, 2)
    assert "Broadcast" in browser.page(response.url)
    work_on_jobs()
    assert app.messages.count() == 2


def test_more_than_some_thousands_are_estimated(write, app, alice, bobby, carol, monkeypatch):
    monkeypatch.setattr(page, "_COUNTED", 1)

    shown = write(to="everyone", target="").content.decode()

    assert "about" in shown


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"target": "nobody"}, "target"),
        ({"target": ""}, "target"),
        ({"sender": "nobody"}, "sender"),
        ({"sender": "a\0b"}, "sender"),
        ({"to": "group", "target": "bobby"}, "target"),
        ({"to": "group", "target": "99999999"}, "target"),
        ({"to": "everyone"}, "target"),
        ({"to": "nobody"}, "to"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"app": "0"}, "app"),
    ],
)
def test_what_can_not_be_sent_is_told_at_its_field(write, app, alice, bobby, data, field):
    for step in ("", "send"):
        response = write(**data, step=step)

        assert response.status_code == 200
        assert field in response.context["form"].errors
    assert not app.messages.exists()


def test_what_the_service_refuses_is_told_on_the_preview(write, app, alice, bobby, settings):
    settings.IM_MESSAGE_BODY_MAX_BYTES = 64

    response = write(text="x" * 100, step="send")

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    assert not app.messages.exists()


def test_other_apps_are_neither_offered_nor_reached(write, other_app, alice):
    person(other_app, "bobby")
    person(other_app, "alice")

    response = write(app=str(other_app.pk), step="send")

    assert "app" in response.context["form"].errors
    assert not other_app.messages.exists()
