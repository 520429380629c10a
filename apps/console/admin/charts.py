"""The charts of the home page, out of the roll-ups: however large the log is, a row an hour and a day."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from apps.console.figures import Figures, by_day, by_hour
from apps.core.adminkit.home import Chart, Series, home_chart
from apps.core.models import App

_DAYS = "days_of_charts"
_ACTIVE, _NEW = "--color-green-600", "--color-primary-600"


@home_chart
def last_hours(request: HttpRequest, apps: list[App]) -> Chart | None:
    """What was sent within 24 hours."""
    if not request.user.has_perm("messaging.view_message"):
        return None
    hours = by_hour(apps, until=timezone.now())
    return Chart(
        title=_("Messages, last 24 hours"),
        labels=[_hour(figures) for figures in hours],
        series=[Series(title=_("messages"), values=[figures.messages for figures in hours])],
    )


@home_chart
def last_days(request: HttpRequest, apps: list[App]) -> Chart | None:
    """What was sent within 30 days."""
    if not request.user.has_perm("messaging.view_message"):
        return None
    days = _days(request, apps)
    return Chart(
        title=_("Messages, last 30 days"),
        labels=[_day(figures) for figures in days],
        series=[Series(title=_("messages"), values=[figures.messages for figures in days])],
    )


@home_chart
def users_of_last_days(request: HttpRequest, apps: list[App]) -> Chart | None:
    """Who was there within 30 days."""
    if not request.user.has_perm("accounts.view_user"):
        return None
    days = _days(request, apps)
    return Chart(
        title=_("Users, last 30 days"),
        labels=[_day(figures) for figures in days],
        series=[
            Series(
                title=_("active users"), values=[each.active_users for each in days], colour=_ACTIVE
            ),
            Series(title=_("new users"), values=[each.new_users for each in days], colour=_NEW),
        ],
        kind="line",
    )


def _days(request: HttpRequest, apps: list[App]) -> list[Figures]:
    """The figures of the days, asked for once for a request."""
    remembered = vars(request)
    if _DAYS not in remembered:
        # Days are those of the apps' zones: it may be tomorrow there.
        today = [timezone.localdate(timezone=app.zone) for app in apps]
        remembered[_DAYS] = by_day(apps, until=max(today, default=timezone.localdate()))
    found: list[Figures] = remembered[_DAYS]
    return found


def _hour(figures: Figures) -> str:
    assert isinstance(figures.began, datetime)  # noqa: S101 hours begin at a time
    return formats.date_format(timezone.localtime(figures.began), "H:i")


def _day(figures: Figures) -> str:
    return formats.date_format(figures.began, "m-d")
