"""Where one is, and the ways from there: the heading, the menu, lists without rows."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from apps.accounts.models import ClientSession, User
from apps.messaging.models import Conversation
from tests.admin.conftest import list_of, page_of

HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
PLACES = re.compile(r'<a href="([^"]+)"[^>]*>([^<]*)</a>|<span[^>]*>([^<]*)</span>')
MENU = re.compile(r'<a href="([^"]+)" class="[^"]* active"')


def heading(page: str) -> list[tuple[str, str]]:
    """What the head of the page says, each part with where it leads."""
    found = HEADING.search(page)
    assert found is not None
    return [(name or plain, url) for url, name, plain in PLACES.findall(found[1])]


def test_the_heading_leads_to_the_list_and_says_what_the_page_is(browser, ours):
    users = ("Users", list_of(User))
    alice = ("ours-owner", page_of(ours.user))

    assert heading(browser.page(list_of(User))) == [("Users", "")]
    assert heading(browser.page(reverse("admin:accounts_user_add"))) == [users, ("Add user", "")]
    assert heading(browser.page(page_of(ours.user))) == [users, ("ours-owner", "")]
    assert heading(browser.page(page_of(ours.user, "disable"))) == [users, ("ours-owner", "")]
    assert heading(browser.page(page_of(ours.user, "history"))) == [users, alice, ("History", "")]


def test_what_is_reached_from_a_row_leads_back_to_it_and_not_to_an_empty_list(browser, ours):
    owner = ("ours-owner", page_of(ours.user))
    sessions = f"{list_of(ClientSession)}?user={ours.user.pk}"

    assert heading(browser.page(sessions)) == [owner, ("Sessions", "")]
    page = browser.page(page_of(ours.session))
    assert heading(page)[:2] == [owner, ("Sessions", sessions)]
    assert f'<a href="{sessions}" class="block mr-3" title="Go back">' in page


def test_a_conversation_is_called_by_who_speaks_in_it(browser, ours):
    assert heading(browser.page(page_of(ours.conversation))) == [
        ("Conversations", list_of(Conversation)),
        (f"ours-group ({ours.group.pk})", ""),
    ]


def test_ones_own_pages_do_not_lead_to_the_operators(browser, olga):
    for name in ("time_zone", "two_factor"):
        page = browser.page(reverse(f"admin:{name}"))
        assert len(heading(page)) == 1
        assert reverse("admin:accounts_operator_changelist") not in page


@pytest.mark.parametrize(
    ("row", "menu"),
    [("session", "accounts_user"), ("group", "groups_group"), ("app", "core_app")],
)
def test_the_menu_shows_where_one_is(browser, ours, row, menu):
    page = browser.page(page_of(getattr(ours, row)))

    assert MENU.findall(page) == [reverse(f"admin:{menu}_changelist")]


def test_home_is_marked_at_home_alone(browser, ours):
    assert MENU.findall(browser.page(reverse("admin:index"))) == [reverse("admin:index")]


def test_a_list_without_rows_says_why(browser, app):
    assert "Nothing here yet" in browser.page(list_of(User))
    searched = browser.page(list_of(User), q="nobody")
    assert "No results found" in searched
    assert "Reset filters" in searched
