"""Groups on the wire."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict, cast

from msgspec import Meta
from rest_framework import serializers

from apps.accounts.api.serializers import ProfileReply, user_reply
from apps.core.api import wire_time
from apps.core.api.fields import ByteLengthField, StrictIntegerField, UsernamesField
from apps.core.api.pagination import Count, Start, Total
from apps.core.models import App
from apps.groups.models import Group, GroupKind, GroupMember


class GroupChangesIn(serializers.Serializer[dict[str, Any]]):
    """What can be changed of a group, each optional."""

    name = ByteLengthField(min_bytes=1, max_bytes=64, single_line=True, required=False)
    desc = ByteLengthField(max_bytes=250, required=False, source="description")
    avatar = ByteLengthField(max_bytes=255, required=False, help_text="A media id.")


class OwnGroupIn(GroupChangesIn):
    """A group that a user creates for themselves."""

    name = ByteLengthField(min_bytes=1, max_bytes=64, single_line=True)
    members_username = UsernamesField(required=False, help_text="The owner need not be among them.")
    flag = StrictIntegerField(
        min_value=0,
        max_value=GroupKind.PUBLIC,
        required=False,
        source="kind",
        help_text="1 private (as is 0), 2 public.",
    )


class GroupIn(OwnGroupIn):
    """A group to create."""

    owner_username = ByteLengthField(max_bytes=128)


class RemovalIn(serializers.Serializer[dict[str, Any]]):
    """Who is to go: an array of usernames, not empty."""

    remove = UsernamesField(required=False)


class MemberChangesIn(RemovalIn):
    """Who is to come and who to go: arrays of usernames, at least one of them not empty."""

    add = UsernamesField(required=False)


class OwnerIn(serializers.Serializer[dict[str, Any]]):
    """The owner to be, a member. `appkey`, or `appKey`, is taken where it is the app's own."""

    username = ByteLengthField(max_bytes=128)
    appkey = ByteLengthField(max_bytes=64, required=False)


Gid = Annotated[int, Meta(description="The group's number, of at least 8 digits.")]


class GroupReply(TypedDict):
    """A group."""

    gid: Gid
    name: str
    desc: str
    appkey: Annotated[str, Meta(description="The app's own key.")]
    owner_username: str
    flag: Annotated[int, Meta(ge=1, le=2, description="1 private, 2 public.")]
    avatar: NotRequired[Annotated[str, Meta(description="A media id.")]]
    MaxMemberCount: Annotated[int, Meta(description="Members it may have.")]
    mtime: wire_time.WireTime
    ctime: wire_time.WireTime


class CreatedGroupReply(GroupReply):
    """A group just created: its members as well, the owner left out."""

    members_username: list[str]


class GroupPageReply(TypedDict):
    """A page of groups."""

    total: Total
    start: Start
    count: Count
    groups: list[GroupReply]


class GroupsReply(TypedDict):
    """The groups a user is in."""

    groups: list[GroupReply]


class MemberReply(ProfileReply):
    """A member: the fields of a user, and `flag`."""

    flag: Annotated[int, Meta(ge=0, le=1, description="1 for the owner, 0 for the others.")]
    silenced: NotRequired[
        Annotated[Literal[True], Meta(description="Ours: there if the member may not speak.")]
    ]


class MembersReply(TypedDict):
    """The members of a group."""

    members: list[MemberReply]


class DraftMemberReply(MemberReply):
    """A member as the 2015-02 draft shows a user."""

    user_name: Annotated[str, Meta(description="The draft's word for `username`.")]


def group_reply(app: App, group: Group) -> GroupReply:
    """Render a group whose owner is loaded."""
    reply: GroupReply = {
        "gid": group.pk,
        "name": group.name,
        "desc": group.description,
        "appkey": app.app_key,
        "owner_username": group.owner.username if group.owner else "",
        "flag": group.kind,
        "MaxMemberCount": group.max_members,
        "mtime": wire_time.in_zone(app, group.updated_at),
        "ctime": wire_time.in_zone(app, group.created_at),
    }
    if group.avatar:
        reply["avatar"] = group.avatar
    return reply


def member_reply(app: App, member: GroupMember) -> MemberReply:
    """Render a member whose user is loaded."""
    shown: dict[str, Any] = dict(user_reply(app, member.user))
    for name in ("star", "mtime", "ctime"):
        del shown[name]
    shown["flag"] = member.role
    if member.silenced:
        shown["silenced"] = True
    return cast("MemberReply", shown)
