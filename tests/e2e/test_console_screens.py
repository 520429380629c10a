"""The main tasks of an operator in a real browser, and what a check of accessibility says of every page."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.accounts.services.operators import create_operator, create_superuser
from apps.accounts.services.users import Registration, register_users
from apps.core.adminkit.pages import site_pages
from apps.core.models import App, AuditEntry
from apps.core.services.apps import create_app
from apps.messaging.models import Message
from tests.admin.conftest import SECRET, Browser, World, list_of, lists_of, page_of, say, world_of
from tests.conftest import person, session_of
from tests.e2e import test_admin_browser as browsing

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

visit = browsing.visit
SERIOUS = {"serious", "critical"}


@pytest.fixture
def acme(transactional_db) -> App:
    """The app of olga."""
    app = create_app(name="Acme").app
    create_operator(username="olga", password=SECRET, apps=[app])
    return app


def every_page(world: World) -> list[str]:
    """The addresses of all lists, forms and pages of rows, and of pages that belong to no model."""
    addresses = ["/admin/", *lists_of(world), *(page_of(row) for row in world.rows)]
    for model in admin.site._registry:
        meta = model._meta
        addresses.append(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
        addresses.append(reverse(f"admin:{meta.app_label}_{meta.model_name}_add"))
    for site_page in site_pages():
        if not site_page.route.endswith("/"):
            continue  # a file
        try:
            addresses.append(reverse(f"admin:{site_page.name}"))
        except NoReverseMatch:
            continue  # of a row: it is reached from there
    for row in world.rows:
        model_admin: Any = admin.site.get_model_admin(type(row))
        names = [name for name in model_admin.actions_detail if name != "download"]
        addresses += [page_of(row, name) for name in (*names, "history")]
        addresses += [list_of(type(row)) + f"all/{name}/" for name in ("export", "delete")]
        addresses += [
            list_of(type(row)) + f"{name.replace('_', '-')}/" for name in model_admin.actions_list
        ]
    addresses += [reverse("admin:password_change"), page_of(world.user, "delete")]
    return list(dict.fromkeys(addresses))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault_for_those_who_see_or_move_otherwise(visit, acme, scheme):
    world = world_of(acme, "ours")
    root = Browser(create_superuser(username="root", password=SECRET))
    # Some rows are not added by a form.
    pages = [page for page in every_page(world) if root.get(page).status_code == 200]
    reading = page_of(world.conversation, "read")
    faults: dict[str, set[str]] = {}

    def look(page: Page, axe: Axe, address: str) -> None:
        for found in axe.run(page).response["violations"]:
            if found["impact"] in SERIOUS:
                where = found["nodes"][0]["html"][:160]
                faults.setdefault(f"{found['id']}: {where}", set()).add(address)

    def steps(page: Page, base: str) -> None:
        axe = Axe()
        page.goto(f"{base}/admin/")
        page.fill("[name=username]", "nobody")
        page.fill("[name=password]", SECRET)
        page.click("#login-form button[type=submit]")
        look(page, axe, "log-in")
        browsing.log_in(page, base)
        page.goto(base + reading)
        page.fill("[name=reason]", "To see whether all can read it")
        browsing.agree(page)
        for address in [reading, *pages]:
            page.goto(base + address)
            look(page, axe, address)
        page.goto(base + list_of(User))
        page.click("text=Filters")
        look(page, axe, "filters")
        page.keyboard.press("Escape")
        page.click("#user-menu")
        look(page, axe, "menu")

    visit(steps, color_scheme=scheme)

    assert len(pages) > 90
    assert {fault: sorted(where)[:2] for fault, where in faults.items()} == {}


def test_a_secret_is_made_anew_and_the_old_one_lives_on(visit, acme):
    seen: dict[str, str] = {}

    def steps(page: Page, base: str) -> None:
        browsing.log_in(page, base, "olga")
        page.goto(base + page_of(acme))
        page.click("text=New secret")
        page.select_option("[name=grace]", label="1 hour")
        browsing.agree(page)
        seen["secret"] = page.inner_text("#master-secret")
        page.click("text=I have copied it")
        panel = page.locator(".im-panel", has_text="Master secrets")
        expect(panel.locator("tbody tr")).to_have_count(2)
        expect(panel.get_by_text("live", exact=True)).to_have_count(2)

    visit(steps)

    newest, before = acme.secrets.order_by("-pk")
    assert seen["secret"].endswith(newest.hint)
    assert before.expires_at is not None
    assert newest.expires_at is None


def test_a_user_is_found_among_many_disabled_and_cut_off(visit, acme):
    names = [f"person{number:03d}" for number in range(400)]
    register_users(
        app=acme, registrations=[Registration(username=name, password="pass") for name in names]
    )
    victim = acme.users.get(username="person123")
    phone = session_of(victim)
    assert phone.call("get", "/client/v1/me").status_code == 200

    def steps(page: Page, base: str) -> None:
        browsing.log_in(page, base, "olga")
        page.click("#nav-sidebar >> text=Users")
        page.fill("#searchbar", "person123")
        page.press("#searchbar", "Enter")
        page.click("#result_list >> text=person123")
        sessions = page.locator(".im-panel", has_text="Sessions").first
        expect(sessions.locator("tbody tr")).to_have_count(1)
        page.click("text=Disable")
        browsing.agree(page)
        expect(page.locator("#main")).to_contain_text("1 user disabled.")
        expect(page.locator("#main")).to_contain_text("The user is logged in nowhere.")

    visit(steps)

    victim.refresh_from_db()
    assert victim.disabled_at is not None
    assert phone.call("get", "/client/v1/me").status_code == 401


def test_a_conversation_is_read_for_a_reason_that_is_found_in_the_audit(visit, acme):
    person(acme, "alice"), person(acme, "bobby")
    for number in range(60):
        talk = say(acme, "alice", "bobby", f"text number {number}").conversation

    def steps(page: Page, base: str) -> None:
        browsing.log_in(page, base, "olga")
        page.goto(base + page_of(talk))
        expect(page.locator("#main")).not_to_contain_text("text number")
        page.click("text=Read what was said")
        page.fill("[name=reason]", "A complaint of bobby")
        browsing.agree(page)
        expect(page.locator(".im-talk")).to_contain_text("text number 59")
        page.click(".im-talk >> text=Older")
        expect(page.locator(".im-talk")).to_contain_text("text number 0")

        page.click("#nav-sidebar >> text=Audit")
        page.click("#result_list tbody tr:first-child a >> nth=0")
        expect(page.locator("#main")).to_contain_text("A complaint of bobby")

    visit(steps)

    looked = AuditEntry.objects.filter(action="Looked at what was said")
    assert looked.count() == 2


def test_a_message_is_retracted(visit, acme):
    person(acme, "alice"), person(acme, "bobby")
    message = say(acme, "alice", "bobby", "an insult")

    def steps(page: Page, base: str) -> None:
        browsing.log_in(page, base, "olga")
        page.click("#nav-sidebar >> text=Messages")
        page.click(f"#result_list >> text={message.pk}")
        page.click("text=Retract")
        browsing.agree(page)
        expect(page.locator("#main")).to_contain_text("1 message retracted.")

    visit(steps)

    assert Message.objects.get(pk=message.pk).retracted_at is not None


def test_a_group_is_handed_on(visit, acme):
    world = world_of(acme, "ours")

    def steps(page: Page, base: str) -> None:
        browsing.log_in(page, base, "olga")
        page.goto(base + page_of(world.group))
        page.click("text=Transfer")
        page.click(".select2-selection")
        page.keyboard.type("ours-f")
        page.click(".select2-results__option >> text=ours-friend")
        browsing.agree(page)
        expect(page.locator("#main")).to_contain_text("The group has a new owner.")

    visit(steps)

    world.group.refresh_from_db()
    assert world.group.owner is not None
    assert world.group.owner.username == "ours-friend"
