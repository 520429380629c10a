"""Figures from the log: each message counted once, whatever is done how often."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Gateway
from apps.accounts.services.presence import beat, connect
from apps.accounts.services.users import delete_users
from apps.console.models import Activity, Change, DailyStatistic, HourlyStatistic
from apps.console.services import rollup
from apps.core.models import App
from apps.core.services.cross_app_grants import grant_cross_app
from apps.groups.services.groups import NewGroup, create_group, dissolve_group
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from apps.messaging.services.retract import retract_message
from tests.conftest import person, session_of
from tests.console.conftest import roll_up, say
from tests.threads import at_once

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 7)
NOON = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)  # in Shanghai
COUNTED = [
    field.name
    for field in DailyStatistic._meta.get_fields()
    if field.name not in {"id", "app", "date"}
]


def counts(row: DailyStatistic | HourlyStatistic) -> dict[str, int]:
    """What there is at all in a row."""
    values = {name: getattr(row, name, 0) for name in COUNTED}
    return {name: value for name, value in values.items() if value}


def of_day(app: App, day: date = DAY) -> dict[str, int]:
    """What is counted on the day."""
    row = app.daily_statistics.filter(date=day).first()
    return {} if row is None else counts(row)


def today(app: App) -> date:
    return timezone.now().astimezone(app.zone).date()


class TestMessages:
    def test_are_counted_by_target_and_type(self, app, alice, bobby, group, said_at):
        said_at(NOON, "alice", "bobby")
        said_at(NOON, "alice", "bobby", msg_type="image")
        said_at(NOON, "bobby", "alice", msg_type="voice")
        said_at(NOON, "bobby", group, msg_type="custom")
        said_at(NOON, "bobby", group)

        roll_up()

        assert of_day(app) == {
            "single_text": 1,
            "single_image": 1,
            "single_voice": 1,
            "group_text": 1,
            "group_other": 1,
            "active_users": 2,
            "senders": 2,
            "active_groups": 1,
        }

    def test_belong_to_the_day_and_hour_of_the_app_s_own_time_zone(self, app, alice, said_at):
        app.time_zone = "Asia/Kolkata"  # half an hour off
        app.save(update_fields=["time_zone"])
        before = datetime(2026, 3, 7, 18, 29, 59, tzinfo=UTC)
        said_at(before, "alice", "alice")
        said_at(before + timedelta(seconds=1), "alice", "alice")

        roll_up()

        assert of_day(app)["single_text"] == 1
        assert of_day(app, DAY + timedelta(days=1))["single_text"] == 1
        hours = app.hourly_statistics.filter(single_text=1).order_by("hour")
        assert [row.hour for row in hours] == [
            datetime(2026, 3, 7, 17, 30, tzinfo=UTC),
            datetime(2026, 3, 7, 18, 30, tzinfo=UTC),
        ]

    def test_of_hours_that_a_clock_shows_twice_are_one_hour(self, app, alice, said_at):
        app.time_zone = "Europe/Berlin"
        app.save(update_fields=["time_zone"])
        summer = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, and again an hour later
        said_at(summer, "alice", "alice")
        said_at(summer + timedelta(hours=1), "alice", "alice")

        roll_up()

        assert of_day(app, date(2026, 10, 25))["single_text"] == 2
        assert [row.single_text for row in app.hourly_statistics.filter(single_text__gt=0)] == [2]

    def test_are_counted_once_however_often_and_in_what_pieces(
        self, app, alice, bobby, group, said_at, monkeypatch
    ):
        monkeypatch.setattr(rollup, "BATCH", 2)
        for _ in range(5):
            said_at(NOON, "alice", "bobby")
            said_at(NOON, "bobby", group)

        roll_up()
        roll_up()

        assert of_day(app) == {
            "single_text": 5,
            "group_text": 5,
            "active_users": 2,
            "senders": 2,
            "active_groups": 1,
        }
        assert app.rollup.position == app.messages.order_by("-pk")[0].pk

    def test_of_one_user_in_two_hours_make_them_active_in_each_and_once_a_day(
        self, app, alice, said_at
    ):
        said_at(NOON, "alice", "alice")
        said_at(NOON + timedelta(hours=1), "alice", "alice")

        roll_up()

        assert of_day(app)["active_users"] == 1
        hours = app.hourly_statistics.filter(hour__gte=NOON, single_text=1)
        assert [row.active_users for row in hours] == [1, 1]

    def test_stay_counted_when_they_are_retracted(self, app, alice, bobby):
        msg_id = say(app, "alice", "bobby")
        roll_up()
        retract_message(app=app, sender=alice, msg_id=msg_id)
        roll_up()

        assert of_day(app, today(app))["single_text"] == 1

    def test_of_another_app_are_its_own(self, app, other_app, alice, mallory, said_at):
        said_at(NOON, "alice", "alice")

        roll_up()

        assert of_day(app)["single_text"] == 1
        assert of_day(other_app) == {}

    def test_across_apps_are_counted_where_their_sender_is(self, app, other_app, alice, mallory):
        grant_cross_app(app=app, target=other_app)
        draft = Draft(
            target_type="single",
            target_id="mallory",
            target_app_key=other_app.app_key,
            from_type="user",
            from_id="alice",
            msg_type="text",
            body={"text": "hello"},
        )
        send_message(app=app, draft=draft)
        assert other_app.messages.said().count() == 1
        roll_up()

        assert of_day(app, today(app)) == {
            "single_text": 1,
            "new_users": 1,
            "active_users": 1,
            "senders": 1,
        }
        assert of_day(other_app, today(other_app)) == {"new_users": 1}

    def test_that_do_not_commit_are_not_counted_and_leave_no_trace(self, app, alice):
        roll_up()
        with transaction.atomic():
            say(app, "alice", "alice")
            rollup.step()
            transaction.set_rollback(True)
        before = of_day(app, today(app))
        say(app, "alice", "alice")
        roll_up()

        assert "single_text" not in before
        assert of_day(app, today(app))["single_text"] == 1


class TestUsersAndGroups:
    def test_that_were_there_before_are_counted_by_when_they_came(self, app, alice, bobby, group):
        app.users.filter(pk=alice.pk).update(created_at=NOON)
        app.groups.filter(pk=group.pk).update(created_at=NOON)

        roll_up()

        assert of_day(app) == {"new_users": 1, "new_groups": 1}
        assert of_day(app, today(app)) == {"new_users": 1}
        assert not Change.objects.filter(app=app)

    def test_that_come_and_go_are_counted_as_they_do(self, app, alice, group):
        roll_up()
        carol = person(app, "carol")
        delete_users(app=app, usernames=[carol.username])
        create_group(app=app, new=NewGroup(owner_username="alice", name="second"))
        dissolve_group(app=app, gid=group.pk)
        roll_up()

        assert of_day(app, today(app)) == {
            "new_users": 3,
            "gone_users": 1,
            "new_groups": 2,
            "gone_groups": 1,
        }
        assert app.daily_statistics.balance_before(today(app) + timedelta(days=1)) == (2, 1)

    def test_new_users_are_counted_by_hour_too(self, app, alice):
        roll_up()
        person(app, "carol")
        roll_up()

        hours = app.hourly_statistics.all()
        assert sum(row.new_users for row in hours) == 2

    def test_a_registration_that_is_undone_is_not_counted(self, app):
        roll_up()
        with transaction.atomic():
            person(app, "carol")
            transaction.set_rollback(True)
        roll_up()

        assert of_day(app, today(app)) == {}


class TestPresence:
    @pytest.fixture
    def online(self, app, alice, bobby):
        session_of(alice)
        gateway = beat(gateway="here")
        connect(session_ids=[alice.sessions.get().pk], gateway_id=gateway)
        roll_up()

    @pytest.mark.usefixtures("online")
    def test_who_is_connected_is_active_this_hour_and_today_once(self, app):
        rollup.count_online()
        rollup.count_online()

        assert of_day(app, today(app))["active_users"] == 1
        assert [row.active_users for row in app.hourly_statistics.all()] == [1]

    @pytest.mark.usefixtures("online")
    def test_who_is_connected_and_sends_is_active_once(self, app):
        rollup.count_online()
        say(app, "alice", "bobby")
        roll_up()

        figures = of_day(app, today(app))
        assert (figures["active_users"], figures["senders"]) == (1, 1)

    @pytest.mark.usefixtures("online")
    def test_who_hangs_on_a_gateway_that_is_gone_is_not_active(self, app):
        Gateway.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
        rollup.count_online()

        assert "active_users" not in of_day(app, today(app))


class TestTidying:
    def test_forgets_who_was_counted_and_keeps_the_counts(self, app, alice, said_at):
        said_at(NOON, "alice", "alice")
        say(app, "alice", "alice")
        roll_up()

        assert rollup.tidy_up()
        assert not rollup.tidy_up()

        kept = Activity.objects.filter(app=app)
        assert min(row.began for row in kept) > timezone.now() - timedelta(days=3)
        assert of_day(app)["active_users"] == 1
        assert not app.hourly_statistics.filter(hour__lt=timezone.now() - timedelta(days=62))

    def test_waits_until_all_is_counted(self, app, alice, said_at):
        said_at(NOON, "alice", "alice")
        roll_up()
        said_at(NOON, "alice", "alice")

        assert not rollup.tidy_up()
        roll_up()

        assert of_day(app)["active_users"] == 1


class TestTheCommand:
    def test_catches_up(self, app, alice, said_at, capsys):
        said_at(NOON, "alice", "alice")

        call_command("rollup_statistics")

        assert capsys.readouterr().out == "Messages counted: 1\n"
        assert of_day(app)["single_text"] == 1

    def test_makes_figures_anew_from_what_there_is(self, app, alice, bobby, group, said_at):
        said_at(NOON, "alice", "bobby")
        said_at(NOON, "bobby", group)
        roll_up()
        right = [(row.date, counts(row)) for row in app.daily_statistics.order_by("date")]
        app.daily_statistics.update(single_text=7, new_users=7)

        call_command("rollup_statistics", "--rebuild")

        assert [(row.date, counts(row)) for row in app.daily_statistics.order_by("date")] == right

    def test_leaves_other_apps_alone_when_told_of_one(self, app, other_app, alice, mallory):
        roll_up()
        other_app.daily_statistics.update(new_users=7)

        call_command("rollup_statistics", "--rebuild", "--app", app.app_key)

        assert of_day(other_app, today(other_app))["new_users"] == 7

    def test_refuses_a_key_that_there_is_not(self, app):
        with pytest.raises(CommandError, match="No app has the key nokey"):
            call_command("rollup_statistics", "--app", "nokey")


@pytest.mark.django_db(transaction=True)
def test_many_processes_at_once_count_everything_once(app, alice, bobby, monkeypatch):
    monkeypatch.setattr(rollup, "BATCH", 3)
    for _ in range(40):
        say(app, "alice", "bobby")

    at_once(roll_up, roll_up, roll_up, rollup.count_online)
    roll_up()

    figures = of_day(app, today(app))
    assert (figures["single_text"], figures["active_users"], figures["new_users"]) == (40, 1, 2)
