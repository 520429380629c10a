"""Messages that are older than the server keeps them go, and nothing else does."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.core.chores import registered
from apps.groups.services.members import change_members
from apps.messaging.services import retention
from apps.messaging.services.retention import purge_expired
from apps.messaging.sync import read_since
from tests.conftest import person
from tests.console.conftest import roll_up, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept_30_days(settings):
    settings.IM_HISTORY_DAYS = 30


def age(app, days: int, *ids: int) -> None:
    """Let messages have been sent that long ago; all of the app's unless some are named."""
    rows = app.messages.filter(pk__in=ids) if ids else app.messages.all()
    rows.update(sent_at=timezone.now() - timedelta(days=days))


def remaining(app) -> list[int]:
    return list(app.messages.order_by("pk").values_list("pk", flat=True))


def test_everything_is_kept_unless_told_otherwise(app, alice):
    say(app, "alice", "alice")
    age(app, 10_000)

    assert purge_expired() == 0
    assert len(remaining(app)) == 1
    with pytest.raises(CommandError, match="everything is kept"):
        call_command("purge_expired")


@pytest.mark.usefixtures("kept_30_days", "alice", "bobby")
class TestPurging:
    def test_takes_what_is_older_of_all_apps(self, app, other_app, mallory):
        old, young = say(app, "alice", "bobby"), say(app, "alice", "bobby")
        theirs = say(other_app, "mallory", "mallory")
        age(app, 31, old)
        age(app, 29, young)
        age(other_app, 31, theirs)

        assert purge_expired() == 2
        assert purge_expired() == 0

        assert (remaining(app), remaining(other_app)) == ([young], [])

    def test_takes_the_events_among_them(self, app, group):
        person(app, "carol")
        change_members(app=app, gid=group.pk, add=["carol"])
        age(app, 31)
        young = say(app, "alice", group)

        purge_expired()

        assert remaining(app) == [young]

    def test_goes_by_in_pieces(self, app, monkeypatch, capsys):
        monkeypatch.setattr(retention, "BATCH", 2)
        for _ in range(5):
            say(app, "alice", "bobby")
        age(app, 31)

        call_command("purge_expired")

        assert remaining(app) == []
        assert "Deleted 5 messages" in capsys.readouterr().out

    def test_is_done_in_the_background(self, app):
        say(app, "alice", "bobby")
        age(app, 31)

        call_command("work", "--once", "--only", "retention")

        assert remaining(app) == []
        assert registered()["retention"].every >= 60

    def test_leaves_readers_their_place_and_figures_their_counts(self, app, bobby):
        say(app, "alice", "bobby")
        page = read_since(app=app, user=bobby, cursor=None, limit=10)
        roll_up()
        age(app, 31)
        purge_expired()
        young = say(app, "alice", "bobby")

        found = read_since(app=app, user=bobby, cursor=page.cursor, limit=10)
        roll_up()

        assert [row.pk for row in found.messages] == [young]
        assert sum(day.single_text for day in app.daily_statistics.all()) == 2

    def test_leaves_a_conversation_that_can_go_on(self, app, api):
        say(app, "alice", "bobby")
        age(app, 31)
        purge_expired()

        answer = api.call("get", "/users/bobby/sync")
        say(app, "bobby", "alice")

        assert answer.json()["messages"] == []
        assert len(remaining(app)) == 1
