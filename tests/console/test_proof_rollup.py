"""The proof: processes that count are killed at any moment, and everything is counted once."""

import time
from random import Random

import pytest

from apps.console.models import Rollup
from apps.console.services import rollup
from apps.core.models import App
from tests.at_work import Working, wait_for
from tests.conftest import person
from tests.console.conftest import roll_up, say

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KILLS = 6
EACH = 60


def test_kill_9_loses_no_message_and_counts_none_twice(app, alice, bobby, group):
    random = Random()  # noqa: S311 the more moments are met over time, the better
    for place in range(KILLS):
        worker = Working("--only", "statistics")
        person(app, f"person{place:05}")
        ids = [say(app, random.choice(["alice", "bobby"]), group) for _ in range(EACH)]
        wait_for(lambda: position(app) >= ids[0], "the figures to move")  # noqa: B023 at once
        time.sleep(random.uniform(0, 0.02))
        worker.kill()
    roll_up()

    (day,) = app.daily_statistics.filter(group_text__gt=0)
    assert day.group_text == KILLS * EACH
    assert (day.active_users, day.senders, day.active_groups) == (2, 2, 1)
    assert day.new_users == 2 + KILLS
    assert position(app) == app.messages.order_by("-pk")[0].pk


def position(app: App) -> int:
    """How far the figures have come."""
    found = Rollup.objects.filter(app=app).values_list("position", flat=True)
    return found[0] if found else 0


def test_the_background_work_keeps_the_figures_up_to_date(app, alice):
    worker = Working("--only", "statistics")
    say(app, "alice", "alice")
    wait_for(lambda: app.daily_statistics.filter(single_text=1).exists(), "the message")

    assert worker.end() == ""
    assert rollup.step() is False
