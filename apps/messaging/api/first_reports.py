"""History reports, version 1, over HTTP: paged by an offset, which is bounded."""

from datetime import UTC, datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.pagination import integer
from apps.core.api.viewsets import ImViewSet
from apps.messaging.api.report_schemas import user_messages_schema
from apps.messaging.api.reports import (
    MOST_ROWS,
    check_order,
    moment_of,
    reported,
    whole_second,
)
from apps.messaging.api.serializers import FirstReportReply
from apps.messaging.models import MessageQuerySet

FURTHEST_START = 100_000
"""Messages that a page may pass over: each page finds its place by walking an index up to there."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


class FirstReportMixin(ImViewSet):
    """Replies with a page of rows by `start` and `count`, within `begin_time` and `end_time` where given."""

    def report(self, rows: MessageQuerySet) -> Response:
        """Two short queries and the page's own, whatever the number of rows."""
        start = integer(self.query, "start", 0, minimum=0, maximum=FURTHEST_START)
        count = integer(self.query, "count", None, minimum=1, maximum=MOST_ROWS)
        begin = moment_of(self.app, self.query, "begin_time") or _EVER[0]
        end = moment_of(self.app, self.query, "end_time") or _EVER[1]
        check_order(begin, end)
        wanted = rows.said().sent_within(begin, whole_second(end)).in_report_order()
        page = [reported(self.app, message) for message in wanted.from_place(start)[:count]]
        reply: FirstReportReply = {
            "total": wanted.count_up_to(FURTHEST_START + MOST_ROWS),
            "start": start,
            "count": len(page),
            "messages": page,
        }
        return self.reply(reply)


@user_messages_schema
class UserMessageViewSet(FirstReportMixin):
    """`/v1/users/{username}/messages`."""

    operation_group = "user_messages"

    def list(self, request: Request, username: str) -> Any:
        """What one user sent or could read, chatrooms left out."""
        user = self.app.users.by_username(username)
        return self.report(self.app.messages.owed_to(user))
