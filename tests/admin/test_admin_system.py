"""The system page, and the charts of the home page."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core import checks
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Gateway, Operator
from apps.accounts.services.presence import beat, connect
from apps.console.services.rollup import step
from apps.core.services.apps import update_app
from tests.admin.conftest import say

SYSTEM = "/admin/system/"


def tables(browser) -> dict[str, list[list[object]]]:
    """What the page tells, by the title of each table."""
    panels = browser.get(SYSTEM).context["panels"]
    return {str(panel.title): [list(row) for row in panel.rows] for panel in panels}


def test_the_server_tells_what_it_is(root):
    told = tables(root)

    programs = " ".join(str(row[0]) for row in told["Versions"])
    assert all(name in programs for name in ("imserver", "Python", "Django"))
    assert "up to date" in str(told["Database"][-1][1])
    assert len(told["Largest tables"]) == 8
    assert any("statistics" in str(row[0]) for row in told["Background work"])


def test_it_is_for_superusers(browser):
    assert browser.get(SYSTEM).status_code == 403
    assert SYSTEM not in browser.page("/admin/")


def test_the_menu_leads_there(root):
    assert f'href="{SYSTEM}"' in root.page("/admin/")


def test_what_is_wrong_with_the_settings_is_told(root, monkeypatch):
    wrong = checks.Error("It is <wrong>.", hint="Mend it.", id="core.E999")
    monkeypatch.setattr(checks, "run_checks", lambda **_options: [wrong])

    page = root.page(SYSTEM)

    assert "It is &lt;wrong&gt;. Mend it." in page
    assert "core.E999" in page


def test_what_django_says_of_settings_is_told_in_the_reader_s_language(root, settings):
    settings.SESSION_COOKIE_SECURE = False
    settings.SECURE_HSTS_SECONDS = 0
    root.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"

    page = root.page(SYSTEM)

    assert "SESSION_COOKIE_SECURE 未开启" in page
    assert "未设置 SECURE_HSTS_SECONDS" in page
    assert "You have" not in page


def test_a_gateway_that_has_stopped_beating_is_silent(root, ours, settings):
    number = beat(gateway="first")
    connect(session_ids=[ours.session.pk], gateway_id=number)
    beat(gateway="second")
    gone = timezone.now() - timedelta(seconds=settings.IM_PRESENCE_SECONDS + 1)
    Gateway.objects.filter(name="second").update(beat_at=gone)

    first, second = tables(root)["Gateways"]

    assert "first" in str(first[0])
    assert first[3] == 1
    assert "alive" in str(first[1])
    assert "silent" in str(second[1])


def test_the_page_takes_few_queries(root, ours):
    with CaptureQueriesContext(connection) as queries:
        root.page(SYSTEM)

    assert len(queries) <= 15


@pytest.fixture
def charts(root, ours, theirs):
    """The charts of both apps, or of one: the sums of their series."""

    def read(**query) -> dict[str, list[int]]:
        while step():
            pass
        found = root.get("/admin/", query).context["charts"]
        return {
            str(chart.title): [sum(series.values) for series in chart.series] for chart in found
        }

    return read


def test_the_charts_add_up_the_roll_ups_of_the_apps(charts, ours):
    assert charts()["Messages, last 24 hours"] == [2]
    assert charts()["Messages, last 30 days"] == [2]
    assert charts()["Users, last 30 days"][1] == 4
    assert charts(app=ours.app.pk)["Messages, last 24 hours"] == [1]


def test_today_is_in_the_charts_where_it_is_tomorrow_for_the_app(charts, ours):
    # 25 hours lie between the two zones.
    Operator.objects.filter(username="root").update(time_zone="Pacific/Midway")
    ours.app.time_zone = "Pacific/Kiritimati"
    update_app(app=ours.app)

    assert charts(app=ours.app.pk)["Messages, last 30 days"] == [1]


def test_the_charts_have_a_label_for_each_hour_and_day(root, charts):
    hours, days, people = root.get("/admin/").context["charts"]

    assert [len(chart.labels) for chart in (hours, days, people)] == [24, 30, 30]
    assert len(json.loads(people.data)["datasets"]) == 2


def test_charts_are_drawn_from_few_queries(root, charts, ours):
    for _time in range(3):
        say(ours.app, ours.user.username, ours.group.pk)

    with CaptureQueriesContext(connection) as queries:
        root.page("/admin/")

    assert len(queries) <= 15
