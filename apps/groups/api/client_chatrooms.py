"""Chatrooms over the client API. Entering one is in messaging: it answers with what was said there."""

from functools import partial

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.clients import UserClientViewSet
from apps.core.api.pagination import page
from apps.groups.api.chatroom_schemas import client_chatrooms_schema
from apps.groups.api.chatroom_serializers import chatroom_member_reply, chatroom_reply
from apps.groups.api.chatrooms import parse_room_id
from apps.groups.models import Chatroom
from apps.groups.services.chatroom_members import leave_chatroom


@client_chatrooms_schema
class ClientChatroomViewSet(UserClientViewSet):
    """`/client/v1/chatrooms` and `/client/v1/me/chatrooms`."""

    operation_group = "client_chatrooms"

    def list(self, request: Request) -> Response:
        """The app's chatrooms."""
        standing = self.app.chatrooms.standing().in_list_order()
        return self.reply(page(self.query, standing, "rooms", partial(chatroom_reply, self.app)))

    def mine(self, request: Request) -> Response:
        """Those one is in."""
        rooms = Chatroom.objects.of_member(self.user)  # tenant-free: of the user, in any app
        return self.reply({"rooms": [chatroom_reply(self.app, room) for room in rooms]})

    def retrieve(self, request: Request, room_id: str) -> Response:
        """One chatroom."""
        room = self.app.chatrooms.by_room_id(parse_room_id(room_id))
        return self.reply(chatroom_reply(self.app, room))

    def members(self, request: Request, room_id: str) -> Response:
        """Who is in a room that one is in."""
        rooms = Chatroom.objects.all()  # tenant-free: if the user is in it
        room = rooms.entered_by(self.user, parse_room_id(room_id))
        render = partial(chatroom_member_reply, self.app)
        return self.reply(page(self.query, room.members.in_list_order(), "users", render))

    def leave(self, request: Request, room_id: str) -> Response:
        """Be in a room no longer."""
        leave_chatroom(app=self.app, user=self.user, room_id=parse_room_id(room_id))
        return self.reply(status=204)
