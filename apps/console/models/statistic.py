"""What happened in an app, by hour and by day of its time zone."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Self, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import App


class MessageCounts(models.Model):
    """How many messages were sent, by where to and of what type. Events are none."""

    single_text = models.PositiveIntegerField(default=0, db_default=0)
    single_image = models.PositiveIntegerField(default=0, db_default=0)
    single_voice = models.PositiveIntegerField(default=0, db_default=0)
    single_other = models.PositiveIntegerField(default=0, db_default=0)
    group_text = models.PositiveIntegerField(default=0, db_default=0)
    group_image = models.PositiveIntegerField(default=0, db_default=0)
    group_voice = models.PositiveIntegerField(default=0, db_default=0)
    group_other = models.PositiveIntegerField(default=0, db_default=0)
    chatroom_all = models.PositiveIntegerField(default=0, db_default=0)

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


class HourlyStatisticQuerySet(models.QuerySet["HourlyStatistic"]):
    """Reads of hours. Start from a tenant: `app.hourly_statistics`; or from several: `of_apps`."""

    def of_apps(self, apps: Iterable[App]) -> Self:
        """Those of these tenants."""
        return self.filter(app__in=apps)

    def between(self, start: datetime, end: datetime) -> Self:
        """Hours that begin in the half-open interval [start, end), in their order."""
        return self.filter(hour__gte=start, hour__lt=end).order_by("hour")

    def totals(self) -> "models.QuerySet[HourlyStatistic, dict[str, Any]]":
        """For each hour `messages`, `new` and `active` users, those of all apps added up."""
        rows = self.values("hour").annotate(
            messages=_all_messages(),
            new=models.Sum("new_users"),
            active=models.Sum("active_users"),
        )
        return cast("models.QuerySet[HourlyStatistic, dict[str, Any]]", rows)


class HourlyStatistic(MessageCounts):
    """An hour of an app. `hour` is when it begins; one without a row had nothing."""

    app = models.ForeignKey(
        App,
        models.CASCADE,
        related_name="hourly_statistics",
        db_index=False,
        verbose_name=_("app"),
    )
    hour = models.DateTimeField()
    active_users = models.PositiveIntegerField(default=0, db_default=0)
    new_users = models.PositiveIntegerField(default=0, db_default=0)

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


class DailyStatisticQuerySet(models.QuerySet["DailyStatistic"]):
    """Reads of days. Start from a tenant: `app.daily_statistics`; or from several: `of_apps`."""

    def of_apps(self, apps: Iterable[App]) -> Self:
        """Those of these tenants."""
        return self.filter(app__in=apps)

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

    def totals(self) -> "models.QuerySet[DailyStatistic, dict[str, Any]]":
        """For each day `messages`, `new` and `active` users, those of all apps added up."""
        rows = self.values("date").annotate(
            messages=_all_messages(),
            new=models.Sum("new_users"),
            active=models.Sum("active_users"),
        )
        return cast("models.QuerySet[DailyStatistic, dict[str, Any]]", rows)


class DailyStatistic(MessageCounts):
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
    active_users = models.PositiveIntegerField(default=0, db_default=0)
    senders = models.PositiveIntegerField(default=0, db_default=0)
    new_users = models.PositiveIntegerField(default=0, db_default=0)
    gone_users = models.PositiveIntegerField(default=0, db_default=0)
    active_groups = models.PositiveIntegerField(default=0, db_default=0)
    new_groups = models.PositiveIntegerField(default=0, db_default=0)
    gone_groups = models.PositiveIntegerField(default=0, db_default=0)

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
