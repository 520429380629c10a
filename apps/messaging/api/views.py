"""Messages over HTTP: sent, followed."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.core.api import wire_time
from apps.core.api.pagination import integer
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import (
    CROSS_APP_REFUSED,
    FORBIDDEN_SENDER,
    NO_SUCH_CHATROOM,
    PARAMETER_INVALID,
    ImError,
)
from apps.messaging import sync
from apps.messaging.api import shapes
from apps.messaging.api.dialects import PROTOCOLS, MessageProtocol
from apps.messaging.api.schemas import messages_schema, sync_schema
from apps.messaging.api.serializers import SentReply, SyncReply, message_reply
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from apps.messaging.waiting import Waiting

_KEY_HEADER = "Idempotency-Key"


@messages_schema
class MessageViewSet(ImViewSet):
    """`/v1/messages`."""

    operation_group = "messages"

    def create(self, request: Request) -> Response:
        """Send one message."""
        sent = send_message(app=self.app, draft=self._draft(self.body()))
        reply: SentReply = {
            "msg_id": sent.msg_id,
            "msg_ctime": wire_time.milliseconds(sent.sent_at),
        }
        return self.reply(reply, status=201)

    def _draft(self, body: Any) -> Draft:
        if not isinstance(body, dict):
            raise ImError(PARAMETER_INVALID, "body: must be an object")
        protocol = PROTOCOLS[self.dialect.name]
        if body.get("msg_body") == []:  # how PHP writes an empty object
            body = {**body, "msg_body": {}}
        message = shapes.read(shapes.MessageIn, body)
        self._check_names(message, protocol)
        return Draft(
            target_type="group" if message.target_type == "group" else "single",
            target_id=str(message.target_id),
            target_name=message.target_name or "",
            from_type=message.from_type,
            from_id=str(message.from_id),
            from_name=message.from_name or "",
            msg_type=message.msg_type,
            body=_checked_body(message, protocol),
            create_time=message.create_time,
            options=_options(message),
            idempotency_key=self._idempotency_key(message),
        )

    def _check_names(self, message: shapes.MessageIn, protocol: MessageProtocol) -> None:
        """What the protocol names from a fixed list; what it names beyond this app."""
        if message.from_type in protocol.refused_from_types:
            raise ImError(FORBIDDEN_SENDER)
        _one_of("from_type", message.from_type, protocol.from_types)
        _one_of("target_type", message.target_type, protocol.target_types)
        _one_of("msg_type", message.msg_type, protocol.bodies)
        if message.target_appkey not in {None, self.app.app_key}:
            raise ImError(CROSS_APP_REFUSED)
        if message.target_type == "chatroom":
            raise ImError(NO_SUCH_CHATROOM)
        if message.target_type == "group":
            digits = str(message.target_id)
            if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
                raise ImError(PARAMETER_INVALID, "target_id: must be the number of a group")

    def _idempotency_key(self, message: shapes.MessageIn) -> str | None:
        """From the header or the body; both are ours, and must not differ."""
        header = self.request.headers.get(_KEY_HEADER)
        if header is None:
            return message.client_msg_id
        if not (1 <= len(header) <= 128 and header.isascii() and header.isprintable()):
            raise ImError(
                PARAMETER_INVALID, f"{_KEY_HEADER}: must be 1 to 128 printable ASCII characters"
            )
        if message.client_msg_id not in {None, header}:
            raise ImError(PARAMETER_INVALID, f"client_msg_id: differs from {_KEY_HEADER}")
        return header


def _one_of(name: str, value: str, known: Any) -> None:
    if value not in known:
        raise ImError(PARAMETER_INVALID, f"{name}: must be one of {', '.join(sorted(known))}")


def _checked_body(message: shapes.MessageIn, protocol: MessageProtocol) -> dict[str, Any]:
    """The body with all its fields, known or not, as the sender wrote it; `null` ones left out."""
    body = {
        name: {} if name == "extras" and value == [] else value
        for name, value in message.msg_body.items()
        if value is not None
    }
    shapes.read(protocol.bodies[message.msg_type], body, "msg_body", protocol.names)
    return body


def _options(message: shapes.MessageIn) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if message.no_offline:
        options["no_offline"] = True
    if message.no_notification:
        options["no_notification"] = True
    if message.notification is not None:
        shown = {"title": message.notification.title, "alert": message.notification.alert}
        options["notification"] = {name: text for name, text in shown.items() if text is not None}
    return options


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
        page = self._read(user, cursor, limit, wait)
        reply: SyncReply = {
            "messages": [message_reply(self.app, message) for message in page.messages],
            "cursor": page.cursor,
            "has_more": page.has_more,
        }
        return self.reply(reply)

    def _read(self, user: User, cursor: str | None, limit: int, wait: int) -> sync.Page:
        """Read, and while there is nothing, wait for the bell."""
        waiting = Waiting(self.request.META, self.app.pk, wait)
        while True:
            waiting.begin()
            page = sync.read_since(app=self.app, user=user, cursor=cursor, limit=limit)
            if page.messages or not waiting.for_more():
                return page
