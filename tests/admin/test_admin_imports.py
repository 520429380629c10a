"""The pages on which files of users and of groups are uploaded."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.accounts.admin.imports import SAMPLES
from apps.accounts.services.importing import USER_COLUMNS
from apps.core.adminkit import imports
from apps.core.importing.rows import read_rows
from apps.core.models import AuditEntry, Job
from apps.core.services.jobs import work_on_jobs
from apps.groups.admin.imports import SAMPLES as GROUP_SAMPLES

PAGE = "admin:accounts_user_import_users"


def upload(
    browser,
    app,
    text="username,password\nuser-1,a password\n",
    name="users.csv",
    page=None,
    **more,
):
    """Send the form."""
    file = SimpleUploadedFile(name, text.encode())
    return browser.answer(page or reverse(PAGE), app=str(app.pk), file=file, **more)


def test_an_upload_begins_a_job_whose_page_follows(browser, app, olga):
    response = upload(browser, app)

    job = Job.objects.get()
    assert response.url == reverse("admin:core_job_change", args=[job.pk])
    assert (job.operator, job.app, job.total, job.arguments["file"]) == (olga, app, 1, "users.csv")
    page = browser.page(response.url)
    assert "Import of users" in page
    assert "users.csv" in page
    work_on_jobs()
    assert app.users.by_username("user-1")
    entry = AuditEntry.objects.get(action="Import users")
    assert (entry.app, entry.target_id) == (app, str(job.pk))


def test_a_dry_run_says_so_on_its_page(browser, app):
    response = upload(browser, app, dry_run="on")

    assert "Nothing is stored." in browser.page(response.url)


@pytest.mark.parametrize("suffix", SAMPLES)
def test_the_samples_are_imported_as_they_are(browser, app, suffix):
    sample = browser.get(reverse(f"admin:import_sample_of_users_{suffix}"))
    upload(browser, app, sample.content.decode(), sample["Content-Disposition"].split('"')[1])
    work_on_jobs()

    job = Job.objects.get()
    assert (job.done, job.refused) == (3, 0)
    assert app.users.by_username("helpdesk").is_admin
    assert app.users.by_username("zhangwei").extras == {"level": 3}
    assert list(read_rows(io.StringIO(SAMPLES["csv"]), format="csv", columns=USER_COLUMNS))


def test_what_is_wrong_with_the_file_is_told_on_the_page(browser, app, other_app, monkeypatch):
    told = [
        upload(browser, app, "name\nx\n").content.decode(),
        upload(browser, other_app).content.decode(),
        browser.answer(reverse(PAGE), app=str(app.pk)).content.decode(),
    ]
    monkeypatch.setattr(imports, "LARGEST", 10)
    told.append(upload(browser, app).content.decode())

    assert "column &#x27;name&#x27;" in told[0]
    assert "Select a valid choice" in told[1]
    assert "This field is required" in told[2]
    assert "For more there is" in told[3]
    assert not Job.objects.exists()


def test_the_lists_lead_there(browser, app):
    for name in ("accounts_user", "groups_group"):
        page = browser.page(reverse(f"admin:{name}_changelist"))
        assert reverse(f"admin:{name}_import_{name.split('_')[1]}s") in page


@pytest.mark.parametrize("suffix", GROUP_SAMPLES)
def test_the_samples_of_groups_are_imported_after_those_of_users(browser, app, suffix):
    upload(browser, app, SAMPLES["csv"])
    sample = browser.get(reverse(f"admin:import_sample_of_groups_{suffix}"))
    name = sample["Content-Disposition"].split('"')[1]

    page = reverse("admin:groups_group_import_groups")
    response = upload(browser, app, sample.content.decode(), name, page=page)

    while work_on_jobs():
        pass
    job = Job.objects.get(kind="import-groups")
    assert response.url == reverse("admin:core_job_change", args=[job.pk])
    assert (job.done, job.refused) == (2, 0)
    assert app.groups.by_gid(22_818_120).members.count() == 3
    assert app.groups.by_gid(22_818_121).members.get(silenced=True).user.username == "zhangwei"
    assert "Import of groups" in browser.page(response.url)
