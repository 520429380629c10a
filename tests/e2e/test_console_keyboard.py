"""The console by the keyboard alone: what a mouse can reach, Tab and Enter can too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.services.operators import create_operator
from apps.core.models import App
from apps.core.services.apps import create_app
from tests.admin.conftest import SECRET
from tests.conftest import person
from tests.e2e import test_admin_browser as browsing

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

visit = browsing.visit
SEEN = r"""() => {
    const style = getComputedStyle(document.activeElement);
    const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return drawn || style.boxShadow !== "none" || style.appearance === "auto";
}"""
HELD = r"""name => {
    const held = document.activeElement;
    const words = [held.innerText, held.value, held.getAttribute("aria-label"), held.title, held.name];
    const lines = words.flatMap(word => (word || "").split("\n"));
    return held.matches("a, button, input, select") && lines.some(line => line.trim().startsWith(name));
}"""


@pytest.fixture
def acme(transactional_db) -> App:
    """The app of olga, with two users."""
    app = create_app(name="Acme").app
    create_operator(username="olga", password=SECRET, apps=[app])
    person(app, "alice"), person(app, "bobby")
    return app


def go_to(page: Page, name: str, *, most: int = 60, key: str = "Tab") -> None:
    """Press Tab until what begins with that name has the focus, which is seen wherever it is."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate(HELD, name):
            assert page.evaluate(SEEN), f"{name} has the focus, and does not look so"
            return
    raise AssertionError(f"{name} is not reached by {key} on {page.url}")


def log_in(page: Page, base: str) -> None:
    """By typing: the name has the focus at once."""
    page.goto(f"{base}/admin/")
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.type("olga")
    page.keyboard.press("Tab")
    page.keyboard.type(SECRET)
    page.keyboard.press("Enter")
    expect(page.locator("#nav-sidebar")).to_be_attached()


def test_a_user_is_found_disabled_and_the_operator_leaves(visit, acme):
    def steps(page: Page, base: str) -> None:
        log_in(page, base)
        go_to(page, "Users")
        page.keyboard.press("Enter")
        page.wait_for_url("**/accounts/user/**")
        page.keyboard.press("Tab")
        expect(page.locator(".im-skip")).to_be_focused()
        page.keyboard.press("Enter")
        go_to(page, "alice", most=20)
        page.keyboard.press("Enter")
        page.wait_for_url("**/change/**")
        go_to(page, "Disable")
        page.keyboard.press("Enter")
        page.wait_for_url("**/disable/")
        go_to(page, "Disable")
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_contain_text("1 user disabled.")

        go_to(page, "olga")
        page.keyboard.press("Enter")
        expect(page.locator("#user-links")).to_be_focused()
        go_to(page, "Dark", most=5)
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_class("dark")
        page.keyboard.press("Escape")
        expect(page.locator("#user-links")).to_be_hidden()
        page.keyboard.press("Enter")
        expect(page.locator("#user-links")).to_be_focused()
        go_to(page, "Log out", most=15)
        page.keyboard.press("Enter")
        expect(page.locator("body")).to_contain_text("You are logged out")

    visit(steps)

    assert acme.users.get(username="alice").disabled_at is not None


def test_rows_are_ticked_and_an_action_run(visit, acme):
    def steps(page: Page, base: str) -> None:
        log_in(page, base)
        page.goto(f"{base}/admin/accounts/user/")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.classList.contains('action-select')"):
                break
        page.keyboard.press("Space")
        page.locator("select[name=action]").focus()
        page.keyboard.type("Disable")
        expect(page.locator("button[name=index]")).to_be_visible()
        go_to(page, "Run", most=3)
        page.keyboard.press("Enter")
        page.wait_for_selector(".im-ask")
        go_to(page, "Disable")
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_contain_text("1 user disabled.")

    visit(steps)

    assert acme.users.disabled().count() == 1


def test_the_filters_open_take_the_focus_and_give_it_back(visit, acme):
    def steps(page: Page, base: str) -> None:
        log_in(page, base)
        page.goto(f"{base}/admin/accounts/user/")
        go_to(page, "Filters")
        page.keyboard.press("Enter")
        expect(page.locator("#filter-form")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#filter-form")).to_be_hidden()
        assert page.evaluate(HELD, "Filters")

    visit(steps)


def test_the_menu_of_a_narrow_screen_opens_and_closes(visit, acme):
    def steps(page: Page, base: str) -> None:
        log_in(page, base)
        expect(page.locator("#nav-sidebar")).to_be_hidden()
        go_to(page, "Menu", most=6)
        page.keyboard.press("Enter")
        expect(page.locator("#nav-sidebar-inner")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#nav-sidebar")).to_be_hidden()
        assert page.evaluate(HELD, "Menu")

    visit(steps, viewport={"width": 390, "height": 800})
