"""History reports, version 2, over HTTP."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import wire_time
from apps.core.api.pagination import integer
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App
from apps.core.seals import seal, unseal
from apps.groups.api.chatrooms import parse_room_id
from apps.groups.api.views import parse_gid
from apps.messaging.api.report_schemas import reports_schema
from apps.messaging.api.serializers import MessageReply, ReportReply, message_reply
from apps.messaging.models import Message, MessageQuerySet

MOST_ROWS = 1000
"""Messages in one page of a report, of either version."""
COUNTED_AT_MOST = 50_000
"""Messages that one page counts ahead, so that the first costs little more than any other."""
_LONGEST_WINDOW = timedelta(days=7)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class _Window:
    """A query of a report, and how far its reader has come: what a cursor holds."""

    start: datetime
    end: datetime
    count: int
    passed: int = 0  # messages in the pages before
    total: int = 0  # counted by now
    counted_out: bool = False  # whether there are no more than that
    after: tuple[datetime, int] | None = None


@reports_schema
class ReportViewSet(ImViewSet):
    """`/v2/messages`, and those of a user, of a group and of a chatroom."""

    operation_group = "reports"

    def app_messages(self, request: Request) -> Response:
        """Everything said in the app."""
        return self._report("app", self.app.messages.all())

    def user_messages(self, request: Request, username: str) -> Response:
        """What one user sent or could read, chatrooms left out."""
        user = self.app.users.by_username(username)
        return self._report(f"user {user.pk}", self.app.messages.owed_to(user))

    def group_messages(self, request: Request, gid: str) -> Response:
        """What was said in one group, dissolved or not."""
        group = self.app.groups.ever_by_gid(parse_gid(gid))
        return self._report(f"group {group.pk}", self.app.messages.in_group(group), of_many=True)

    def chatroom_messages(self, request: Request, room_id: str) -> Response:
        """What was said in one chatroom, deleted or not."""
        room = self.app.chatrooms.ever_by_room_id(parse_room_id(room_id))
        rows = self.app.messages.in_chatroom(room)
        return self._report(f"chatroom {room.pk}", rows, of_many=True)

    def _report(self, subject: str, rows: MessageQuerySet, *, of_many: bool = False) -> Response:
        purpose = f"report {self.app.pk} {subject}"
        window = self._window(purpose)
        wanted = rows.said().sent_within(window.start, window.end)
        if window.after is not None:
            wanted = wanted.after(*window.after)
        total, counted_out = window.total, window.counted_out
        if not counted_out and total - window.passed <= window.count:
            ahead = wanted.count_up_to(COUNTED_AT_MOST)
            total, counted_out = window.passed + ahead, ahead < COUNTED_AT_MOST
        found = list(wanted.in_report_order()[: window.count + 1])
        page = found[: window.count]
        reply: ReportReply = {
            "total": total,
            "count": len(page),
            "messages": [reported(self.app, message, of_many=of_many) for message in page],
        }
        if len(found) > window.count:
            follows = _Window(
                window.start,
                window.end,
                window.count,
                window.passed + len(page),
                total,
                counted_out,
                (page[-1].sent_at, page[-1].pk),
            )
            reply["cursor"] = _seal(purpose, follows)
        return self.reply(reply)

    def _window(self, purpose: str) -> _Window:
        if cursor := self.query.get("cursor"):
            return _unseal(purpose, cursor)
        count = integer(self.query, "count", None, minimum=1, maximum=MOST_ROWS)
        start, end = (
            _required(name, moment_of(self.app, self.query, name))
            for name in ("begin_time", "end_time")
        )
        check_order(start, end)
        if end - start > _LONGEST_WINDOW:
            raise ImError(PARAMETER_INVALID, "end_time: must be at most 7 days after begin_time")
        return _Window(start, whole_second(end), count)


def reported(app: App, message: Message, *, of_many: bool = False) -> MessageReply:
    """Render a row of a report; of groups and chatrooms it tells whether the sender gave a name."""
    row = message_reply(app, message)
    if of_many:
        row["set_from_name"] = 1 if message.from_name else 0
    return row


def moment_of(app: App, query: Mapping[str, str], name: str) -> datetime | None:
    """A moment from the query string, in the app's zone; None without one."""
    text = query.get(name)
    return wire_time.parse(app, name, text) if text else None


def check_order(start: datetime, end: datetime) -> None:
    """Raise PARAMETER_INVALID for a window that ends before it begins."""
    if end < start:
        raise ImError(PARAMETER_INVALID, "end_time: must not be before begin_time")


def whole_second(end: datetime) -> datetime:
    """The last moment of the second: one that is given without its fraction is meant whole."""
    return end + (timedelta(seconds=1) - _MICROSECOND)


def _required(name: str, moment: datetime | None) -> datetime:
    if moment is None:
        raise ImError(PARAMETER_INVALID, f"{name}: is required")
    return moment


def _micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


def _moment_of(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + micros * _MICROSECOND


def _seal(purpose: str, window: _Window) -> str:
    sent_at, pk = window.after or (window.start, 0)
    until = int(time.time()) + settings.IM_REPORT_CURSOR_SECONDS
    moments = [_micros(moment) for moment in (window.start, window.end, sent_at)]
    progress = [window.passed, window.total, window.counted_out]
    return seal(purpose, [until, *moments, pk, window.count, *progress])


def _unseal(purpose: str, cursor: str) -> _Window:
    fields = unseal(purpose, cursor, tuple[int, int, int, int, int, int, int, int, bool])
    if fields is None:
        raise ImError(PARAMETER_INVALID, "cursor: is not of this report")
    until, start, end, sent_at, pk, count, passed, total, counted_out = fields
    if time.time() > until:
        raise ImError(PARAMETER_INVALID, "cursor: has expired; ask from begin_time again")
    place = (_moment_of(sent_at), pk)
    return _Window(_moment_of(start), _moment_of(end), count, passed, total, counted_out, place)
