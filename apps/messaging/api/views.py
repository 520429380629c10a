"""Messages over HTTP: sent, followed."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import wire_time
from apps.core.api.pagination import integer
from apps.core.api.viewsets import ImViewSet
from apps.messaging.api.dialects import PROTOCOLS
from apps.messaging.api.drafting import read_draft
from apps.messaging.api.schemas import messages_schema, sync_schema
from apps.messaging.api.serializers import SentReply, SyncReply, message_reply
from apps.messaging.services.messages import send_message
from apps.messaging.waiting import read_or_wait


@messages_schema
class MessageViewSet(ImViewSet):
    """`/v1/messages`."""

    operation_group = "messages"

    def create(self, request: Request) -> Response:
        """Send one message."""
        protocol = PROTOCOLS[self.dialect.name]
        key = request.headers.get("Idempotency-Key")
        draft = read_draft(self.app, protocol, self.body(), key)
        sent = send_message(app=self.app, draft=draft)
        reply: SentReply = {
            "msg_id": sent.msg_id,
            "msg_ctime": wire_time.milliseconds(sent.sent_at),
        }
        return self.reply(reply, status=201)


@sync_schema
class SyncViewSet(ImViewSet):
    """`/v1/users/{username}/sync` (ours): what a user may read, in order, for the app's own server."""

    operation_group = "sync"

    def list(self, request: Request, username: str) -> Response:
        """The rows after the cursor; with `wait`, as soon as there are any."""
        cursor = self.query.get("after") or None
        limit = integer(self.query, "limit", 100, minimum=1, maximum=500)
        wait = integer(self.query, "wait", 0, minimum=0, maximum=settings.IM_LONG_POLL_MAX_SECONDS)
        user = self.app.users.by_username(username)
        page = read_or_wait(request, self.app, user, cursor, limit=limit, wait=wait)
        reply: SyncReply = {
            "messages": [message_reply(self.app, message) for message in page.messages],
            "cursor": page.cursor,
            "has_more": page.has_more,
        }
        return self.reply(reply)
