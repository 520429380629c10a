"""The diary over HTTP."""

from typing import Any, TypedDict

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import wire_time
from apps.core.api.fields import ByteLengthField
from apps.core.api.operations import Operation, documented
from apps.core.api.pagination import PAGE_PARAMETERS, page
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import FORBIDDEN_SENDER, NO_SUCH_USER, SENDER_BLOCKED
from tests.addon_example.diary.errors import NOTHING_WRITTEN
from tests.addon_example.diary.models import Entry
from tests.addon_example.diary.services import send_summary


class SummaryIn(serializers.Serializer[dict[str, Any]]):
    """Who is to send the summary, and to whom."""

    from_username = ByteLengthField(max_bytes=128)
    to_username = ByteLengthField(max_bytes=128)


class SummaryReply(TypedDict):
    """The message that went out."""

    msg_id: int


class EntryReply(TypedDict):
    """One line, its time in the app's zone."""

    kind: str
    subject: int
    time: str


class EntryPage(TypedDict):
    """Some lines, and how many there are."""

    total: int
    start: int
    count: int
    entries: list[EntryReply]


@documented(
    "Who registered, who came and went, what was said when.",
    list=Operation(summary="List the diary", reply=EntryPage, parameters=PAGE_PARAMETERS),
    send=Operation(
        summary="Send the diary's length as a message",
        status=201,
        body=SummaryIn,
        reply=SummaryReply,
        raises=(NOTHING_WRITTEN, NO_SUCH_USER, FORBIDDEN_SENDER, SENDER_BLOCKED),
    ),
)
class DiaryViewSet(ImViewSet):
    """`/v1/diary`, of the app that asks and of no other."""

    operation_group = "diary"

    def list(self, request: Request) -> Response:
        """The lines, as they were written."""
        lines = self.app.diary.in_list_order()
        return self.reply(page(self.query, lines, "entries", self._render))

    def _render(self, entry: Entry) -> EntryReply:
        time = wire_time.in_zone(self.app, entry.written_at)
        return {"kind": entry.kind, "subject": entry.subject, "time": time}

    def send(self, request: Request) -> Response:
        """Send a summary as a message."""
        sent = send_summary(app=self.app, **self.parse(SummaryIn))
        reply: SummaryReply = {"msg_id": sent.msg_id}
        return self.reply(reply, status=201)
