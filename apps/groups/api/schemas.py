"""OpenAPI of groups."""

from drf_spectacular.utils import OpenApiParameter

from apps.accounts.api.schemas import USERNAME, Username
from apps.core.api.operations import Like, Operation, Said, Variant, documented
from apps.core.api.pagination import PAGE_PARAMETERS
from apps.core.errors import (
    ALREADY_MEMBER,
    CROSS_APP_NEEDED,
    CROSS_APP_REFUSED,
    GROUP_FULL,
    NO_SUCH_GROUP,
    NO_SUCH_TARGET_APP,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    TOO_MANY_GROUPS,
)
from apps.groups.api.dialects import OLDER_NAMES
from apps.groups.api.filters import GroupFilter
from apps.groups.api.serializers import (
    CreatedGroupReply,
    GroupChangesIn,
    GroupIn,
    GroupPageReply,
    GroupReply,
    MemberChangesIn,
    MemberReply,
    OwnerIn,
    RemovalIn,
)


def numbered(name: str, description: str) -> OpenApiParameter:
    """The number of a group or a chatroom, in a path."""
    bounds = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}
    return OpenApiParameter(name, bounds, OpenApiParameter.PATH, description=description)


GID = numbered("gid", "The group's number.")
STATUS = OpenApiParameter(
    "status",
    {"type": "string", "enum": ["true", "false", "1", "0"]},
    required=True,
    description="`true` silences, `false` lets speak again; in any case, `1` and `0` as well.",
)

_NAMES = {final: older for older, final in OLDER_NAMES.items()}

SHOWN: GroupReply = {
    "gid": 10000001,
    "name": "jpush",
    "desc": "push together",
    "appkey": "dev0000000000000000000ab",
    "owner_username": "dev_fang",
    "flag": 1,
    "MaxMemberCount": 500,
    "mtime": "2015-02-13 10:00:00",
    "ctime": "2015-02-13 10:00:00",
}
MEMBERS: list[MemberReply] = [
    {"username": "dev_fang", "nickname": "Fang", "flag": 1},
    {"username": "dev_javen", "flag": 0},
]
_CHANGES = {"name": "jpush", "desc": "push together"}
_DRAFT_CHANGES = {"group_name": "jpush", "group_desc": "push together"}
_FIRST = {"owner_username": "dev_fang", "members_username": ["dev_javen"]}
_MEMBER_ERRORS = (
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    ALREADY_MEMBER,
    GROUP_FULL,
    TOO_MANY_GROUPS,
    NOT_A_MEMBER,
)

groups_schema = documented(
    "Where members hear each other.",
    create=Operation(
        summary="Create a group",
        description="The owner is a member, whether or not listed.",
        status=201,
        body=GroupIn,
        draft_body=(GroupIn, Variant("DraftGroupIn", GroupIn, _NAMES)),
        reply=CreatedGroupReply,
        raises=(NO_SUCH_USER, GROUP_FULL, TOO_MANY_GROUPS),
        examples=(
            Said("a group of two", {**_FIRST, **_CHANGES}),
            Said("in the older words", {**_FIRST, **_DRAFT_CHANGES}, "2015-02"),
        ),
        reply_example={**SHOWN, "members_username": ["dev_javen"]},
    ),
    list=Operation(
        summary="List groups",
        description="In the order of their creation, dissolved ones left out.",
        reply=GroupPageReply,
        parameters=PAGE_PARAMETERS,
        filters=GroupFilter,
        reply_example={"total": 1, "start": 0, "count": 1, "groups": [SHOWN]},
    ),
    retrieve=Operation(
        summary="Show a group",
        reply=GroupReply,
        parameters=(GID,),
        raises=(NO_SUCH_GROUP,),
        reply_example=SHOWN,
    ),
    update=Operation(
        summary="Change a group",
        description="Sets the fields given and no others, and tells the members.",
        status=204,
        body=GroupChangesIn,
        draft_body=(GroupChangesIn, Variant("DraftGroupChangesIn", GroupChangesIn, _NAMES)),
        parameters=(GID,),
        raises=(NO_SUCH_GROUP,),
        examples=(
            Said("a name", _CHANGES),
            Said("in the older words", _DRAFT_CHANGES, "2015-02"),
        ),
    ),
    destroy=Operation(
        summary="Dissolve a group",
        description="Its members are told, and can still read what was said.",
        status=204,
        parameters=(GID,),
        raises=(NO_SUCH_GROUP,),
    ),
    transfer=Operation(
        summary="Hand a group on",
        description="Makes another member the owner. `appkey` is that of a member of another app.",
        status=204,
        body=OwnerIn,
        parameters=(GID,),
        raises=(NO_SUCH_GROUP, NO_SUCH_USER, NOT_A_MEMBER, NO_SUCH_TARGET_APP, CROSS_APP_REFUSED),
        examples=(Said("to a member", {"username": "dev_javen"}),),
    ),
)
members_schema = documented(
    "Who is in a group.",
    list=Operation(
        summary="List a group's members",
        description=(
            "All of them, the owner first, the others as they came. Of a group with members of other "
            "apps, the cross-app call lists them."
        ),
        reply=list[MemberReply],
        parameters=(GID,),
        raises=(NO_SUCH_GROUP, CROSS_APP_NEEDED),
        reply_example=MEMBERS,
    ),
    change=Operation(
        summary="Add and remove members",
        description=(
            "All of it or nothing: at most 500 of each, at least one in all. The owner can't be "
            "removed, nor a name be in both lists. The group is told."
        ),
        status=204,
        body=MemberChangesIn,
        draft_body=(MemberChangesIn, Like(Username, at_most=500)),
        parameters=(GID,),
        raises=_MEMBER_ERRORS,
        examples=(
            Said("one comes, one goes", {"add": ["dev_fang"], "remove": ["dev_javen"]}),
            Said("two come", ["dev_fang", "dev_javen"], "2015-02"),
        ),
    ),
    remove=Operation(
        summary="Remove members",
        description="All of them or none, at most 500. The owner can't be removed. The group is told.",
        body=(Like(Username, at_most=500), RemovalIn),
        parameters=(GID,),
        raises=(NO_SUCH_GROUP, NO_SUCH_USER, NOT_A_MEMBER),
        examples=(Said("two go", ["dev_fang", "dev_javen"], "2015-02"),),
    ),
    silence=Operation(
        summary="Silence members, or let them speak again",
        description=(
            "1 to 500, all of them or none. A silenced member stays, reads, and can't send to the group "
            "(803012), neither as `user` nor as `admin`. The group is told."
        ),
        status=204,
        body=Like(Username, at_most=500),
        parameters=(GID, STATUS),
        raises=(NO_SUCH_GROUP, NO_SUCH_USER, NOT_A_MEMBER),
        examples=(Said("one member", ["dev_javen"]),),
    ),
    add_named=Operation(
        summary="Add members (version 2)",
        description="1 to 500, all of them or none. The group is told.",
        status=204,
        body=Like(Username, at_most=500),
        parameters=(GID,),
        raises=(NO_SUCH_GROUP, NO_SUCH_USER, ALREADY_MEMBER, GROUP_FULL, TOO_MANY_GROUPS),
        examples=(Said("two come", ["dev_fang", "dev_javen"]),),
    ),
    remove_named=Operation(
        summary="Remove members (version 2)",
        description="1 to 500, all of them or none. The owner can't be removed. The group is told.",
        status=204,
        body=Like(Username, at_most=500),
        parameters=(GID,),
        raises=(NO_SUCH_GROUP, NO_SUCH_USER, NOT_A_MEMBER),
        examples=(Said("one goes", ["dev_javen"]),),
    ),
)
user_groups_schema = documented(
    "Which groups a user is in.",
    list=Operation(
        summary="List a user's groups",
        description="By gid. For a user who is in groups of other apps, the cross-app call lists them.",
        reply=list[GroupReply],
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER, CROSS_APP_NEEDED),
        reply_example=[SHOWN],
    ),
)
