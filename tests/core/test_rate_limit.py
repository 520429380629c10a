"""Calls of an app in a minute, counted over threads and processes."""

import time
from collections.abc import Callable
from functools import partial

import pytest

from apps.core import rate_limit
from apps.core.models import App, CallWindow
from apps.core.rate_limit import Allowance, take
from apps.core.services.apps import update_app
from tests.threads import at_once


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the database's clock, as far as counting goes."""
    statement = rate_limit._TAKE

    def set_clock(time: str) -> None:
        fixed = f"timestamptz '2015-02-28 {time}+00'"
        monkeypatch.setattr(rate_limit, "_TAKE", statement.replace("clock_timestamp()", fixed))

    set_clock("12:00:15")
    return set_clock


class Process:
    """A process of its own: what it has leased, no other has."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._leases: dict[int, rate_limit._Lease] = {}
        self._monkeypatch = monkeypatch

    def take(self, app: App) -> Allowance:
        self._monkeypatch.setattr(rate_limit, "_leases", self._leases)
        return take(app)


def limited(app: App, calls: int) -> App:
    app.calls_per_minute = calls
    update_app(app=app)
    return app


def allowed(app: App, calls: int) -> int:
    return sum(not take(app).exceeded for _ in range(calls))


@pytest.mark.django_db
class TestOneProcess:
    @pytest.mark.parametrize("limit", [1, 2, 31, 32, 33, 640, 641, 700])
    def test_a_minute_has_exactly_as_many_calls_as_allowed(self, app, at, limit):
        assert allowed(limited(app, limit), limit + 50) == limit

    def test_what_remains_counts_down_to_nothing(self, app, at):
        limited(app, 700)

        told = [take(app) for _ in range(702)]

        assert [allowance.remaining for allowance in told] == [*range(699, -1, -1), 0, 0]
        assert [allowance.exceeded for allowance in told] == [False] * 700 + [True] * 2
        assert {allowance.limit for allowance in told} == {700}

    def test_the_reset_is_told_in_whole_seconds(self, app, at):
        assert take(app).reset == 45

    @pytest.mark.parametrize(("time", "reset"), [("12:00:00", 60), ("12:00:59.999", 1)])
    def test_the_reset_is_from_1_to_60_seconds(self, app, at, time, reset):
        at(time)

        assert take(app).reset == reset

    def test_the_next_minute_begins_anew(self, app, at):
        limited(app, 5)
        assert allowed(app, 10) == 5

        at("12:01:00")
        rate_limit.forget()

        assert allowed(app, 10) == 5

    def test_a_lease_ends_with_its_minute(self, app, at, monkeypatch):
        at("12:00:59.99")
        take(limited(app, 6000))
        later = time.monotonic() + 0.1
        monkeypatch.setattr(time, "monotonic", lambda: later)

        at("12:01:00.09")

        assert take(app).remaining == 5999

    def test_a_call_that_is_late_does_not_begin_the_minute_before_again(self, app, at):
        """It told its minute and then waited for the row, while another began the next one."""
        limited(app, 5)
        at("12:01:00")
        assert allowed(app, 5) == 5

        at("12:00:59.999")
        rate_limit.forget()
        assert take(app).exceeded
        at("12:01:01")
        rate_limit.forget()

        assert take(app).exceeded

    def test_a_clock_that_was_ahead_and_is_put_right_does_not_bar_the_app(self, app, at):
        limited(app, 5)
        at("23:00:00")
        assert allowed(app, 6) == 5

        at("12:00:00")
        rate_limit.forget()

        assert allowed(app, 6) == 5

    def test_a_raised_limit_holds_at_once(self, app, at):
        assert allowed(limited(app, 3), 5) == 3

        assert allowed(limited(app, 10), 10) == 7

    def test_apps_are_counted_apart(self, app, other_app, at):
        assert allowed(limited(app, 3), 5) == 3

        assert allowed(limited(other_app, 3), 5) == 3

    def test_most_calls_cost_no_query(self, app, at, django_assert_num_queries):
        limited(app, 6000)

        with django_assert_num_queries(4):
            assert allowed(app, 4 * 32) == 4 * 32

    def test_the_refused_cost_no_query(self, app, at, django_assert_num_queries):
        assert allowed(limited(app, 1), 2) == 1

        with django_assert_num_queries(0):
            assert allowed(app, 100) == 0


@pytest.mark.django_db
class TestManyProcesses:
    def test_they_share_the_minute(self, app, at, monkeypatch):
        limited(app, 20)
        processes = [Process(monkeypatch) for _ in range(4)]

        told = [processes[number % 4].take(app).exceeded for number in range(60)]

        assert told == [False] * 20 + [True] * 40

    def test_together_they_never_exceed_a_limit_that_they_lease_from(self, app, at, monkeypatch):
        limited(app, 1000)
        processes = [Process(monkeypatch) for _ in range(4)]

        passed = sum(not processes[number % 4].take(app).exceeded for number in range(1400))

        assert passed == 1000

    def test_what_one_has_leased_and_not_used_is_lost_to_the_others_at_most(
        self, app, at, monkeypatch
    ):
        limited(app, 1000)
        idle, busy = Process(monkeypatch), Process(monkeypatch)
        idle.take(app)

        passed = sum(not busy.take(app).exceeded for _ in range(1200))

        assert passed == 1000 - 32


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", [50, 1000])
def test_threads_at_once_get_exactly_as_many_calls_as_allowed(app, at, limit):
    limited(app, limit)

    passed = at_once(*[partial(allowed, app, limit // 4)] * 8)

    assert sum(passed) == limit
    assert CallWindow.objects.get().used >= limit
