"""The page of the API's documentation, in a real browser."""

import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from apps.core.services.apps import create_app
from tests.conftest import person

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


def authorize(page: Page, app_key: str, master_secret: str) -> None:
    page.get_by_role("button", name="Authorize").first.click()
    entrance = page.locator(".auth-container").filter(has_text="Basic")
    entrance.locator("input").nth(0).fill(app_key)
    entrance.locator("input").nth(1).fill(master_secret)
    entrance.get_by_role("button", name="Apply credentials").click()
    page.locator(".modal-ux .close-modal").click()


@pytest.mark.django_db(transaction=True)
def test_it_comes_from_here_alone_and_calls_the_api_with_the_app_s_key(live_server):
    credentials = create_app(name="Reader")
    person(credentials.app, "alice")
    asked: list[str] = []
    troubles: list[str] = []

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(f"{live_server.url}/docs/")
        operation = page.locator("#operations-users-users_list")
        expect(operation).to_be_visible(timeout=30_000)
        authorize(page, credentials.app.app_key, credentials.master_secret)
        operation.locator(".opblock-summary").click()
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_role("button", name="Execute").click()
        reply = operation.locator(".live-responses-table .response").first
        expect(reply).to_contain_text("200", timeout=30_000)
        expect(reply).to_contain_text('"username": "alice"')
        browser.close()

    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {
        urlsplit(live_server.url).netloc
    }
    assert troubles == []
