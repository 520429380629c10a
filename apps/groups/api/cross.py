"""Groups whose members are of several apps, over HTTP."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.clients import UserClientViewSet
from apps.core.api.cross import NAMES_AT_MOST, AppKeyIn, CrossViewSet, names_in
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App
from apps.groups.api.chatroom_serializers import MEMBERS_AT_MOST, CrossRoomMembersIn
from apps.groups.api.chatrooms import parse_room_id
from apps.groups.api.cross_schemas import (
    client_cross_no_disturb_schema,
    cross_chatroom_members_schema,
    cross_members_schema,
    cross_no_disturb_schema,
    cross_user_groups_schema,
)
from apps.groups.api.personal_shapes import parse_cross_no_disturb
from apps.groups.api.serializers import CrossMembersIn, cross_group_reply, cross_member_reply
from apps.groups.api.views import parse_gid
from apps.groups.models import Group
from apps.groups.services.chatroom_members import change_chatroom_members_across
from apps.groups.services.members import MemberChange, change_members_across
from apps.groups.services.no_disturb import NoDisturbChanges, change_no_disturb_across


@cross_members_schema
class CrossGroupMemberViewSet(CrossViewSet):
    """`/v1/cross/groups/{gid}/members`."""

    operation_group = "cross_members"

    def list(self, request: Request, gid: str) -> Response:
        """All members, of whichever app, the owner first."""
        group = self.app.groups.by_gid(parse_gid(gid))
        members = group.members.in_list_order().select_related("user__app")
        return self.reply([cross_member_reply(self.app, member) for member in members])

    def change(self, request: Request, gid: str) -> Response:
        """Add users of other apps and remove them, all of it or nothing."""
        changes = _changes(self, CrossMembersIn, NAMES_AT_MOST)
        change_members_across(app=self.app, gid=parse_gid(gid), changes=changes)
        return self.reply(status=204)


@cross_user_groups_schema
class CrossUserGroupViewSet(CrossViewSet):
    """`/v1/cross/users/{username}/groups`."""

    operation_group = "cross_user_groups"

    def list(self, request: Request, username: str) -> Response:
        """The groups that a user of the app is in, of whichever app, by gid."""
        user = self.app.users.by_username(username)
        mine = Group.objects.of_member(user)  # tenant-free: of the user, who is the tenant's
        groups = mine.select_related("app", "owner__app")
        return self.reply([cross_group_reply(self.app, group) for group in groups])


@cross_no_disturb_schema
class CrossNoDisturbViewSet(CrossViewSet):
    """`/v1/cross/users/{username}/nodisturb`."""

    operation_group = "cross_no_disturb"

    def change(self, request: Request, username: str) -> Response:
        """Set which users and groups of other apps shall not disturb a user: all of it or nothing."""
        changes = quiet_changes(self)
        user = self.app.users.by_username(username)
        change_no_disturb_across(app=self.app, user=user, changes=changes)
        return self.reply(status=204)


@cross_chatroom_members_schema
class CrossChatroomMemberViewSet(CrossViewSet):
    """`/v1/cross/chatroom/{room_id}/members`."""

    operation_group = "cross_chatroom_members"

    def change(self, request: Request, room_id: str) -> Response:
        """Let users of other apps into a chatroom and put them out, all of it or nothing."""
        changes = _changes(self, CrossRoomMembersIn, MEMBERS_AT_MOST)
        change_chatroom_members_across(
            app=self.app, room_id=parse_room_id(room_id), changes=changes
        )
        return self.reply(status=204)


@client_cross_no_disturb_schema
class ClientCrossNoDisturbViewSet(CrossViewSet, UserClientViewSet):
    """`/client/v1/cross/no-disturb`."""

    operation_group = "client_cross_no_disturb"

    def change(self, request: Request) -> Response:
        """Set which users and groups of other apps shall not disturb one: all of it or nothing."""
        changes = quiet_changes(self)
        change_no_disturb_across(app=self.app, user=self.user, changes=changes)
        return self.reply(status=204)


def quiet_changes(view: CrossViewSet) -> list[tuple[App, NoDisturbChanges]]:
    """The body as what is to change about users and groups, app by app."""
    rows = view.rows(AppKeyIn)
    asked = [parse_cross_no_disturb(row, place) for place, row in enumerate(view.body())]
    return list(zip(view.apps_of(rows), asked, strict=True))


def _changes(view: CrossViewSet, shape: Any, at_most: int) -> list[MemberChange]:
    rows = view.rows(shape)
    coming = names_in(rows, "add", at_most)
    going = names_in(rows, "remove", at_most)
    for place in range(len(rows)):
        if not coming[place] and not going[place]:
            raise ImError(PARAMETER_INVALID, f"body[{place}].add: or remove must name a user")
    return [
        MemberChange(app=app, add=add, remove=remove)
        for app, add, remove in zip(view.apps_of(rows), coming, going, strict=True)
    ]
