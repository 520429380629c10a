"""A second factor in a real browser: set up with the key on the page, and asked for at the next log-in."""

from __future__ import annotations

import base64
import time

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Page, expect

from apps.accounts.services.operators import create_superuser
from tests.admin.conftest import SECRET
from tests.e2e.test_admin_browser import agree, log_in
from tests.e2e.test_admin_browser import visit as visit

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


def code_of(key: str, *, later: int = 0) -> str:
    """What an authenticator with that key shows; `later` steps from now."""
    totp = TOTP(base64.b32decode(key), drift=later)
    totp.time = time.time()
    return f"{totp.token():06}"


def test_it_is_set_up_and_asked_for(visit):
    create_superuser(username="root", password=SECRET)

    def steps(page: Page, base: str) -> None:
        log_in(page, base)
        page.click("#nav-sidebar >> text=root")
        page.click("nav >> text=Second factor")
        expect(page.locator("svg.im-qr")).to_be_visible()
        key = page.inner_text(".im-key").replace(" ", "")
        page.fill("[name=code]", code_of(key))
        agree(page)
        codes = page.inner_text("#recovery-codes").split()
        assert len(codes) == 10
        page.reload()
        expect(page.locator("#main")).to_contain_text("10 recovery codes are left")

        leave(page)
        fill_in(page)
        expect(page.locator("#second-factor-form")).to_be_visible()
        page.fill("[name=code]", code_of(key, later=1))
        page.press("[name=code]", "Enter")
        expect(page.locator("#nav-sidebar")).to_be_attached()

        leave(page)
        fill_in(page)
        page.fill("[name=code]", codes[0])
        page.press("[name=code]", "Enter")
        expect(page.locator("#nav-sidebar")).to_be_attached()

    visit(steps)


def leave(page: Page) -> None:
    """Log out."""
    page.click("#nav-sidebar >> text=root")
    page.click("nav >> text=Log out")


def fill_in(page: Page) -> None:
    """Name and password."""
    page.goto(page.url.split("/admin/")[0] + "/admin/")
    page.fill("[name=username]", "root")
    page.fill("[name=password]", SECRET)
    page.click("#login-form button[type=submit]")
