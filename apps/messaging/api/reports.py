"""History reports, version 2, over HTTP."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import wire_time
from apps.core.api.pagination import integer
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.seals import seal, unseal
from apps.groups.api.chatrooms import parse_room_id
from apps.groups.api.views import parse_gid
from apps.messaging.api.schemas import reports_schema
from apps.messaging.api.serializers import ReportReply, message_reply
from apps.messaging.models import MessageQuerySet

_MOST_ROWS = 1000
_LONGEST_WINDOW = timedelta(days=7)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class _Window:
    """A query of a report, and how far its reader has come: what a cursor holds."""

    start: datetime
    end: datetime
    count: int
    total: int | None = None  # counted with the first page
    after: tuple[datetime, int] | None = None


@reports_schema
class ReportViewSet(ImViewSet):
    """`/v2/messages`, and those of a user, of a group and of a chatroom."""

    operation_group = "reports"

    def app_messages(self, request: Request) -> Response:
        """Everything said in the app."""
        return self._report("app", self.app.messages.all())

    def user_messages(self, request: Request, username: str) -> Response:
        """What one user sent or could read."""
        user = self.app.users.by_username(username)
        return self._report(f"user {user.pk}", self.app.messages.visible_to(user))

    def group_messages(self, request: Request, gid: str) -> Response:
        """What was said in one group, dissolved or not."""
        group = self.app.groups.ever_by_gid(parse_gid(gid))
        return self._report(f"group {group.pk}", self.app.messages.in_group(group))

    def chatroom_messages(self, request: Request, room_id: str) -> Response:
        """What was said in one chatroom, deleted or not."""
        room = self.app.chatrooms.ever_by_room_id(parse_room_id(room_id))
        return self._report(f"chatroom {room.pk}", self.app.messages.in_chatroom(room))

    def _report(self, subject: str, rows: MessageQuerySet) -> Response:
        purpose = f"report {self.app.pk} {subject}"
        window = self._window(purpose)
        wanted = rows.said().sent_within(window.start, window.end)
        total = wanted.count() if window.total is None else window.total
        if window.after is not None:
            wanted = wanted.after(*window.after)
        found = list(wanted.in_report_order()[: window.count + 1])
        page = found[: window.count]
        reply: ReportReply = {
            "total": total,
            "count": len(page),
            "messages": [message_reply(self.app, message) for message in page],
        }
        if len(found) > window.count:
            last = page[-1]
            follows = _Window(
                window.start, window.end, window.count, total, (last.sent_at, last.pk)
            )
            reply["cursor"] = _seal(purpose, follows)
        return self.reply(reply)

    def _window(self, purpose: str) -> _Window:
        if cursor := self.query.get("cursor"):
            return _unseal(purpose, cursor)
        count = integer(self.query, "count", None, minimum=1, maximum=_MOST_ROWS)
        start = self._moment("begin_time")
        end = self._moment("end_time")
        if end < start:
            raise ImError(PARAMETER_INVALID, "end_time: must not be before begin_time")
        if end - start > _LONGEST_WINDOW:
            raise ImError(PARAMETER_INVALID, "end_time: must be at most 7 days after begin_time")
        # A second that is given without its fraction is meant whole.
        return _Window(start, end + (timedelta(seconds=1) - _MICROSECOND), count)

    def _moment(self, name: str) -> datetime:
        text = self.query.get(name)
        if not text:
            raise ImError(PARAMETER_INVALID, f"{name}: is required")
        return wire_time.parse(self.app, name, text)


def _micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


def _moment_of(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + micros * _MICROSECOND


def _seal(purpose: str, window: _Window) -> str:
    sent_at, pk = window.after or (window.start, 0)
    until = int(time.time()) + settings.IM_REPORT_CURSOR_SECONDS
    moments = [_micros(moment) for moment in (window.start, window.end, sent_at)]
    return seal(purpose, [until, *moments, pk, window.count, window.total])


def _unseal(purpose: str, cursor: str) -> _Window:
    fields = unseal(purpose, cursor, tuple[int, int, int, int, int, int, int])
    if fields is None:
        raise ImError(PARAMETER_INVALID, "cursor: is not of this report")
    until, start, end, sent_at, pk, count, total = fields
    if time.time() > until:
        raise ImError(PARAMETER_INVALID, "cursor: has expired; ask from begin_time again")
    return _Window(_moment_of(start), _moment_of(end), count, total, (_moment_of(sent_at), pk))
