"""Groups whose members are of several apps, over HTTP."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.cross import CrossViewSet, check_count
from apps.core.api.viewsets import usernames
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App
from apps.groups.api.cross_schemas import cross_members_schema, cross_user_groups_schema
from apps.groups.api.serializers import CrossMembersIn, cross_group_reply, cross_member_reply
from apps.groups.api.views import parse_gid
from apps.groups.models import Group
from apps.groups.services.members import MemberChange, change_members_across


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
        rows = self.cross_rows(CrossMembersIn)
        changes = [self._change(place, *row) for place, row in enumerate(rows)]
        check_count(rows, "add", "remove")
        change_members_across(app=self.app, gid=parse_gid(gid), changes=changes)
        return self.reply(status=204)

    def _change(self, place: int, app: App, row: dict[str, Any]) -> MemberChange:
        add = usernames(row.get("add", []), f"[{place}].add")
        remove = usernames(row.get("remove", []), f"[{place}].remove")
        if not add and not remove:
            raise ImError(PARAMETER_INVALID, f"[{place}].add: or remove must name a user")
        return MemberChange(app=app, add=add, remove=remove)


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
