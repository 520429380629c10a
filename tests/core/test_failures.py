"""Refusals of Django's own, and failures: pages for people, JSON for callers."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from apps.core import failures
from apps.core.adminkit.site import ConsoleSite
from tests.admin.conftest import browser as browser
from tests.admin.conftest import olga as olga


def assert_page(response, status: int, text: str) -> None:
    """It is a page, with the headers of all pages."""
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert text in response.content.decode()


def test_a_filter_that_there_is_not_is_answered_with_a_page(browser):
    users = reverse("admin:accounts_user_changelist")

    for address in (f"{users}?password_hash__startswith=a", f"{users}all/export/?nothing=1"):
        assert_page(browser.get(address), 400, "be understood")


def test_a_form_with_too_many_fields_is_answered_with_a_page(browser, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    many = {f"field-{number}": "" for number in range(9)}

    assert_page(browser.post(reverse("admin:time_zone"), many), 400, "larger than it takes")


@pytest.mark.parametrize(("language", "text"), [("en", "not good any more"), ("zh-hans", "表单")])
def test_a_forged_form_is_answered_with_a_page(db, language, text):
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": language})

    assert_page(strict.post(reverse("admin:login"), {"username": "x"}), 403, text)


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (OperationalError("server closed the connection"), 503, "database does not answer"),
        (ValueError("a secret"), 500, "Something went wrong"),
    ],
)
def test_a_failure_of_a_page_is_a_page_that_tells_nothing_of_it(
    browser, monkeypatch, error, status, text
):
    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(ConsoleSite, "each_context", fail)
    browser.raise_request_exception = False

    response = browser.get(reverse("admin:index"))

    assert_page(response, status, text)
    assert str(error) not in response.content.decode()


def test_callers_of_the_api_get_json(rf):
    request = rf.get("/v1/users")

    for response in (
        failures.bad_request(request, ValueError()),
        failures.internal_error(request),
    ):
        assert response["Content-Type"].startswith("application/json")
