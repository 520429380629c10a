"""The diary over HTTP."""

from typing import Any, TypedDict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import wire_time
from apps.core.api.fields import ByteLengthField
from apps.core.api.pagination import page
from apps.core.api.schema import shape_of
from apps.core.api.viewsets import ImViewSet
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


class DiaryViewSet(ImViewSet):
    """`/v1/diary`, of the app that asks and of no other."""

    operation_group = "diary"

    @extend_schema(responses=shape_of(EntryPage))
    def list(self, request: Request) -> Response:
        """The lines, as they were written."""
        return self.reply(page(self.query, self.app.diary.in_list_order(), "entries", self._render))

    def _render(self, entry: Entry) -> EntryReply:
        time = wire_time.in_zone(self.app, entry.written_at)
        return {"kind": entry.kind, "subject": entry.subject, "time": time}

    @extend_schema(request=SummaryIn, responses={201: shape_of(SummaryReply)})
    def send(self, request: Request) -> Response:
        """Send a summary as a message."""
        sent = send_summary(app=self.app, **self.parse(SummaryIn))
        reply: SummaryReply = {"msg_id": sent.msg_id}
        return self.reply(reply, status=201)
