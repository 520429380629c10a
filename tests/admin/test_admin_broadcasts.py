"""Writing to many from the console: to those one names, to those a list shows, to everyone."""

from __future__ import annotations

from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from apps.accounts.models import OperatorRole, User
from apps.accounts.services.blocks import block_users
from apps.accounts.services.operators import create_operator
from apps.accounts.services.users import disable_users
from apps.core.adminkit.numbers import Number
from apps.core.models import AuditEntry, Job, JobState
from apps.core.services.jobs import work_on_jobs
from apps.messaging import jobs
from apps.messaging.admin import recipients
from tests.admin.conftest import SECRET, Browser, given_role, list_of, page_of
from tests.admin.test_admin_compose import Writing, picture
from tests.conftest import person


@pytest.fixture
def writing(browser, app, alice) -> Writing:
    return Writing(browser, app)


def done() -> Job:
    """The job, once it is done."""
    while work_on_jobs():
        pass
    return Job.objects.get()


def told(app) -> Counter[str]:
    """How often each was told."""
    return Counter(app.messages.values_list("target_id", flat=True))


def number(shown) -> Number:
    """That of the recipients, as a preview has it."""
    found: Number = shown.context["letter"].recipients.number
    return found


def test_everyone_is_sent_a_message_by_a_job(writing, browser, app, olga, bobby, carol):
    shown = writing.preview(to="everyone")
    response = writing.press(shown, "send")

    job = Job.objects.get()
    assert number(shown) == Number(2, exact=True)
    assert response.url == page_of(job)
    assert (job.operator, job.total) == (olga, 2)
    assert "Broadcast" in browser.page(response.url)
    assert done().state == JobState.DONE
    assert told(app) == {"bobby": 1, "carol": 1}


def test_more_than_some_thousands_are_estimated(writing, bobby, carol, monkeypatch):
    monkeypatch.setattr(recipients, "COUNTED", 1)

    assert not number(writing.preview(to="everyone")).exact


def test_those_who_are_named_get_an_image_each(writing, browser, app, bobby, carol, olga):
    person(app, "david")
    shown = writing.preview(to="users", users="bobby, carol\nalice", type="image", file=picture())
    response = writing.press(shown, "send")

    entry = AuditEntry.objects.get(action="Send a message")
    job = done()
    assert number(shown).value == 2
    assert told(app) == {"bobby": 1, "carol": 1}
    assert {message.msg_type for message in app.messages.all()} == {"image"}
    assert (entry.app, entry.details["Recipients"], entry.details["Type"]) == (
        app,
        "bobby, carol",
        "image",
    )
    assert (job.done, job.total) == (2, 2)
    assert "some users" in browser.page(response.url)


def test_the_list_of_users_leads_to_writing_to_all_that_it_shows(
    writing, browser, app, bobby, carol
):
    disable_users(app=app, users=app.users.filter(username="carol"))
    person(app, "bobette")
    listed = browser.page(list_of(User), q="bob", state="enabled")
    address = next(part for part in listed.split('"') if "listed=" in part).replace("&amp;", "&")
    form = browser.get(address).context["form"]
    query = parse_qs(urlsplit(address).query)["listed"][0]
    shown = writing.preview(to="listed", listed=query)
    response = writing.press(shown, "send")

    job = done()
    noted = AuditEntry.objects.get(action="Send a message").details["Recipients"]
    assert noted == "App: Acme, Status: enabled, Search: bob"
    assert form["to"].value() == "listed"
    assert number(shown).value == 2
    assert told(app) == {"bobby": 1, "bobette": 1}
    assert (job.state, job.done, job.total) == (JobState.DONE, 2, 2)
    page = browser.page(response.url)
    assert "the users of the list" in page
    assert "q=bob" in page


def test_many_batches_of_a_list_reach_everybody_once(writing, app, bobby, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 3)
    monkeypatch.setattr("apps.core.services.jobs._ROUND", 0.0)
    for count in range(10):
        person(app, f"user-{count}")
    writing.send(to="listed", listed="q=user")

    assert done().done == 10
    assert told(app) == {f"user-{count}": 1 for count in range(10)}


def test_a_list_is_that_of_the_chosen_app(root, app, other_app, alice, bobby):
    person(other_app, "bobette")
    Writing(root, app).send(to="listed", listed=f"app={other_app.pk}&q=bob")

    done()
    assert told(app) == {"bobby": 1}
    assert not other_app.messages.exists()


def test_whoever_loses_the_role_writes_to_no_more_of_the_list(writing, app, olga, bobby):
    writing.send(to="listed", listed="q=bob")
    given_role(olga, OperatorRole.AUDITOR)

    assert done().state == JobState.FAILED
    assert not app.messages.exists()


def test_a_list_that_can_not_be_had_is_refused(writing, bobby):
    response = writing.preview(to="listed", listed="created_at_from=never")

    assert response.context["form"].errors["listed"] == ["There is nobody to send it to."]


def test_the_job_tells_how_many_it_did_not_reach_and_why(writing, browser, app, bobby, carol):
    block_users(app=app, owner=bobby, usernames=["carol"])
    response = writing.send(sender="carol", to="everyone")

    job = done()
    page = browser.page(response.url)
    assert (job.done, job.refused) == (2, 1)
    assert "They have blocked the sender" in page
    assert "1 refused" in page


@pytest.mark.parametrize("role", [OperatorRole.OWNER, OperatorRole.SUPPORT, OperatorRole.AUDITOR])
def test_only_owners_are_led_to_writing(app, bobby, group, room, role):
    visitor = Browser(create_operator(username="vera", password=SECRET, apps=[app], role=role))
    leads = "listed=" in visitor.page(list_of(User))
    pages = [visitor.page(page_of(row)) for row in (bobby, group, room)]
    ways = [
        f"user&amp;user={bobby}",
        f"group&amp;group={group.pk}",
        f"chatroom&amp;chatroom={room.pk}",
    ]

    assert [way in page for way, page in zip(ways, pages, strict=True)] == [leads] * 3
    assert leads == (role == OperatorRole.OWNER)
    assert visitor.get(reverse("admin:compose")).status_code == (200 if leads else 403)
