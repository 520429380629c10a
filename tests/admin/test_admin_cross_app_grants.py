"""The pages of grants between apps."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.accounts.models import OperatorRole
from apps.accounts.services.operators import create_operator
from apps.core.models import CrossAppGrant
from apps.core.services.cross_app_grants import grant_cross_app
from tests.admin.conftest import SECRET, Browser, list_of, page_of

ADD = "admin:core_crossappgrant_add"


@pytest.fixture
def both(app, other_app) -> Browser:
    """The browser of an operator who has both apps."""
    return Browser(create_operator(username="beth", password=SECRET, apps=[app, other_app]))


def granted() -> set[tuple[str, str]]:
    return {(grant.app.name, grant.target.name) for grant in CrossAppGrant.objects.all()}


def test_an_operator_of_both_apps_grants_both_ways_at_once(both, app, other_app):
    data = {"app": app.pk, "target": other_app.pk, "both_ways": "on"}

    response = both.post(reverse(ADD), data)

    assert response.status_code == 302
    assert granted() == {("Acme", "Rival"), ("Rival", "Acme")}


def test_or_one_way(both, app, other_app):
    both.post(reverse(ADD), {"app": app.pk, "target": other_app.pk})

    assert granted() == {("Acme", "Rival")}


def test_an_operator_of_one_app_cannot_name_the_other(browser, app, other_app):
    for data in (
        {"app": app.pk, "target": other_app.pk},
        {"app": other_app.pk, "target": app.pk},
    ):
        assert browser.post(reverse(ADD), data).status_code == 200  # the form again

    assert granted() == set()


def test_an_app_and_itself_are_refused_on_the_form(both, app):
    response = both.post(reverse(ADD), {"app": app.pk, "target": app.pk})

    assert response.status_code == 200
    assert "needs no grant" in response.content.decode()


def test_a_grant_is_seen_and_ended_by_who_has_either_app(
    both, browser, root, app, other_app, final_app
):
    there = grant_cross_app(app=app, target=other_app)
    back = grant_cross_app(app=other_app, target=app)
    elsewhere = grant_cross_app(app=other_app, target=final_app)

    for reader in (both, root, browser):
        listed = reader.page(list_of(CrossAppGrant))
        assert "Acme → Rival" in listed or listed.count("Rival") > 1
        assert "Rival" in reader.page(page_of(there))
        assert "Rival" in reader.page(page_of(back))
        assert "Acme → Rival" in reader.page(page_of(app))
        assert "Rival → Acme" in reader.page(page_of(app))
    assert "Finally" not in browser.page(list_of(CrossAppGrant))
    assert browser.get(page_of(elsewhere)).status_code == 302  # absent
    browser.answer(page_of(back, "revoke"))
    assert granted() == {("Acme", "Rival"), ("Rival", "Finally")}


def test_it_is_revoked_on_its_page_after_a_question(both, app, other_app):
    grant = grant_cross_app(app=app, target=other_app)

    assert "stay" in both.page(page_of(grant, "revoke"))
    assert granted() == {("Acme", "Rival")}
    response = both.answer(page_of(grant, "revoke"))

    assert both.said(response) == "The grant is revoked."
    assert granted() == set()


def test_who_may_look_may_not_grant_or_revoke(db, app, other_app):
    operator = create_operator(
        username="vera", password=SECRET, apps=[app, other_app], role=OperatorRole.AUDITOR
    )
    browser = Browser(operator)
    grant = grant_cross_app(app=app, target=other_app)

    assert browser.page(page_of(grant))
    assert browser.get(reverse(ADD)).status_code == 403
    assert browser.answer(page_of(grant, "revoke")).status_code == 403
    assert granted() == {("Acme", "Rival")}
