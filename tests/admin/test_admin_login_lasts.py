"""How long a log-in to the console lasts: idle sessions end, and old ones."""

from __future__ import annotations

import time

import pytest

from apps.core.services.jobs import submit_job
from tests.admin.conftest import HOME, enter, inside, page_of
from tests.counting import COUNTING


@pytest.mark.parametrize(
    ("began", "seen", "open_still"),
    [
        (0, 0, True),
        (3500, 3500, True),
        (3700, 3700, False),
        (50_000, 10, False),
        (43_000, 10, True),
    ],
)
def test_a_session_ends_when_it_is_idle_or_old(browser, began, seen, open_still):
    inside(browser)
    session = browser.session
    now = int(time.time())
    session["im_began"], session["im_seen"] = now - began, now - seen
    session.save()

    response = browser.get(HOME)

    assert (response.status_code == 200) is open_still
    if not open_still:
        assert response.url == "/admin/login/?next=%2Fadmin%2F"
        assert "You were logged out" in browser.get(response.url).content.decode()
        assert not inside(browser)


def test_looking_at_pages_keeps_a_session_alive(browser):
    inside(browser)
    session = browser.session
    session["im_seen"] = int(time.time()) - 600
    session.save()

    browser.get(HOME)

    assert int(time.time()) - browser.session["im_seen"] < 60


def test_a_bar_that_moves_by_itself_keeps_no_session_alive(browser, app, olga):
    job = submit_job(kind=COUNTING, app=app, operator_id=olga.pk, arguments={}, total=12)
    inside(browser)
    session = browser.session
    session["im_seen"] = before = int(time.time()) - 600
    session.save()

    assert browser.get(page_of(job, "progress")).status_code == 200

    assert browser.session["im_seen"] == before


def test_a_new_log_in_begins_anew(olga, client):
    enter(client)

    assert abs(client.session["im_began"] - time.time()) < 60
