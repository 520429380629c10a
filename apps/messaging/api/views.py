"""Messages over HTTP: sent, followed."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.viewsets import ImViewSet
from apps.messaging.api.dialects import PROTOCOLS
from apps.messaging.api.drafting import read_draft
from apps.messaging.api.following import asked, sync_reply
from apps.messaging.api.schemas import messages_schema, sync_schema
from apps.messaging.api.serializers import sent_reply
from apps.messaging.services.messages import send_message


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
        return self.reply(sent_reply(sent), status=201)


@sync_schema
class SyncViewSet(ImViewSet):
    """`/v1/users/{username}/sync` (ours): what a user may read, in order, for the app's own server."""

    operation_group = "sync"

    def list(self, request: Request, username: str) -> Response:
        """The rows after the cursor; with `wait`, as soon as there are any."""
        what = asked(self.query)
        user = self.app.users.by_username(username)
        return self.reply(sync_reply(request, self.app, user, what))
