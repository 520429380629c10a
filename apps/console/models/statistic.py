"""What happened in an app, by hour and by day of its time zone."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar, Self, TypeVar, cast

from django.db import models
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from apps.core.models import App


def _count() -> "models.PositiveIntegerField[int | Combinable, int]":
    return models.PositiveIntegerField(default=0, db_default=0)


class Figures(models.Model):
    """Messages sent, by where to and of what type, events left out; users who came, and who were there."""

    single_text = _count()
    single_image = _count()
    single_voice = _count()
    single_other = _count()
    group_text = _count()
    group_image = _count()
    group_voice = _count()
    group_other = _count()
    chatroom_all = _count()
    active_users = _count()
    new_users = _count()

    class Meta:
        abstract = True


SINGLE = ("single_text", "single_image", "single_voice", "single_other")
GROUP = ("group_text", "group_image", "group_voice", "group_other")
ALL_MESSAGES = (*SINGLE, *GROUP, "chatroom_all")


def _all_messages() -> models.Sum:
    total: models.F | models.expressions.CombinedExpression = models.F(ALL_MESSAGES[0])
    for name in ALL_MESSAGES[1:]:
        total += models.F(name)
    return models.Sum(total, default=0)


_Row = TypeVar("_Row", bound=Figures, covariant=True)


class FiguresQuerySet(models.QuerySet[_Row]):
    """Reads of figures. Start from a tenant: `app.daily_statistics`; or from several: `of_apps`."""

    when: ClassVar[str]
    """The field of the time that they are of."""

    def of_apps(self, apps: Iterable[App]) -> Self:
        """Those of these tenants."""
        return self.filter(app__in=apps)

    def totals(self) -> "models.QuerySet[_Row, dict[str, Any]]":
        """For each time `messages`, `new` and `active` users, those of all apps added up."""
        rows = self.values(self.when).annotate(
            messages=_all_messages(),
            new=models.Sum("new_users"),
            active=models.Sum("active_users"),
        )
        return cast("models.QuerySet[_Row, dict[str, Any]]", rows)


class HourlyStatisticQuerySet(FiguresQuerySet["HourlyStatistic"]):
    """Reads of hours."""

    when = "hour"

    def between(self, start: datetime, end: datetime) -> Self:
        """Hours that begin in the half-open interval [start, end), in their order."""
        return self.filter(hour__gte=start, hour__lt=end).order_by("hour")


class HourlyStatistic(Figures):
    """An hour of an app. `hour` is when it begins; one without a row had nothing."""

    app = models.ForeignKey(
        App,
        models.CASCADE,
        related_name="hourly_statistics",
        db_index=False,
        verbose_name=_("app"),
    )
    hour = models.DateTimeField()

    objects = HourlyStatisticQuerySet.as_manager()

    class Meta:
        verbose_name = _("figures of an hour")
        verbose_name_plural = _("figures by hour")
        constraints = [
            models.UniqueConstraint(fields=("app", "hour"), name="console_hourly_once"),
        ]
        indexes = [models.Index(fields=("hour",), name="console_hourly_hour")]

    def __str__(self) -> str:
        return f"{self.app_id} {self.hour}"


class DailyStatisticQuerySet(FiguresQuerySet["DailyStatistic"]):
    """Reads of days."""

    when = "date"

    def between(self, first: date, last: date) -> Self:
        """From the first to the last, both included, in their order."""
        return self.filter(date__range=(first, last)).order_by("date")

    def balance_before(self, day: date) -> tuple[int, int]:
        """Users and groups that there were when the day began. One row a day is read."""
        sums = self.filter(date__lt=day).aggregate(
            users=models.Sum(models.F("new_users") - models.F("gone_users"), default=0),
            groups=models.Sum(models.F("new_groups") - models.F("gone_groups"), default=0),
        )
        return sums["users"], sums["groups"]


class DailyStatistic(Figures):
    """A day of an app, in its time zone; one without a row had nothing.

    How many users and groups there are is the sum of those that came less those that went, of all days.
    """

    app = models.ForeignKey(
        App,
        models.CASCADE,
        related_name="daily_statistics",
        db_index=False,
        verbose_name=_("app"),
    )
    date = models.DateField()
    senders = _count()
    gone_users = _count()
    active_groups = _count()
    new_groups = _count()
    gone_groups = _count()

    objects = DailyStatisticQuerySet.as_manager()

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("figures by day")
        constraints = [
            models.UniqueConstraint(fields=("app", "date"), name="console_daily_once"),
        ]
        indexes = [models.Index(fields=("date",), name="console_daily_date")]

    def __str__(self) -> str:
        return f"{self.app_id} {self.date}"


class ActivityKind(models.IntegerChoices):
    """What is counted once in a day or an hour, however often it was there."""

    USER_OF_DAY = 1
    USER_OF_HOUR = 2
    SENDER_OF_DAY = 3
    GROUP_OF_DAY = 4


class Activity(models.Model):
    """Somebody, or a group, that has been counted for the day or hour that began then.

    Deleted a few days later: the counts stay. `subject` is a plain number, so that no user waits for this.
    """

    app = models.ForeignKey(App, models.CASCADE, related_name="+", db_index=False)
    kind = models.PositiveSmallIntegerField(choices=ActivityKind)
    began = models.DateTimeField()
    subject = models.BigIntegerField()

    class Meta:
        verbose_name = "activity"
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(
                fields=("app", "kind", "began", "subject"), name="console_activity_once"
            ),
        ]
        indexes = [models.Index(fields=("began",), name="console_activity_began")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.began}"
