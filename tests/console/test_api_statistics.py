"""Statistics over HTTP: what was counted, as the final API words it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.accounts.services.users import delete_users
from apps.console.figures import Figures, by_day, by_hour
from tests.conftest import person
from tests.console.conftest import roll_up

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 7)
MORNING = datetime(2026, 3, 7, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai
HOUR = timedelta(hours=1)


def ask(api, what: str, unit: str, start: str, duration: int):
    reply = api.call(
        "get", f"/v2/statistic/{what}?time_unit={unit}&start={start}&duration={duration}"
    )
    assert reply.status_code == 200, reply.content
    return reply.json()


def sent(reply) -> list[tuple[str, int, int]]:
    """Of each time what was sent to users and to groups."""
    return [
        (row["time"], row["single_send_msg"], row["group_send_msg"])
        for row in reply["send_msg_stat"]
    ]


@pytest.fixture
def in_march(app, alice, bobby, group, said_at):
    """People and a group of February, and what they said in March."""
    app.users.update(created_at=datetime(2026, 2, 1, tzinfo=UTC))
    app.groups.update(created_at=datetime(2026, 2, 1, tzinfo=UTC))
    said_at(MORNING, "alice", "bobby")
    said_at(MORNING + HOUR, "alice", group, msg_type="image")
    said_at(MORNING + 24 * HOUR, "bobby", group, msg_type="custom")
    roll_up()


@pytest.mark.usefixtures("in_march")
class TestDays:
    def test_totals_are_those_at_the_end_of_each_day(self, api, app):
        rows = ask(api, "users", "DAY", "2026-01-31", 3)

        assert [(row["date"], row["new_users"], row["total_users"]) for row in rows] == [
            ("2026-01-31", 0, 0),
            ("2026-02-01", 2, 2),
            ("2026-02-02", 0, 2),
        ]

    def test_who_sent_is_active(self, api):
        rows = ask(api, "users", "DAY", "2026-03-06", 3)

        assert [(row["active_users"], row["send_msg_users"]) for row in rows] == [
            (0, 0),
            (1, 1),
            (1, 1),
        ]

    def test_who_was_deleted_is_not_there_any_more(self, api, app):
        delete_users(app=app, usernames=["bobby"])
        roll_up()

        (today,) = ask(api, "users", "DAY", datetime.now(app.zone).date().isoformat(), 1)

        assert (today["total_users"], today["new_users"]) == (1, 0)

    def test_groups_are_active_when_something_is_said_in_them(self, api):
        rows = ask(api, "groups", "DAY", "2026-03-06", 3)

        assert [(row["active_group"], row["total_group"]) for row in rows] == [
            (0, 1),
            (1, 1),
            (1, 1),
        ]

    def test_messages_are_counted_by_day_and_type(self, api):
        reply = ask(api, "messages", "DAY", "2026-03-07", 2)

        assert sent(reply) == [("2026-03-07", 1, 1), ("2026-03-08", 0, 1)]
        assert reply["single_msg_stat"] == {
            "txt_msg": 1,
            "image_msg": 0,
            "voice_msg": 0,
            "other_msg": 0,
        }
        assert reply["group_msg_stat"] == {
            "txt_msg": 0,
            "image_msg": 1,
            "voice_msg": 0,
            "other_msg": 1,
        }

    def test_a_month_is_the_sum_of_its_days(self, api):
        assert sent(ask(api, "messages", "MONTH", "2026-02", 2)) == [
            ("2026-02", 0, 0),
            ("2026-03", 1, 2),
        ]
        assert sent(ask(api, "messages", "month", "2026-12", 2))[1][0] == "2027-01"

    def test_sixty_days_are_two_queries(self, api, django_assert_max_num_queries):
        api.call("get", "/v1/users/alice")
        with django_assert_max_num_queries(3):  # and one of the rate limit
            assert len(ask(api, "users", "DAY", "2026-03-01", 60)) == 60

    def test_another_app_has_figures_of_its_own(self, stranger_api):
        assert sent(ask(stranger_api, "messages", "DAY", "2026-03-07", 1)) == [("2026-03-07", 0, 0)]


def test_hours_of_today_are_those_of_the_app_s_clock(api, app, alice, said_at):
    midnight = datetime.now(app.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    said_at(midnight, "alice", "alice")
    said_at(midnight + timedelta(minutes=119), "alice", "alice")
    roll_up()

    reply = ask(api, "messages", "HOUR", f"{midnight:%Y-%m-%d}+00", 24)

    assert len(reply["send_msg_stat"]) == 24
    assert sent(reply)[:3] == [
        (f"{midnight:%Y-%m-%d} 00", 1, 0),
        (f"{midnight:%Y-%m-%d} 01", 1, 0),
        (f"{midnight:%Y-%m-%d} 02", 0, 0),
    ]


@pytest.mark.parametrize(
    "start",
    ["9999-12-31", "10000-01-01", "2026-02-30", "today", "2026-1-1", "2026-01-01+09", "%00"],
)
def test_a_day_that_is_none_is_refused(api, start):
    reply = api.call("get", f"/v2/statistic/users?time_unit=DAY&start={start}&duration=60")

    assert reply.status_code == 400
    assert "start" in reply.json()["error"]["message"]


@pytest.mark.usefixtures("in_march")
class TestCharts:
    def test_by_day_add_the_apps_up_and_fill_the_gaps(self, app, other_app, mallory):
        other_app.users.update(created_at=MORNING)
        roll_up()

        figures = by_day([app, other_app], until=DAY + timedelta(days=1), days=3)

        assert figures == [
            Figures(DAY - timedelta(days=1)),
            Figures(DAY, messages=2, new_users=1, active_users=1),
            Figures(DAY + timedelta(days=1), messages=1, active_users=1),
        ]

    def test_by_hour_fill_the_gaps(self, app):
        until = MORNING + 2 * HOUR
        nine = MORNING.replace(minute=0)

        assert by_hour([app], until=until, hours=4) == [
            Figures(nine - HOUR),
            Figures(nine, messages=1, active_users=1),
            Figures(nine + HOUR, messages=1, active_users=1),
            Figures(nine + 2 * HOUR),
        ]

    def test_are_one_query_each(self, app, other_app, django_assert_num_queries):
        with django_assert_num_queries(2):
            by_day([app, other_app], until=DAY)
            by_hour([app, other_app], until=MORNING)

    def test_hours_of_an_app_off_by_half_an_hour_join_the_hour_they_begin_in(
        self, app, other_app, said_at
    ):
        app.time_zone = "Asia/Kolkata"
        app.save(update_fields=["time_zone"])
        person(app, "carol")
        said_at(MORNING + 3 * HOUR, "carol", "carol")  # 04:30 UTC: begins there
        roll_up()

        (figures,) = by_hour([app, other_app], until=MORNING + 3 * HOUR, hours=1)

        assert (figures.messages, figures.active_users) == (1, 1)
