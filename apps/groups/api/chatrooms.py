"""Chatrooms and their members over HTTP."""

from functools import partial
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.pagination import MOST_ROWS, boolean, page
from apps.core.api.viewsets import ImViewSet, usernames
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.groups.api.chatroom_schemas import (
    chatroom_members_schema,
    chatrooms_schema,
    user_chatrooms_schema,
)
from apps.groups.api.chatroom_serializers import (
    MEMBERS_AT_MOST,
    ChatroomChangesIn,
    ChatroomIn,
    chatroom_member_reply,
    chatroom_reply,
)
from apps.groups.models import Chatroom
from apps.groups.services.chatroom_members import (
    add_chatroom_members,
    remove_chatroom_members,
    set_chatroom_mute,
)
from apps.groups.services.chatrooms import (
    NewChatroom,
    create_chatroom,
    delete_chatroom,
    update_chatroom,
)

_LONGEST_NUMBER = 19  # digits


def parse_room_id(text: str) -> int:
    """The number in a path; PARAMETER_INVALID for anything else than digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise ImError(PARAMETER_INVALID, "room_id: must be a number")
    return int(text)


def _room_number(value: Any, place: int) -> int:
    """One of a batch: a number, or its digits as some clients hand them on."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value) if len(value) <= _LONGEST_NUMBER else None
    if not isinstance(value, int) or isinstance(value, bool):
        raise ImError(PARAMETER_INVALID, f"body[{place}]: must be the number of a chatroom")
    return value


@chatrooms_schema
class ChatroomViewSet(ImViewSet):
    """`/v1/chatroom` and `/v1/chatroom/{room_id}`."""

    operation_group = "chatrooms"

    def create(self, request: Request) -> Response:
        """Create a chatroom with its first members."""
        data = self.parse(ChatroomIn)
        names = usernames(data.get("members_username", []), "members_username")
        if len(names) > MEMBERS_AT_MOST:
            text = f"members_username: must have at most {MEMBERS_AT_MOST}"
            raise ImError(PARAMETER_INVALID, text)
        data["members_username"] = names
        room = create_chatroom(app=self.app, new=NewChatroom(**data))
        return self.reply({"chatroom_id": room.pk}, status=201)

    def list(self, request: Request) -> Response:
        """Chatrooms in the order of their creation."""
        standing = self.app.chatrooms.standing().in_list_order()
        return self.reply(page(self.query, standing, "rooms", partial(chatroom_reply, self.app)))

    def batch(self, request: Request) -> Response:
        """Several chatrooms, in the order asked for."""
        numbers = [
            _room_number(value, place)
            for place, value in enumerate(self.parse_list(of="chatrooms", at_most=MOST_ROWS))
        ]
        rooms = self.app.chatrooms.by_room_ids(numbers)
        return self.reply([chatroom_reply(self.app, room) for room in rooms])

    def update(self, request: Request, room_id: str) -> Response:
        """Set the fields given."""
        data = self.parse(ChatroomChangesIn)
        update_chatroom(
            app=self.app,
            room_id=parse_room_id(room_id),
            owner_username=data.pop("owner_username", None),
            changes=data,
        )
        return self.reply(status=204)

    def destroy(self, request: Request, room_id: str) -> Response:
        """Delete a chatroom."""
        delete_chatroom(app=self.app, room_id=parse_room_id(room_id))
        return self.reply(status=204)

    def mute(self, request: Request, room_id: str, username: str) -> Response:
        """Forbid a member to speak there, or allow it again."""
        muted = boolean(self.query, "status")
        set_chatroom_mute(
            app=self.app, room_id=parse_room_id(room_id), username=username, muted=muted
        )
        return self.reply(status=204)


@chatroom_members_schema
class ChatroomMemberViewSet(ImViewSet):
    """`/v1/chatroom/{room_id}/members`."""

    operation_group = "chatroom_members"

    def list(self, request: Request, room_id: str) -> Response:
        """A page of those who are in, as they came."""
        room = self.app.chatrooms.by_room_id(parse_room_id(room_id))
        members = room.members.in_list_order()
        render = partial(chatroom_member_reply, self.app)
        return self.reply(page(self.query, members, "users", render))

    def add(self, request: Request, room_id: str) -> Response:
        """Let users in, all or none."""
        names = self.parse_usernames(at_most=MEMBERS_AT_MOST)
        add_chatroom_members(app=self.app, room_id=parse_room_id(room_id), usernames=names)
        return self.reply(status=204)

    def remove(self, request: Request, room_id: str) -> Response:
        """Put members out, all or none."""
        names = self.parse_usernames(at_most=MEMBERS_AT_MOST)
        remove_chatroom_members(app=self.app, room_id=parse_room_id(room_id), usernames=names)
        return self.reply(status=204)


@user_chatrooms_schema
class UserChatroomViewSet(ImViewSet):
    """`/v1/users/{username}/chatroom`."""

    operation_group = "user_chatrooms"

    def list(self, request: Request, username: str) -> Response:
        """The chatrooms a user is in, by number."""
        user = self.app.users.by_username(username)
        rooms = Chatroom.objects.of_member(user)  # tenant-free: of the user, who is the tenant's
        return self.reply([chatroom_reply(self.app, room) for room in rooms])
