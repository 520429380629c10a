"""What a list shows as a whole is exported or changed by a job, as its operator sees it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, transaction
from django.urls import reverse

from apps.accounts.admin.wholes import WHOLES
from apps.accounts.jobs import IMPORT_USERS
from apps.accounts.models import OperatorRole, User
from apps.accounts.services.operators import update_operator
from apps.accounts.services.users import update_user
from apps.core.adminkit import wholes
from apps.core.models import AuditedRow, AuditEntry, Job, JobState
from apps.core.services.apps import create_app
from apps.core.services.jobs import result_of, work_on_jobs
from tests.admin.conftest import Browser, given_role, list_of, page_of, say
from tests.conftest import person


def take(browser, model, name, data=None, **query):
    """Answer the question about all that the list shows."""
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_all", args=[name])
    words = "&".join(f"{key}={value}" for key, value in query.items())
    return browser.post(f"{address}?{words}", {"confirmed": "yes", **(data or {})})


def done(job: Job | None = None) -> Job:
    """The job, once it is done."""
    while work_on_jobs():
        pass
    job = job or Job.objects.get()
    job.refresh_from_db()
    return job


def table(job: Job) -> list[dict[str, str]]:
    """The rows of an export."""
    text = b"".join(result_of(job=job)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_an_export_has_what_the_filter_shows_and_nothing_of_other_apps(
    browser, app, other_app, alice, bobby, carol, mallory
):
    browser.answer(page_of(carol, "disable"))
    response = take(browser, User, "export", state="enabled")

    job = done()
    assert response.url == page_of(job)
    assert (job.state, job.total, job.done) == (JobState.DONE, 2, 2)
    assert [row["username"] for row in table(job)] == ["alice", "bobby"]
    assert "password_hash" not in table(job)[0]
    assert AuditEntry.objects.get(action="Export").target_id == str(job.pk)


def test_an_export_can_be_imported(browser, app, alice, bobby):
    update_user(app=app, username="bobby", changes={"nickname": "鲍勃", "extras": {"level": 3}})
    take(browser, User, "export")
    file = io.BytesIO(b"".join(result_of(job=done())))
    there = create_app(name="There").app
    begun = IMPORT_USERS.begin(
        app=there, operator_id=None, file=file, name="users.csv", format="csv"
    )

    assert done(begun).refused == 0
    found = there.users.by_username("bobby")
    assert (found.nickname, found.extras) == ("鲍勃", {"level": 3})
    assert there.users.by_username("alice").is_admin


def test_an_export_over_many_batches_has_every_row_once(browser, app, monkeypatch):
    monkeypatch.setattr(wholes, "_EXPORTED_AT_ONCE", 7)
    for number in range(20):
        person(app, f"user-{number:02}")
    take(browser, User, "export")

    assert [row["username"] for row in table(done())] == [f"user-{n:02}" for n in range(20)]


def test_who_comes_later_is_not_in_it(browser, app, alice):
    take(browser, User, "export")
    person(app, "latecomer")

    assert [row["username"] for row in table(done())] == ["alice"]


def test_no_cell_is_a_formula(browser, app, alice):
    update_user(app=app, username="alice", changes={"nickname": '=HYPERLINK("http://x")'})
    take(browser, User, "export")

    assert table(done())[0]["nickname"].startswith("'=")


def test_the_question_tells_the_number_and_the_list_leads_to_it(browser, app, alice, bobby):
    address = reverse("admin:accounts_user_all", args=["delete"])
    page = browser.page(list_of(User), state="enabled")

    assert f"{address}?state=enabled" in page
    asked = browser.page(address, state="enabled", q="al")
    for told in ("Users: 1", "Status: enabled", "Search: al"):
        assert told in asked
    assert not Job.objects.exists()


@pytest.mark.parametrize("name", ["disable", "delete", "enable", "log-out"])
def test_all_that_a_filter_shows_is_changed_and_nothing_else(
    browser, app, other_app, alice, bobby, carol, mallory, name
):
    take(browser, User, name, q="bob")

    job = done()
    assert (job.state, job.done) == (JobState.DONE, 1)
    disabled = set(app.users.disabled().values_list("username", flat=True))
    assert disabled == ({"bobby"} if name == "disable" else set())
    assert app.users.filter(username="bobby").exists() == (name != "delete")
    assert app.users.count() == (2 if name == "delete" else 3)
    assert other_app.users.count() == 1
    assert b"bobby" in b"".join(result_of(job=job))


def test_a_change_that_takes_rows_off_the_list_reaches_all_of_them(browser, app, monkeypatch):
    for number in range(12):
        person(app, f"user-{number:02}")
    monkeypatch.setattr("apps.core.services.jobs._ROUND", 0.0)
    monkeypatch.setitem(WHOLES, "disable", replace(WHOLES["disable"], batch=5))
    take(browser, User, "disable", state="enabled")

    assert done().done == 12
    assert app.users.disabled().count() == 12


def test_with_several_apps_one_has_to_be_chosen(root, app, other_app, alice, mallory):
    asked = take(root, User, "delete", state="enabled").content.decode()
    take(root, User, "delete", app=app.pk)

    for each in (app, other_app):
        assert f'<a href="?state=enabled&amp;app={each.pk}" class="text-link">{each}</a>' in asked
    assert '<button type="submit"' not in asked.partition('id="content"')[2]
    assert done().done == 1
    assert other_app.users.count() == 1


def test_who_may_not_is_refused_at_once_and_while_it_runs(browser, app, olga, alice):
    take(browser, User, "delete")
    given_role(olga, OperatorRole.AUDITOR)

    job = done()
    assert (job.state, job.error) == (JobState.FAILED, "operator: may not do this any more")
    assert take(Browser(olga), User, "delete").status_code == 403
    assert take(Browser(olga), User, "nonsense").status_code == 403
    assert app.users.count() == 1


@pytest.mark.parametrize("taken", ["app", "active"])
def test_an_operator_who_loses_the_app_or_is_barred_changes_nothing_more(
    browser, app, olga, alice, taken
):
    take(browser, User, "delete")
    update_operator(
        operator=olga,
        is_active=taken != "active",
        is_superuser=False,
        role=OperatorRole.OWNER,
        apps=[] if taken == "app" else [app],
        permissions=[],
    )

    assert done().state == JobState.FAILED
    assert app.users.count() == 1


def test_messages_are_exported_with_what_was_said_for_a_reason_alone(browser, app, alice, bobby):
    message = say(app, "alice", "bobby", "a secret")
    without = take(browser, type(message), "export")
    take(browser, type(message), "export", {"reason": "a complaint"})

    (row,) = table(done())
    assert "reason" in without.context["form"].errors
    assert row["msg_body"] == '{"text": "a secret"}'
    assert AuditEntry.objects.get(action="Export").details["Reason"] == "a complaint"


def may(operator, app, *codenames) -> Browser:
    """The operator's browser, once they have those permissions alone."""
    wanted = Permission.objects.filter(codename__in=["add_job", "view_job", *codenames])
    update_operator(
        operator=operator,
        is_active=True,
        is_superuser=False,
        role=OperatorRole.CHOSEN,
        apps=[app],
        permissions=wanted,
    )
    return Browser(type(operator).objects.get(pk=operator.pk))


def test_who_may_not_read_any_more_has_no_export_of_what_was_said(browser, app, olga, alice, bobby):
    message = say(app, "alice", "bobby", "a secret")
    take(browser, type(message), "export", {"reason": "a complaint"})
    job = done()
    take(browser, type(message), "export", {"reason": "another"})
    later = Job.objects.latest("pk")

    blind = may(olga, app, "view_message")
    work_on_jobs()

    assert blind.get(page_of(job, "download")).status_code == 403
    assert page_of(job, "download") not in blind.page(page_of(job))
    later.refresh_from_db()
    assert (later.state, later.error) == (JobState.FAILED, "operator: may not do this any more")
    assert (
        may(olga, app, "view_message", "read_message").get(page_of(job, "download")).status_code
        == 200
    )


def test_who_may_read_meanwhile_gave_no_reason_and_is_told_nothing_more(app, olga, alice, bobby):
    message = say(app, "alice", "bobby", "a secret")
    take(may(olga, app, "view_message"), type(message), "export")
    may(olga, app, "view_message", "read_message")

    assert "msg_body" not in table(done())[0]


def test_groups_are_exported(browser, app, group):
    take(browser, type(group), "export")

    (row,) = table(done())
    assert (row["gid"], row["name"], row["owner_username"]) == (str(group.pk), "friends", "alice")


def test_what_a_job_has_changed_is_found_from_the_page_of_each(browser, app, alice, bobby, carol):
    take(browser, User, "disable", q="bob")
    done()

    (begun,) = AuditEntry.objects.about(bobby, 10)
    assert (begun.action, begun.operator_name) == ("Disable", "olga")
    assert begun.details == {"Filters": "q=bob", "Rows": "1"}
    assert not AuditEntry.objects.about(alice, 10)
    for page in (browser.page(page_of(bobby)), browser.page(page_of(bobby, "history"))):
        assert "Disable" in page
    assert page_of(begun) in browser.page(page_of(bobby))
    assert page_of(bobby) in browser.page(page_of(begun))


def test_a_job_leaves_one_entry_as_it_begins_and_one_as_it_ends(browser, app, monkeypatch):
    monkeypatch.setitem(WHOLES, "disable", replace(WHOLES["disable"], batch=5))
    for number in range(12):
        person(app, f"user-{number:02}")
    take(browser, User, "disable", state="enabled")
    job = done()

    begun, ended = AuditEntry.objects.filter(target_type="core.job").order_by("pk")
    assert (begun.action, ended.action) == ("Disable", "Job ended")
    assert ended.details == {"Status": "done", "Rows done": 12}
    assert (ended.operator_name, ended.app, ended.target_id) == ("olga", app, str(job.pk))
    assert begun.rows.count() == 12
    assert AuditEntry.objects.filter(action="Disable").count() == 1


def test_who_was_deleted_by_a_job_is_kept_by_name(browser, app, alice, bobby):
    take(browser, User, "delete", q="bob")
    done()

    (row,) = AuditEntry.objects.get(action="Delete").rows.all()
    assert (row.target_type, row.target_id, row.target_name) == (
        "accounts.user", str(bobby.pk), "bobby",
    )  # fmt: skip
    assert "bobby" in browser.page(page_of(row.entry))


def test_a_batch_that_is_undone_leaves_no_rows(browser, app, alice, monkeypatch):
    take(browser, User, "disable")

    def stumble(*_rows: object) -> None:
        app.users.update(star=7)
        raise RuntimeError

    monkeypatch.setitem(WHOLES, "disable", replace(WHOLES["disable"], run=stumble))
    with pytest.raises(RuntimeError):
        work_on_jobs()

    assert not AuditedRow.objects.exists()
    assert not AuditEntry.objects.about(alice, 10)


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_job_that_ends_early_says_how_far_it_came(browser, app, alice, olga, cancelled):
    take(browser, User, "disable")
    job = Job.objects.get()
    if cancelled:
        browser.answer(page_of(job, "cancel"))
    else:
        olga.apps.clear()
    done()

    details = AuditEntry.objects.get(action="Job ended").details
    error = {} if cancelled else {"Error": "operator: may not do this any more"}
    assert details["Status"] == ("cancelled" if cancelled else "failed")
    assert set(details) == {"Status", *error}


def test_nobody_changes_or_deletes_the_rows_of_an_entry(browser, app, alice):
    take(browser, User, "disable")
    done()
    rows = AuditedRow.objects.all()

    for change in (lambda: rows.update(target_name="x"), lambda: rows._raw_delete("default")):
        with (
            pytest.raises(DatabaseError, match="neither changed nor deleted"),
            transaction.atomic(),
        ):
            change()
    assert AuditedRow.objects.get().target_name == "alice"
