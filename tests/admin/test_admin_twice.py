"""A button pressed twice does its work once, and nobody saves over what somebody else has just changed."""

from __future__ import annotations

import re

import pytest
from django.db import transaction
from django.urls import reverse

from apps.accounts.services.users import update_user
from apps.core.models import Answer, AuditEntry
from apps.core.services.answers import AnsweredError, answer_once, new_number
from apps.groups.models import Group
from tests.admin.conftest import page_of
from tests.threads import at_once


def mark(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="(\w+)"', page)
    assert found is not None, page
    return found[1]


def fields_of(browser, address: str) -> dict[str, str]:
    """What a browser would send if nothing was changed on the page of a form."""
    response = browser.get(address)
    form = response.context["adminform"].form
    page = response.content.decode()
    values = {name: form[name].value() for name in form.fields}
    shown = {name: value for name, value in values.items() if value not in (None, False)}
    return {**shown, "once": mark(page, "once"), "seen": mark(page, "seen")}


def test_a_question_is_answered_once(browser, app, alice):
    address = page_of(app, "new_secret")
    once = mark(browser.page(address), "once")
    first = browser.answer(address, grace="86400", once=once)
    second = browser.answer(address, grace="86400", once=once)

    assert first.status_code == 200
    assert "This was done already" in browser.said(second)
    assert app.secrets.count() == 2
    assert AuditEntry.objects.filter(action="New master secret").count() == 1


def test_an_answer_that_was_refused_can_be_given_again(browser, alice, bobby):
    address = page_of(alice, "block")
    once = mark(browser.page(address), "once")
    refused = browser.answer(address, usernames="nobody", once=once)
    browser.answer(address, usernames="bobby", once=once)

    assert "There is no such user" in refused.content.decode()
    assert alice.blocks.count() == 1


def test_a_form_adds_a_row_once(browser, app, alice):
    address = reverse("admin:groups_group_add")
    once = mark(browser.page(address), "once")
    given = {"app": app.pk, "name": "friends", "kind": 1, "owner_username": "alice", "once": once}
    for _time in range(2):
        last = browser.post(address, given)

    assert "This was done already" in browser.said(last)
    assert Group.objects.count() == 1


def test_what_somebody_else_has_changed_meanwhile_is_not_saved_over(browser, app, alice):
    address = page_of(alice)
    given = fields_of(browser, address)
    update_user(app=app, username="alice", changes={"region": "Shenzhen"})
    refused = browser.post(address, {**given, "nickname": "Ally"})
    again = browser.post(
        address,
        {
            **given,
            "nickname": "Ally",
            "seen": mark(refused.content.decode(), "seen"),
            "once": new_number(),
        },
    )

    alice.refresh_from_db()
    assert (alice.region, alice.nickname) == ("Shenzhen", "")
    assert "Somebody has changed this" in refused.content.decode()
    assert again.status_code == 200
    assert (
        browser.post(address, {**fields_of(browser, address), "nickname": "Ally"}).status_code
        == 302
    )
    alice.refresh_from_db()
    assert (alice.region, alice.nickname) == ("Shenzhen", "Ally")


def test_a_form_is_saved_as_it_was_opened(root, ours):
    for row in (ours.app, ours.user, ours.group, ours.room, ours.endpoint):
        address = page_of(row)
        given = {**fields_of(root, address)}
        given.pop("extras", None)

        assert root.post(address, given).status_code == 302, row


def test_old_answers_are_forgotten(db, monkeypatch):
    monkeypatch.setattr("apps.core.services.answers.secrets.randbelow", lambda _most: 0)
    for _time in range(2):
        answer_once(number=new_number())
    Answer.objects.update(at="2020-01-01T00:00:00Z")
    answer_once(number=new_number())

    assert Answer.objects.count() == 1


def test_what_is_no_number_counts_for_nothing(db):
    for number in ("", "x", "\0", "9" * 5000):
        answer_once(number=number)

    assert not Answer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_answers_at_the_same_time_one_counts():
    number = new_number()

    def answer() -> bool:
        try:
            with transaction.atomic():
                answer_once(number=number)
                return True
        except AnsweredError:
            return False

    assert sorted(at_once(*[answer] * 4)) == [False, False, False, True]
