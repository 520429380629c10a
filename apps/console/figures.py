"""Figures for charts, of one app or of several together, gaps filled in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from apps.console.models import DailyStatistic, HourlyStatistic
from apps.core.models import App

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Figures:
    """What happened in an hour or on a day."""

    began: datetime | date
    messages: int = 0
    new_users: int = 0
    active_users: int = 0


def by_hour(apps: Iterable[App], *, until: datetime, hours: int = 24) -> list[Figures]:
    """The hours up to the one that `until` is in, oldest first. One query.

    Hours of apps whose time zone is off by half an hour count to the hour they begin in.
    """
    last = until.replace(minute=0, second=0, microsecond=0)
    moments = [last - place * _HOUR for place in reversed(range(hours))]
    rows = HourlyStatistic.objects.of_apps(apps)  # tenant-free: of the apps given
    found: dict[datetime, list[dict[str, Any]]] = {}
    for row in rows.between(moments[0], last + _HOUR).totals():
        hour: datetime = row["hour"]
        found.setdefault(hour.replace(minute=0), []).append(row)
    return [_sum(moment, found.get(moment, [])) for moment in moments]


def by_day(apps: Iterable[App], *, until: date, days: int = 30) -> list[Figures]:
    """The days up to `until`, oldest first, each app's by its own calendar. One query."""
    moments = [until - place * _DAY for place in reversed(range(days))]
    rows = DailyStatistic.objects.of_apps(apps)  # tenant-free: of the apps given
    found = {row["date"]: row for row in rows.between(moments[0], until).totals()}
    return [_sum(moment, [found[moment]] if moment in found else []) for moment in moments]


def _sum(began: datetime | date, rows: list[dict[str, Any]]) -> Figures:
    return Figures(
        began,
        messages=sum(row["messages"] for row in rows),
        new_users=sum(row["new"] for row in rows),
        active_users=sum(row["active"] for row in rows),
    )
