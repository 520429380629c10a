"""Statistics over HTTP: `/v2/statistic/…`, from figures that are ready (`apps.console.services.rollup`)."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from apps.console.api.schemas import statistics_schema
from apps.console.api.serializers import (
    GroupsOfDayReply,
    MessagesByTypeReply,
    MessagesOfTimeReply,
    MessagesReply,
    UsersOfDayReply,
)
from apps.console.api.spans import Span, Unit, read_span
from apps.console.models import DailyStatistic, Figures, HourlyStatistic
from apps.console.models.statistic import GROUP, SINGLE
from apps.core.api.viewsets import ImViewSet


@statistics_schema
class StatisticViewSet(ImViewSet):
    """`/v2/statistic/users`, `/v2/statistic/messages`, `/v2/statistic/groups`."""

    operation_group = "statistics"

    def users(self, request: Request) -> Response:
        """Users by day."""
        span = read_span(self.app, self.query, Unit.DAY)
        days = self._days(span)
        before, _ = self.app.daily_statistics.balance_before(span.first_day)
        totals = accumulate((day.new_users - day.gone_users for day in days), initial=before)
        reply: list[UsersOfDayReply] = [
            {
                "date": span.written(day.date),
                "active_users": day.active_users,
                "total_users": total,
                "send_msg_users": day.senders,
                "new_users": day.new_users,
            }
            for day, total in zip(days, list(totals)[1:], strict=True)
        ]
        return self.reply(reply)

    def groups(self, request: Request) -> Response:
        """Groups by day."""
        span = read_span(self.app, self.query, Unit.DAY)
        days = self._days(span)
        _, before = self.app.daily_statistics.balance_before(span.first_day)
        totals = accumulate((day.new_groups - day.gone_groups for day in days), initial=before)
        reply: list[GroupsOfDayReply] = [
            {
                "date": span.written(day.date),
                "active_group": day.active_groups,
                "total_group": total,
                "new_group": day.new_groups,
            }
            for day, total in zip(days, list(totals)[1:], strict=True)
        ]
        return self.reply(reply)

    def messages(self, request: Request) -> Response:
        """Messages by hour, day or month, and by type."""
        span = read_span(self.app, self.query, Unit.HOUR, Unit.DAY, Unit.MONTH)
        counts: dict[str, list[Figures]] = {span.written(start): [] for start in span.starts}
        if span.unit is Unit.HOUR:
            for hour in self._hours(span):
                counts[span.written(hour.hour.astimezone(self.app.zone))].append(hour)
        else:
            for day in self.app.daily_statistics.between(span.first_day, span.last_day):
                counts[span.written(day.date)].append(day)
        everything = [row for rows in counts.values() for row in rows]
        reply: MessagesReply = {
            "send_msg_stat": [_of_time(time, rows) for time, rows in counts.items()],
            "group_msg_stat": _by_type("group", everything),
            "single_msg_stat": _by_type("single", everything),
        }
        return self.reply(reply)

    def _days(self, span: Span) -> list[DailyStatistic]:
        """One for each day of the span."""
        found = self.app.daily_statistics.between(span.first_day, span.last_day)
        by_date = {day.date: day for day in found}
        return [by_date.get(start.date(), _nothing_on(start.date())) for start in span.starts]

    def _hours(self, span: Span) -> QuerySet[HourlyStatistic]:
        first = span.starts[0].replace(tzinfo=self.app.zone)
        last = span.starts[-1].replace(tzinfo=self.app.zone)
        return self.app.hourly_statistics.between(first, last + timedelta(minutes=1))


def _nothing_on(day: date) -> DailyStatistic:
    return DailyStatistic(date=day)


def _of_time(time: str, rows: Sequence[Figures]) -> MessagesOfTimeReply:
    return {
        "time": time,
        "group_send_msg": sum(getattr(row, name) for row in rows for name in GROUP),
        "single_send_msg": sum(getattr(row, name) for row in rows for name in SINGLE),
    }


def _by_type(target: str, rows: Sequence[Figures]) -> MessagesByTypeReply:
    def total(msg_type: str) -> int:
        return sum(getattr(row, f"{target}_{msg_type}") for row in rows)

    return {
        "txt_msg": total("text"),
        "image_msg": total("image"),
        "voice_msg": total("voice"),
        "other_msg": total("other"),
    }
