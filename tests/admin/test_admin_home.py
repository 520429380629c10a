"""The home page: figures and charts of the operator's apps, and of no others."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext

from apps.accounts.services.presence import beat, connect
from apps.core.adminkit import home, menu, numbers
from apps.core.adminkit.home import Card, Chart, Series
from apps.core.adminkit.menu import menu_entry, sections_with_entries
from apps.groups.models import Group
from tests.admin.conftest import say, ticked_only
from tests.conftest import person


def figures(browser, **query) -> dict[str, str]:
    """The cards of the home page: what each is called and says."""
    page = browser.get("/admin/", query)
    return {str(card.title): str(card.value) for card in page.context["cards"]}


def test_the_cards_count_what_is_in_the_operators_apps(browser, ours, theirs):
    assert figures(browser) == {
        "Users": "2",
        "New today": "2",
        "Online now": "0",
        "Messages a minute": "1",
        "Groups": "1",
    }


def test_a_superuser_sees_all_apps_or_the_one_they_choose(root, ours, theirs):
    person(theirs.app, "another")

    assert figures(root)["Users"] == "5"
    assert figures(root, app=ours.app.pk)["Users"] == "2"


def test_an_app_of_others_cannot_be_chosen(browser, ours, theirs):
    assert figures(browser, app=theirs.app.pk) == {}


def test_cards_are_for_those_who_may_see_what_they_count(browser, olga, ours):
    ticked_only(
        olga, [Permission.objects.get(content_type__app_label="groups", codename="view_group")]
    )

    assert figures(browser) == {"Groups": "1"}


def test_the_cards_of_one_app_lead_to_its_lists(root, ours):
    cards = root.get("/admin/", {"app": ours.app.pk}).context["cards"]

    urls = {str(card.title): card.url for card in cards}
    assert urls["Groups"] == f"/admin/groups/group/?app={ours.app.pk}&state=standing"


def test_figures_that_are_large_are_estimated_and_not_counted(browser, ours, monkeypatch):
    monkeypatch.setattr(numbers, "planned_rows", lambda _rows: 1_234_567)
    for number in range(3):
        person(ours.app, f"person{number}")
    few = numbers.number_of(ours.app.users.all(), counted=4)

    assert str(few) == "about 1,200,000"


def test_an_estimate_is_never_less_than_what_was_read(ours, monkeypatch):
    monkeypatch.setattr(numbers, "planned_rows", lambda _rows: 0)

    assert numbers.number_of(ours.app.users.all(), counted=1) == numbers.Number(1, exact=False)


def test_whoever_is_connected_is_online_once(browser, ours, app):
    connect(session_ids=[ours.session.pk] * 2, gateway_id=beat(gateway="here"))

    assert figures(browser)["Online now"] == "1"


def test_the_home_page_takes_few_queries(root, ours, theirs):
    for world in (ours, theirs):
        for _time in range(5):
            say(world.app, world.user.username, world.group.pk)

    with CaptureQueriesContext(connection) as queries:
        root.page("/admin/")

    assert len(queries) <= 15


def test_a_chart_is_drawn_from_attributes_and_said_in_a_table(browser, ours, monkeypatch):
    chart = Chart(
        title="Sent", labels=["1", "2"], series=[Series(title="text", values=[3, 4])], kind="line"
    )
    monkeypatch.setattr(home, "_chart_makers", [lambda _request, _apps: chart])

    page = browser.page("/admin/")

    assert json.loads(chart.data)["datasets"][0]["data"] == [3, 4]
    assert 'data-type="line"' in page
    assert '<th scope="row">1</th><td>3</td>' in page


def test_cards_stand_in_the_order_of_their_places(monkeypatch):
    monkeypatch.setattr(home, "_card_makers", [])
    home.home_card(place=2)(lambda _request, _apps: Card(title="second", value=2))
    home.home_card(place=1)(lambda _request, _apps: Card(title="first", value=1))
    home.home_card(place=3)(lambda _request, _apps: None)

    assert [card.title for card in home.cards_of(HttpRequest(), [])] == ["first", "second"]


@pytest.fixture
def no_entries(monkeypatch):
    """A menu without what Django apps put into it."""
    monkeypatch.setattr(menu, "_entries", [])


def test_entries_join_their_section_or_make_one(no_entries):
    sections = [{"key": "log", "title": "Log", "items": [{"title": "Messages"}]}]
    view = "admin:groups_group_changelist"
    menu_entry(section="log", title="Diary", icon="book", view=view)
    menu_entry(section="log", title="Diary again", icon="book", view=view)
    menu_entry(section="Mine", title="Home", icon="home", view="admin:index")

    whole = sections_with_entries(sections)

    assert [item["title"] for item in whole[0]["items"]] == ["Messages", "Diary"]
    assert (whole[1]["title"], whole[1]["items"][0]["title"]) == ("Mine", "Home")
    assert len(sections[0]["items"]) == 1


def test_an_entry_is_shown_to_whoever_has_its_permission(no_entries, browser, root, ours):
    menu_entry(
        section="people",
        title="Secret list",
        icon="book",
        view="admin:index",
        permission="auth.view_permission",
    )

    assert "Secret list" not in browser.page("/admin/")
    assert "Secret list" in root.page("/admin/")
    assert Group.objects.exists()
