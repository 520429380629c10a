"""Messages and conversations over the client API."""

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.clients import UserClientViewSet, client_user
from apps.core.api.pagination import integer
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.groups.api.chatroom_serializers import chatroom_reply
from apps.groups.api.chatrooms import parse_room_id
from apps.messaging import inbox
from apps.messaging.api.client_schemas import (
    client_chatroom_entries_schema,
    client_conversations_schema,
    client_messages_schema,
    client_sync_schema,
)
from apps.messaging.api.drafting import client_draft
from apps.messaging.api.following import asked, sync_reply
from apps.messaging.api.serializers import (
    EnteredReply,
    ThreadReply,
    ThreadsReply,
    message_reply,
    sent_reply,
)
from apps.messaging.inbox import Thread
from apps.messaging.models import ConversationKind
from apps.messaging.services.chatrooms import enter
from apps.messaging.services.client_sends import send_as_client
from apps.messaging.services.reading import mark_read, tell_typing
from apps.messaging.services.retract import retract_message
from apps.messaging.sync import NOW, cursor_at, place_of

_LARGEST_ID = 2**53


def number(text: str, name: str) -> int:
    """An id from a path; PARAMETER_INVALID names it."""
    return integer({name: text}, name, None, minimum=0, maximum=_LARGEST_ID)


@client_messages_schema
class ClientMessageViewSet(UserClientViewSet):
    """`/client/v1/messages`."""

    operation_group = "client_messages"

    def create(self, request: Request) -> Response:
        """Send a message as oneself."""
        key = request.headers.get("Idempotency-Key")
        draft = client_draft(self.principal, self.body(), key)
        return self.reply(sent_reply(send_as_client(app=self.app, draft=draft)), status=201)

    def retract(self, request: Request, msg_id: str) -> Response:
        """Take back what one has just said."""
        retract_message(app=self.app, sender=self.user, msg_id=number(msg_id, "msg_id"))
        return self.reply(status=204)


@client_sync_schema
class ClientSyncViewSet(UserClientViewSet):
    """`/client/v1/sync`: what one may read, in order."""

    operation_group = "client_sync"

    def list(self, request: Request) -> Response:
        """The rows after the cursor; with `wait`, as soon as there are any."""
        return self.reply(sync_reply(request, self.app, self.user, asked(self.query)))


@client_chatroom_entries_schema
class ClientChatroomEntryViewSet(UserClientViewSet):
    """`/client/v1/chatrooms/{room_id}/enter`."""

    operation_group = "client_chatroom_entries"

    def create(self, request: Request, room_id: str) -> Response:
        """Be in a room, and see what was said there last."""
        room, conversation, latest = enter(
            app=self.app, user=self.user, room_id=parse_room_id(room_id)
        )
        reply: EnteredReply = {
            "conversation_id": conversation.pk,
            "room": chatroom_reply(self.app, room),
            "messages": [message_reply(self.app, message) for message in latest],
        }
        return self.reply(reply)


@client_conversations_schema
class ClientConversationViewSet(UserClientViewSet):
    """`/client/v1/conversations`."""

    operation_group = "client_conversations"

    def list(self, request: Request) -> Response:
        """One's conversations, the one last spoken in first, and the cursor to follow on from."""
        limit, before = self._stretch()
        # Taken first: what comes between the two reads is then told twice, and never not at all.
        cursor = cursor_at(self.app, place_of(self.app, NOW))
        threads = inbox.threads_of(app=self.app, user=self.user, limit=limit, before=before)
        reply: ThreadsReply = {
            "conversations": [self._thread(thread) for thread in threads],
            "cursor": cursor,
        }
        return self.reply(reply)

    def history(self, request: Request, conversation_id: str) -> Response:
        """What was said in it, oldest first, before an id or at last."""
        limit, before = self._stretch()
        messages, has_more = inbox.history(
            app=self.app,
            user=self.user,
            conversation_id=number(conversation_id, "conversation_id"),
            before=before,
            limit=limit,
        )
        rows = [message_reply(self.app, message) for message in messages]
        return self.reply({"messages": rows, "has_more": has_more})

    def read(self, request: Request, conversation_id: str) -> Response:
        """Say how far one has read."""
        body = self.body()
        msg_id = body.get("msg_id") if isinstance(body, dict) else None
        if not isinstance(msg_id, int) or isinstance(msg_id, bool):
            raise ImError(PARAMETER_INVALID, "msg_id: must be the number of a message")
        mark_read(
            app=self.app,
            user=self.user,
            conversation_id=number(conversation_id, "conversation_id"),
            msg_id=msg_id,
        )
        return self.reply(status=204)

    def typing(self, request: Request, conversation_id: str) -> Response:
        """Say that one is typing."""
        pk = number(conversation_id, "conversation_id")
        tell_typing(app=self.app, user=self.user, conversation_id=pk)
        return self.reply(status=204)

    def _stretch(self) -> tuple[int, int | None]:
        """How many rows of a list, and before which id; at its end without one."""
        limit = integer(self.query, "limit", 50, minimum=1, maximum=200)
        before = self.query.get("before")
        return limit, number(before, "before") if before else None

    def _thread(self, thread: Thread) -> ThreadReply:
        shown: dict[str, Any] = {
            "conversation_id": thread.conversation.pk,
            "last_message": message_reply(self.app, thread.last_message),
            "unread": thread.unread,
            "read_up_to": thread.read_up_to,
            "peers_read_up_to": thread.peers_read_up_to,
            "open": thread.open,
            "shielded": thread.shielded,
            "no_disturb": thread.no_disturb,
        }
        return cast("ThreadReply", {**shown, **self._target(thread)})

    def _target(self, thread: Thread) -> dict[str, Any]:
        conversation = thread.conversation
        if conversation.kind == ConversationKind.GROUP and conversation.group is not None:
            group = conversation.group
            owner = group.owner.username if group.owner else ""
            described = {"gid": group.pk, "name": group.name, "owner_username": owner}
            if group.owner is not None and group.owner.app_id != self.app.pk:
                described["owner_appkey"] = group.owner.app.app_key
            return {
                "target_type": "group",
                "target_id": str(group.pk),
                "title": group.name,
                "group": described,
            }
        pair = (conversation.user_low, conversation.user_high)
        others = [user for user in pair if user is not None and user.pk != self.user.pk]
        if not others and None in pair:  # the other has been deleted
            return {"target_type": "single", "target_id": "", "title": ""}
        peer = others[0] if others else self.user
        return {
            "target_type": "single",
            "target_id": peer.username,
            "title": peer.nickname or peer.username,
            "peer": client_user(self.app, peer),
        }
