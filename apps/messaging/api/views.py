"""Messages over HTTP: sent, followed."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.viewsets import ImViewSet
from apps.messaging.api.clients import number
from apps.messaging.api.dialects import PROTOCOLS
from apps.messaging.api.first_reports import FirstReportMixin
from apps.messaging.api.following import asked, sync_reply
from apps.messaging.api.report_schemas import messages_schema
from apps.messaging.api.schemas import sync_schema
from apps.messaging.api.serializers import sent_reply
from apps.messaging.protocol import read_draft
from apps.messaging.services.messages import send_message
from apps.messaging.services.retract import retract_message


@messages_schema
class MessageViewSet(FirstReportMixin):
    """`/v1/messages`: sent by POST; read, as version 1 of the reports, by GET."""

    operation_group = "messages"

    def create(self, request: Request) -> Response:
        """Send one message."""
        protocol = PROTOCOLS[self.dialect.name]
        key = request.headers.get("Idempotency-Key")
        draft = read_draft(self.app, protocol, self.body(), key)
        sent = send_message(app=self.app, draft=draft)
        return self.reply(sent_reply(sent), status=201)

    def list(self, request: Request) -> Response:
        """Everything said in the app."""
        return self.report(self.app.messages.all())

    def retract(self, request: Request, username: str, msg_id: str) -> Response:
        """Take back what that user said. The body, which some clients send, is not read."""
        pk = number(msg_id, "msg_id")
        sender = self.app.users.by_username(username)
        retract_message(app=self.app, sender=sender, msg_id=pk, asked_by_app=True)
        return self.reply(status=204)


@sync_schema
class SyncViewSet(ImViewSet):
    """`/v1/users/{username}/sync` (ours): what a user may read, in order, for the app's own server."""

    operation_group = "sync"

    def list(self, request: Request, username: str) -> Response:
        """The rows after the cursor; with `wait`, as soon as there are any."""
        what = asked(self.query)
        user = self.app.users.by_username(username)
        return self.reply(sync_reply(request, self.app, user, what))
