"""The admin in a real browser: what an operator clicks, sees and is not sent elsewhere for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from apps.accounts.models import User
from apps.accounts.services.operators import create_operator, create_superuser
from apps.core.models import App
from apps.core.services.apps import create_app
from tests.admin.conftest import SECRET, page_of, world_of
from tests.conftest import person

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


@dataclass
class Visit:
    """A browser's visit: what went wrong on the way."""

    base: str
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note errors of scripts and styles, and every request to another host."""
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._note(page, said))
        page.on("request", lambda request: self._note_request(request.url))

    def _note(self, page: Page, said: Any) -> None:
        if said.type == "error":
            self.complaints.append(f"{page.url}: {said.text}")

    def _note_request(self, url: str) -> None:
        if not url.startswith((self.base, "data:")):
            self.complaints.append(f"asked elsewhere: {url}")


@pytest.fixture
def visit(live_server):
    """Run a function with a page of a fresh browser, in a thread of its own: its loop is not for Django."""

    def run(steps: Callable[[Page, str], None], **options: Any) -> None:
        watched = Visit(live_server.url)

        def drive() -> None:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox"]
                )
                page = browser.new_context(**options).new_page()
                page.set_default_timeout(15_000)
                watched.watch(page)
                steps(page, live_server.url)
                browser.close()

        with ThreadPoolExecutor(1) as threads:
            threads.submit(drive).result()
        assert watched.complaints == []

    return run


def log_in(page: Page, base: str, name: str = "root") -> None:
    """Through the form."""
    page.goto(f"{base}/admin/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", SECRET)
    page.click("#login-form button[type=submit]")
    expect(page.locator("#nav-sidebar")).to_be_attached()


def save(page: Page) -> None:
    """Press the form's own button."""
    page.click("button[name=_save]")


def agree(page: Page) -> None:
    """Press the button of a page that asks."""
    page.click(".im-ask #content form button[type=submit]")


def test_an_app_its_secret_and_its_users(visit):
    create_superuser(username="root", password=SECRET)
    seen: dict[str, str] = {}

    def steps(page: Page, base: str) -> None:
        log_in(page, base)
        page.click("text=Create an app")
        page.fill("[name=name]", "Shop")
        save(page)
        seen["key"] = page.inner_text("#app-key")
        seen["secret"] = page.inner_text("#master-secret")

        page.reload()
        expect(page.locator("[name=name]")).to_have_value("Shop")
        assert seen["secret"] not in page.content()
        page.go_back()
        assert seen["secret"] not in page.content()

        page.click("#nav-sidebar >> text=Users")
        page.click("a.addlink")
        page.select_option("[name=app]", label="Shop")
        page.fill("[name=username]", "bob")
        page.fill("[name=password]", "a password")
        save(page)
        expect(page.locator(".field-username div.text-red-600")).to_contain_text("At least 4 bytes")
        page.fill("[name=username]", "bobby")
        page.fill("[name=password]", "a password")
        save(page)
        expect(page.locator("#result_list")).to_contain_text("bobby")

        page.check("#result_list tbody input.action-select")
        page.select_option("select[name=action]", "disable_selected")
        page.click("button[name=index]")
        agree(page)
        expect(page.locator("#main")).to_contain_text("1 user disabled.")

        page.fill("#searchbar", "nobody")
        page.press("#searchbar", "Enter")
        expect(page.locator("#content")).to_contain_text("No results found")

    visit(steps)

    app = App.objects.get()
    assert (app.name, app.app_key) == ("Shop", seen["key"])
    assert len(seen["secret"]) == 24
    assert app.users.get().disabled_at is not None


def test_the_language_and_the_theme_are_switched_and_kept(visit):
    create_superuser(username="root", password=SECRET)

    def steps(page: Page, base: str) -> None:
        page.goto(f"{base}/admin/")
        page.click("button:text('简体中文')")
        expect(page.locator("#login-form button")).to_contain_text("登录")
        page.fill("[name=username]", "root")
        page.fill("[name=password]", SECRET)
        page.click("#login-form button[type=submit]")
        expect(page.locator("#nav-sidebar")).to_contain_text("用户")

        page.click("#nav-sidebar >> text=root")
        page.click("nav >> text=深色")
        expect(page.locator("html")).to_have_class("dark")
        page.reload()
        expect(page.locator("html")).to_have_class("dark")

        page.click("#nav-sidebar >> text=root")
        page.click("nav button:text('English')")
        expect(page.locator("#nav-sidebar")).to_contain_text("Users")

    visit(steps)


def test_times_and_days_are_those_of_the_browser(visit):
    app = create_app(name="Acme").app
    create_operator(username="olga", password=SECRET, apps=[app])
    person(app, "early")
    User.objects.update(created_at="2026-03-01T15:30:00Z")

    def steps(page: Page, base: str) -> None:
        log_in(page, base, "olga")
        expect(page.locator("#nav-sidebar")).to_contain_text("Asia/Shanghai")
        page.goto(f"{base}/admin/accounts/user/")
        expect(page.locator("#result_list")).to_contain_text("2026-03-01 23:30:00")
        page.click("text=Filters")
        page.fill("[name=created_at_from]", "2026-03-02")
        page.click("#filter-form button[type=submit]")
        expect(page.locator("#content")).to_contain_text("No results found")

    visit(steps, timezone_id="Asia/Shanghai")


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_stays_at_home(visit, width):
    app = create_app(name="Acme").app
    world = world_of(app, "ours")
    create_superuser(username="root", password=SECRET)
    rows = [world.app, world.user, world.group, world.conversation, world.message, world.session]
    pages = [
        "/admin/",
        *(page_of(row) for row in rows),
        "/admin/core/app/", "/admin/core/app/add/", "/admin/accounts/user/", "/admin/accounts/user/add/",
        "/admin/groups/group/", "/admin/groups/group/add/", "/admin/messaging/message/",
        "/admin/messaging/conversation/", "/admin/accounts/operator/", "/admin/accounts/operator/add/",
        f"/admin/groups/groupmember/?group={world.group.pk}", "/admin/password_change/",
        f"/admin/groups/group/{world.group.pk}/add-members/",
    ]  # fmt: skip
    wide: list[str] = []

    def steps(page: Page, base: str) -> None:
        log_in(page, base)
        for address in pages:
            page.goto(base + address)
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wide.append(address)

    visit(steps, viewport={"width": width, "height": 900})

    assert wide == []


def test_a_script_within_a_page_does_not_run(visit):
    """Whatever gets into a page as markup is not run: neither as an element nor as an attribute."""
    create_superuser(username="root", password=SECRET)

    def steps(page: Page, base: str) -> None:
        log_in(page, base)
        page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.ran = true";
                document.body.append(script);
                const place = document.createElement("div");
                place.innerHTML = '<img src="/admin/nothing.png" onerror="window.ran = true">';
                document.body.append(place);
            }"""
        )
        page.wait_for_timeout(500)
        assert page.evaluate("window.ran") is None

    with pytest.raises(AssertionError, match="Content Security Policy"):
        visit(steps)


def test_a_page_may_load_nothing_from_elsewhere(visit):
    """The policy that says so is in force, not only kept by our templates."""
    create_superuser(username="root", password=SECRET)

    def steps(page: Page, base: str) -> None:
        log_in(page, base)
        refused = page.evaluate(
            """() => new Promise(done => {
                document.addEventListener("securitypolicyviolation", event => done(event.blockedURI));
                const image = document.createElement("img");
                image.src = "http://127.0.0.1:9/elsewhere.png";
                document.body.append(image);
                setTimeout(() => done(""), 5000);
            })"""
        )
        assert refused.startswith("http://127.0.0.1:9")

    with pytest.raises(AssertionError, match="elsewhere"):
        visit(steps)


def test_words_are_imported_tried_and_removed(app, visit):
    operator = create_operator(username="olga", password=SECRET, apps=[app])

    def steps(page: Page, base: str) -> None:
        log_in(page, base, operator.username)
        page.click("#nav-sidebar >> text=Sensitive words")
        expect(page.locator("#standings")).to_contain_text("The filter is off")
        page.click("#main >> text=Add words")
        page.fill("[name=words]", "typed, 坏话")
        content = "one\n笨蛋\n".encode("gb18030")
        page.set_input_files(
            "[name=file]", {"name": "words.txt", "mimeType": "text/plain", "buffer": content}
        )
        agree(page)
        expect(page.locator("#main")).to_contain_text("4 words added.")
        page.click("#main >> text=Try a text")
        page.fill("[name=text]", "\uff34yped 坏.话, and <b>O N E</b>")
        page.click(".im-try #content form button[type=submit]")
        expect(page.locator("[data-word]")).to_have_text(["typed", "坏话", "one"])
        found = page.locator("#found-in mark")
        expect(found).to_have_text(["\uff34yped", "坏", "话", "O", "N", "E"])
        expect(page.locator("#what-is-sent")).to_contain_text("803009")
        page.click("text=Back to the words")
        page.click("#result_list >> text=笨蛋")
        page.click("#main a:has-text('Remove')")
        agree(page)
        expect(page.locator("#main")).to_contain_text("1 word removed.")

    visit(steps)

    assert {row.word for row in app.sensitive_words.all()} == {"typed", "坏话", "one"}
