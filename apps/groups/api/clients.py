"""Groups over the client API: one sees those one is in, and the public ones."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.clients import UserClientViewSet
from apps.core.api.pagination import boolean
from apps.core.api.viewsets import usernames
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.groups.api.client_schemas import client_groups_schema
from apps.groups.api.serializers import (
    GroupChangesIn,
    MemberChangesIn,
    OwnGroupIn,
    group_reply,
    seen_member_reply,
)
from apps.groups.api.views import parse_gid
from apps.groups.models import Group, GroupKind
from apps.groups.services.groups import NewGroup, create_group, dissolve_group, update_group
from apps.groups.services.members import change_members
from apps.groups.services.own_membership import join_group, leave_group, owned_group
from apps.groups.services.silence import silence_members


@client_groups_schema
class ClientGroupViewSet(UserClientViewSet):
    """`/client/v1/groups`."""

    operation_group = "client_groups"

    def list(self, request: Request) -> Response:
        """The groups one is in."""
        mine = Group.objects.of_member(self.user)  # tenant-free: of the user, in any app
        groups = mine.select_related("app", "owner__app")
        return self.reply({"groups": [group_reply(self.app, group) for group in groups]})

    def create(self, request: Request) -> Response:
        """Create a group of one's own."""
        data = self.parse(OwnGroupIn)
        data["kind"] = data.get("kind") or GroupKind.PRIVATE
        data["members_username"] = usernames(data.get("members_username", []), "members_username")
        new = NewGroup(owner_username=self.user.username, **data)
        group = create_group(app=self.app, new=new)
        return self.reply(group_reply(self.app, group), status=201)

    def retrieve(self, request: Request, gid: str) -> Response:
        """A group one may see."""
        group = self._seen(gid)
        return self.reply(group_reply(self.app, group))

    def members(self, request: Request, gid: str) -> Response:
        """Its members, the owner first."""
        group = self._seen(gid)
        found = group.members.in_list_order().select_related("user__app")
        members = [seen_member_reply(self.app, member) for member in found]
        return self.reply({"members": members})

    def update(self, request: Request, gid: str) -> Response:
        """Change one's own group."""
        group = owned_group(user=self.user, gid=parse_gid(gid))
        update_group(app=group.app, gid=group.pk, changes=self.parse(GroupChangesIn))
        return self.reply(status=204)

    def destroy(self, request: Request, gid: str) -> Response:
        """Dissolve one's own group."""
        group = owned_group(user=self.user, gid=parse_gid(gid))
        dissolve_group(app=group.app, gid=group.pk)
        return self.reply(status=204)

    def change_members(self, request: Request, gid: str) -> Response:
        """Add to one's own group and remove from it, all of it or nothing."""
        group = owned_group(user=self.user, gid=parse_gid(gid))
        data: dict[str, Any] = self.parse(MemberChangesIn)
        add = usernames(data.get("add", []), "add")
        remove = usernames(data.get("remove", []), "remove")
        if not add and not remove:
            raise ImError(PARAMETER_INVALID, "add: or remove must name a user")
        change_members(app=group.app, gid=group.pk, add=add, remove=remove, of=self.app)
        return self.reply(status=204)

    def silence(self, request: Request, gid: str) -> Response:
        """Let members of one's own group not speak any more, or again: all or none."""
        silenced = boolean(self.query, "status")
        group = owned_group(user=self.user, gid=parse_gid(gid))
        names = self.parse_usernames(at_most=500)
        if self.user.username in names:
            raise ImError(PARAMETER_INVALID, "body: names the owner")
        silence_members(
            app=group.app, gid=group.pk, usernames=names, silenced=silenced, of=self.app
        )
        return self.reply(status=204)

    def join(self, request: Request, gid: str) -> Response:
        """Join a public group."""
        join_group(app=self.app, user=self.user, gid=parse_gid(gid))
        return self.reply(status=204)

    def leave(self, request: Request, gid: str) -> Response:
        """Leave a group; the owner hands it on or dissolves it first."""
        leave_group(app=self.app, user=self.user, gid=parse_gid(gid))
        return self.reply(status=204)

    def _seen(self, gid: str) -> Group:
        groups = Group.objects.all()  # tenant-free: what the user may see, of any app
        return groups.seen_by(self.user, parse_gid(gid))
