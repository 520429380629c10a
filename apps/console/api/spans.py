"""The time that statistics are asked for: a unit, where it starts, and how many of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils import timezone

from apps.core.api.pagination import integer
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App


class Unit(StrEnum):
    """The `time_unit`s."""

    HOUR = "HOUR"
    DAY = "DAY"
    MONTH = "MONTH"


@dataclass(frozen=True)
class _Written:
    """How a unit's `start` is written, and how many may be asked for."""

    format: str
    pattern: str
    at_most: int


WRITTEN = {
    Unit.HOUR: _Written("%Y-%m-%d %H", "yyyy-MM-dd HH", 24),
    Unit.DAY: _Written("%Y-%m-%d", "yyyy-MM-dd", 60),
    Unit.MONTH: _Written("%Y-%m", "yyyy-MM", 2),
}
_LATEST_YEAR = 9998  # beyond, the end is no date


@dataclass(frozen=True)
class Span:
    """Units one after another, each by the moment or day it starts with, in the app's time zone."""

    unit: Unit
    starts: tuple[datetime, ...]

    @property
    def first_day(self) -> date:
        """The first day in it."""
        return self.starts[0].date()

    @property
    def last_day(self) -> date:
        """The last day in it."""
        return _following(self.unit, self.starts[-1]).date() - timedelta(days=1)

    def written(self, moment: date) -> str:
        """The unit that this moment or day is in, as `start` is written."""
        return moment.strftime(WRITTEN[self.unit].format)


def read_span(app: App, query: Mapping[str, str], *units: Unit) -> Span:
    """The span of the query, all of whose three parameters are required. PARAMETER_INVALID names one.

    Hours are those of today, in the app's zone.
    """
    unit = _unit(query, units)
    written = WRITTEN[unit]
    start = _start(query, written)
    duration = integer(query, "duration", None, minimum=1, maximum=written.at_most)
    if unit is Unit.HOUR and start.date() != timezone.now().astimezone(app.zone).date():
        raise ImError(PARAMETER_INVALID, "start: must be an hour of today")
    starts = [start]
    while len(starts) < duration:
        starts.append(_following(unit, starts[-1]))
    return Span(unit, tuple(starts))


def _unit(query: Mapping[str, str], units: tuple[Unit, ...]) -> Unit:
    word = query.get("time_unit", "").upper()
    if not word:
        raise ImError(PARAMETER_INVALID, "time_unit: is required")
    if word not in set(units):
        raise ImError(PARAMETER_INVALID, f"time_unit: must be {' or '.join(units)}")
    return Unit(word)


def _start(query: Mapping[str, str], written: _Written) -> datetime:
    text = query.get("start", "")
    if not text:
        raise ImError(PARAMETER_INVALID, "start: is required")
    try:
        start = datetime.strptime(text, written.format)  # noqa: DTZ007 a calendar, not a moment
    except ValueError:
        start = datetime.max  # noqa: DTZ901 likewise
    if start.year > _LATEST_YEAR or start.strftime(written.format) != text:
        raise ImError(PARAMETER_INVALID, f"start: must be a time as {written.pattern}")
    return start


def _following(unit: Unit, start: datetime) -> datetime:
    if unit is Unit.HOUR:
        return start + timedelta(hours=1)
    if unit is Unit.DAY:
        return start + timedelta(days=1)
    return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
