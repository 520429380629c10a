"""Groups and their members over HTTP."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.pagination import boolean, page
from apps.core.api.viewsets import ImViewSet, usernames
from apps.core.errors import CROSS_APP_NEEDED, PARAMETER_INVALID, ImError
from apps.groups.api.filters import GroupFilter
from apps.groups.api.schemas import groups_schema, members_schema, user_groups_schema
from apps.groups.api.serializers import (
    CreatedGroupReply,
    GroupChangesIn,
    GroupIn,
    MemberChangesIn,
    OwnerIn,
    RemovalIn,
    group_reply,
    member_reply,
)
from apps.groups.models import Group, GroupKind
from apps.groups.services.groups import (
    NewGroup,
    create_group,
    dissolve_group,
    transfer_group,
    update_group,
)
from apps.groups.services.members import change_members
from apps.groups.services.silence import silence_members

_CHANGES_AT_MOST = 500


def parse_gid(text: str) -> int:
    """The number in a path; PARAMETER_INVALID for anything else than digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ImError(PARAMETER_INVALID, "gid: must be a number")
    return int(text)


@groups_schema
class GroupViewSet(ImViewSet):
    """`/v1/groups` and `/v1/groups/{gid}`."""

    operation_group = "groups"

    def create(self, request: Request) -> Response:
        """Create a group with its first members."""
        data = self.parse(GroupIn)
        data["kind"] = data.get("kind") or GroupKind.PRIVATE
        data["members_username"] = usernames(data.get("members_username", []), "members_username")
        group = create_group(app=self.app, new=NewGroup(**data))
        others = [name for name in data["members_username"] if name != data["owner_username"]]
        reply: CreatedGroupReply = {
            **group_reply(self.app, group),
            "members_username": others,
        }
        return self.reply(reply, status=201)

    def list(self, request: Request) -> Response:
        """Groups in the order of their creation."""
        standing = self.app.groups.standing().in_list_order()
        found = GroupFilter(self.app, self.query, standing).rows()
        return self.reply(page(self.query, found, "groups", self._render))

    def _render(self, group: Group) -> Any:
        return group_reply(self.app, group)

    def retrieve(self, request: Request, gid: str) -> Response:
        """One group."""
        return self.reply(group_reply(self.app, self.app.groups.by_gid(parse_gid(gid))))

    def update(self, request: Request, gid: str) -> Response:
        """Set the fields given."""
        changes = self.parse(GroupChangesIn)
        update_group(app=self.app, gid=parse_gid(gid), changes=changes)
        return self.reply(status=204)

    def destroy(self, request: Request, gid: str) -> Response:
        """Dissolve a group."""
        dissolve_group(app=self.app, gid=parse_gid(gid))
        return self.reply(status=204)

    def transfer(self, request: Request, gid: str) -> Response:
        """Make another member the owner."""
        data = self.parse(OwnerIn)
        key = data.get("appkey", self.app.app_key)
        of = self.app.reach([key])[key]
        transfer_group(app=self.app, gid=parse_gid(gid), username=data["username"], of=of)
        return self.reply(status=204)


@members_schema
class GroupMemberViewSet(ImViewSet):
    """`/v1/groups/{gid}/members`."""

    operation_group = "group_members"

    def list(self, request: Request, gid: str) -> Response:
        """All members, the owner first."""
        group = self.app.groups.by_gid(parse_gid(gid))
        members = group.members.in_list_order()
        if any(member.user.app_id != self.app.pk for member in members):
            raise ImError(CROSS_APP_NEEDED)
        return self.reply([member_reply(self.app, member) for member in members])

    def change(self, request: Request, gid: str) -> Response:
        """Add members and remove others, all of it or nothing."""
        data = self.parse(MemberChangesIn)
        add = self._names(data, "add")
        remove = self._names(data, "remove")
        if not add and not remove:
            raise ImError(PARAMETER_INVALID, "add: or remove must name a user")
        change_members(app=self.app, gid=parse_gid(gid), add=add, remove=remove)
        return self.reply(status=204)

    def remove(self, request: Request, gid: str) -> Response:
        """Remove members, all or none (the draft's alone)."""
        data = self.parse(RemovalIn)
        names = self._names(data, "remove")
        if not names:
            raise ImError(PARAMETER_INVALID, "remove: must name a user")
        change_members(app=self.app, gid=parse_gid(gid), remove=names)
        return self.reply()

    def silence(self, request: Request, gid: str) -> Response:
        """Let members not speak in the group any more, or again: all or none."""
        silenced = boolean(self.query, "status")
        names = self.parse_usernames(at_most=_CHANGES_AT_MOST)
        silence_members(app=self.app, gid=parse_gid(gid), usernames=names, silenced=silenced)
        return self.reply(status=204)

    def add_named(self, request: Request, gid: str) -> Response:
        """Add members, all or none (version 2)."""
        names = self.parse_usernames(at_most=_CHANGES_AT_MOST)
        change_members(app=self.app, gid=parse_gid(gid), add=names)
        return self.reply(status=204)

    def remove_named(self, request: Request, gid: str) -> Response:
        """Remove members, all or none (version 2)."""
        names = self.parse_usernames(at_most=_CHANGES_AT_MOST)
        change_members(app=self.app, gid=parse_gid(gid), remove=names)
        return self.reply(status=204)

    def _names(self, data: dict[str, Any], field: str) -> Any:
        names = usernames(data.get(field, []), field)
        if len(names) > _CHANGES_AT_MOST:
            raise ImError(PARAMETER_INVALID, f"{field}: must have at most {_CHANGES_AT_MOST}")
        return names


@user_groups_schema
class UserGroupViewSet(ImViewSet):
    """`/v1/users/{username}/groups`."""

    operation_group = "user_groups"

    def list(self, request: Request, username: str) -> Response:
        """The groups a user is in, by gid."""
        user = self.app.users.by_username(username)
        groups = Group.objects.of_member(user)  # tenant-free: of the user, who is the tenant's
        if any(group.app_id != self.app.pk for group in groups):
            raise ImError(CROSS_APP_NEEDED)
        return self.reply([group_reply(self.app, group) for group in groups])
