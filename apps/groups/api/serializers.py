"""Groups on the wire."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict, cast

from msgspec import Meta
from rest_framework import serializers

from apps.accounts.api.serializers import ProfileReply, user_reply
from apps.core.api import wire_time
from apps.core.api.cross import AppKeyIn
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


class CrossMembersIn(AppKeyIn, MemberChangesIn):
    """Who of one app is to come and who to go, at least one of them."""


class OwnerIn(serializers.Serializer[dict[str, Any]]):
    """The owner to be, a member. `appkey`, or `appKey`, for one of another app."""

    username = ByteLengthField(max_bytes=128)
    appkey = ByteLengthField(max_bytes=64, required=False)


OwnerAppKey = Annotated[
    str, Meta(description="There if the owner is of another app than the group: its key.")
]
Gid = Annotated[int, Meta(description="The group's number, of at least 8 digits.")]


class GroupReply(TypedDict):
    """A group."""

    gid: Gid
    name: str
    desc: str
    appkey: Annotated[str, Meta(description="The key of the group's app.")]
    owner_username: str
    owner_appkey: NotRequired[OwnerAppKey]
    flag: Annotated[int, Meta(ge=1, le=2, description="1 private, 2 public.")]
    avatar: NotRequired[Annotated[str, Meta(description="A media id.")]]
    MaxMemberCount: Annotated[int, Meta(description="Members it may have.")]
    mtime: wire_time.WireTime
    ctime: wire_time.WireTime


class CrossGroupReply(TypedDict):
    """A group of whichever app."""

    gid: Gid
    name: str
    desc: str
    appkey: Annotated[str, Meta(description="The key of the group's app.")]
    owner_username: str
    owner_appkey: NotRequired[OwnerAppKey]
    flag: Annotated[int, Meta(ge=1, le=2, description="1 private, 2 public.")]
    avatar: NotRequired[Annotated[str, Meta(description="A media id.")]]
    max_member_count: Annotated[int, Meta(description="Members it may have.")]
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


class CrossMemberReply(MemberReply):
    """A member of whichever app."""

    appkey: Annotated[str, Meta(description="The key of the user's app.")]


class SeenMemberReply(MemberReply):
    """A member as another one sees them."""

    appkey: NotRequired[
        Annotated[str, Meta(description="There for a user of another app than one's own: its key.")]
    ]


class MembersReply(TypedDict):
    """The members of a group."""

    members: list[SeenMemberReply]


class DraftMemberReply(MemberReply):
    """A member as the 2015-02 draft shows a user."""

    user_name: Annotated[str, Meta(description="The draft's word for `username`.")]


def group_reply(app: App, group: Group) -> GroupReply:
    """Render a group whose owner is loaded; of another app, that as well. Times are in the zone of `app`."""
    reply: GroupReply = {
        "gid": group.pk,
        "name": group.name,
        "desc": group.description,
        "appkey": app.app_key if group.app_id == app.pk else group.app.app_key,
        "owner_username": group.owner.username if group.owner else "",
        "flag": group.kind,
        "MaxMemberCount": group.max_members,
        "mtime": wire_time.in_zone(app, group.updated_at),
        "ctime": wire_time.in_zone(app, group.created_at),
    }
    if group.avatar:
        reply["avatar"] = group.avatar
    if group.owner is not None and group.owner.app_id != group.app_id:
        reply["owner_appkey"] = group.owner.app.app_key
    return reply


def cross_group_reply(app: App, group: Group) -> CrossGroupReply:
    """As `group_reply`, in the words of cross-app calls."""
    shown: dict[str, Any] = dict(group_reply(app, group))
    shown["max_member_count"] = shown.pop("MaxMemberCount")
    return cast("CrossGroupReply", shown)


def member_reply(app: App, member: GroupMember) -> MemberReply:
    """Render a member whose user is loaded."""
    shown: dict[str, Any] = dict(user_reply(app, member.user))
    for name in ("star", "mtime", "ctime"):
        del shown[name]
    shown["flag"] = member.role
    if member.silenced:
        shown["silenced"] = True
    return cast("MemberReply", shown)


def seen_member_reply(app: App, member: GroupMember) -> SeenMemberReply:
    """As `member_reply`, to a user of `app`; the key of another one goes along with its users' names."""
    shown: dict[str, Any] = dict(member_reply(app, member))
    if member.user.app_id != app.pk:
        shown["appkey"] = member.user.app.app_key
    return cast("SeenMemberReply", shown)


def cross_member_reply(app: App, member: GroupMember) -> CrossMemberReply:
    """As `member_reply`, with the key of the user's app, which is loaded."""
    return {**member_reply(app, member), "appkey": member.user.app.app_key}
