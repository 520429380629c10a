"""Groups on the wire."""

from typing import Any, NotRequired, TypedDict

from rest_framework import serializers

from apps.accounts.api.serializers import user_reply
from apps.core.api import wire_time
from apps.core.api.fields import ByteLengthField, StrictIntegerField
from apps.core.models import App
from apps.groups.models import Group, GroupKind, GroupMember


class GroupChangesIn(serializers.Serializer[dict[str, Any]]):
    """What can be changed of a group, each optional."""

    name = ByteLengthField(min_bytes=1, max_bytes=64, single_line=True, required=False)
    desc = ByteLengthField(max_bytes=250, required=False, source="description")
    avatar = ByteLengthField(max_bytes=255, required=False, help_text="A media id.")


class GroupIn(GroupChangesIn):
    """A group to create."""

    owner_username = ByteLengthField(max_bytes=128)
    name = ByteLengthField(min_bytes=1, max_bytes=64, single_line=True)
    members_username = serializers.JSONField(
        required=False, help_text="An array of usernames; the owner need not be among them."
    )
    flag = StrictIntegerField(
        min_value=0,
        max_value=GroupKind.PUBLIC,
        required=False,
        source="kind",
        help_text="1 private (as is 0), 2 public.",
    )


class MemberChangesIn(serializers.Serializer[dict[str, Any]]):
    """Who is to come and who to go: arrays of usernames, at least one of them not empty."""

    add = serializers.JSONField(required=False)
    remove = serializers.JSONField(required=False)


class OwnerIn(serializers.Serializer[dict[str, Any]]):
    """The owner to be, a member. `appkey` is taken where it is the app's own."""

    username = ByteLengthField(max_bytes=128)
    appkey = ByteLengthField(max_bytes=64, required=False)


class GroupReply(TypedDict):
    """A group. Times are in the app's zone, `yyyy-MM-dd HH:mm:ss`."""

    gid: int
    name: str
    desc: str
    appkey: str
    owner_username: str
    flag: int
    avatar: NotRequired[str]
    MaxMemberCount: int
    mtime: str
    ctime: str


class CreatedGroupReply(GroupReply):
    """A group just created: its members as well, the owner left out."""

    members_username: list[str]


class MemberReply(TypedDict):
    """A member: the fields of a user, and `flag`: 1 for the owner, 0 for the others."""

    username: str
    nickname: NotRequired[str]
    avatar: NotRequired[str]
    birthday: NotRequired[str]
    gender: NotRequired[int]
    signature: NotRequired[str]
    region: NotRequired[str]
    address: NotRequired[str]
    extras: NotRequired[dict[str, Any]]
    flag: int


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


def member_reply(app: App, member: GroupMember) -> dict[str, Any]:
    """Render a member whose user is loaded."""
    shown: dict[str, Any] = dict(user_reply(app, member.user))
    for name in ("star", "mtime", "ctime"):
        del shown[name]
    return {**shown, "flag": member.role}
