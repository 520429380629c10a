"""OpenAPI of groups whose members are of several apps."""

from apps.accounts.api.schemas import USERNAME
from apps.core.api.operations import CLIENT, Like, Operation, Said, documented
from apps.core.errors import (
    ALREADY_MEMBER,
    CHATROOM_FULL,
    CROSS_APP_REFUSED,
    GROUP_FULL,
    NO_DISTURB_GROUP_NOT_SET,
    NO_DISTURB_GROUP_SET,
    NO_DISTURB_NO_SUCH_GROUP,
    NO_DISTURB_USER_NOT_SET,
    NO_DISTURB_USER_SET,
    NO_SUCH_CHATROOM,
    NO_SUCH_GROUP,
    NO_SUCH_TARGET_APP,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    NOT_IN_CHATROOM,
    OWNER_STAYS,
    TOO_MANY_CHATROOMS,
    TOO_MANY_GROUPS,
    USER_NOT_IN_GROUP,
)
from apps.groups.api.chatroom_schemas import ROOM_ID
from apps.groups.api.chatroom_serializers import CrossRoomMembersIn
from apps.groups.api.personal_shapes import CrossNoDisturbIn
from apps.groups.api.schemas import GID, MEMBERS, SHOWN
from apps.groups.api.serializers import CrossGroupReply, CrossMemberReply, CrossMembersIn

_OTHER = "oth0000000000000000000ab"
_MEMBERS: list[CrossMemberReply] = [
    {**MEMBERS[0], "appkey": "dev0000000000000000000ab"},
    {**MEMBERS[1], "appkey": _OTHER},
]
_GROUP: CrossGroupReply = {
    "gid": SHOWN["gid"],
    "name": SHOWN["name"],
    "desc": SHOWN["desc"],
    "appkey": _OTHER,
    "owner_username": "oth_fang",
    "owner_appkey": _OTHER,
    "flag": 1,
    "max_member_count": 500,
    "mtime": SHOWN["mtime"],
    "ctime": SHOWN["ctime"],
}
_QUIETED = (
    "Each app once. By single messages of some users (`single`), by some groups (`group`): all of it or "
    "nothing, at most 500 each way and app. `global` is set by the call within the app."
)
_QUIET_ERRORS = (
    NO_SUCH_USER,
    NO_SUCH_TARGET_APP,
    CROSS_APP_REFUSED,
    NO_DISTURB_USER_SET,
    NO_DISTURB_USER_NOT_SET,
    NO_DISTURB_NO_SUCH_GROUP,
    USER_NOT_IN_GROUP,
    NO_DISTURB_GROUP_SET,
    NO_DISTURB_GROUP_NOT_SET,
)
_QUIET = (
    Said(
        "a user and a group",
        [{"appkey": _OTHER, "single": {"add": ["javen"]}, "group": {"remove": [10000001]}}],
    ),
)

cross_members_schema = documented(
    "Members of other apps, where there is a grant between the apps.",
    list=Operation(
        summary="List the members of a group, of whichever app",
        description="The owner first, the others as they came; `appkey` tells whose user each is.",
        reply=list[CrossMemberReply],
        parameters=(GID,),
        raises=(NO_SUCH_GROUP,),
        reply_example=_MEMBERS,
    ),
    change=Operation(
        summary="Add users of other apps to a group, and remove them",
        description=(
            "The group is the app's own. All of it or nothing: each app once, at most 500 names to add and "
            "500 to remove in all. A group that is left empty is dissolved. The group is told, in the log "
            "of each app."
        ),
        status=204,
        body=Like(CrossMembersIn, at_most=500),
        parameters=(GID,),
        raises=(
            NO_SUCH_GROUP,
            NO_SUCH_USER,
            NO_SUCH_TARGET_APP,
            CROSS_APP_REFUSED,
            ALREADY_MEMBER,
            GROUP_FULL,
            TOO_MANY_GROUPS,
            NOT_A_MEMBER,
        ),
        examples=(
            Said("one comes, one goes", [{"appkey": _OTHER, "add": ["javen"], "remove": ["tom1"]}]),
        ),
    ),
)
cross_user_groups_schema = documented(
    "Which groups, of whichever app, a user is in.",
    list=Operation(
        summary="List a user's groups, of whichever app",
        description="By gid; `appkey` tells whose group each is. No grant is needed to look.",
        reply=list[CrossGroupReply],
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        reply_example=[_GROUP],
    ),
)
cross_no_disturb_schema = documented(
    "Of whose messages no notification is pushed to a user, where they may be of other apps.",
    change=Operation(
        summary="Set which users and groups of other apps disturb a user",
        description=_QUIETED,
        status=204,
        body=Like(CrossNoDisturbIn, at_most=500),
        parameters=(USERNAME,),
        raises=_QUIET_ERRORS,
        examples=_QUIET,
    ),
)
client_cross_no_disturb_schema = documented(
    "Of whose messages no notification is pushed to one, where they may be of other apps (ours).",
    change=Operation(
        summary="Set which users and groups of other apps disturb one",
        caller=CLIENT,
        description=f"{_QUIETED} The groups one is in can be named there too, of whichever app.",
        status=204,
        body=Like(CrossNoDisturbIn, at_most=500),
        raises=_QUIET_ERRORS,
        examples=_QUIET,
    ),
)
cross_chatroom_members_schema = documented(
    "Users of other apps in a chatroom.",
    change=Operation(
        summary="Let users of other apps into a chatroom, and put them out",
        description=(
            "The room is the app's own. All of it or nothing: each app once, at most 3000 names to add and "
            "3000 to remove in all; who is there already stays, and the owner always. Those who are there "
            "are told of who is put out."
        ),
        status=204,
        body=Like(CrossRoomMembersIn, at_most=500),
        parameters=(ROOM_ID,),
        raises=(
            NO_SUCH_CHATROOM,
            NO_SUCH_USER,
            NO_SUCH_TARGET_APP,
            CROSS_APP_REFUSED,
            CHATROOM_FULL,
            TOO_MANY_CHATROOMS,
            NOT_IN_CHATROOM,
            OWNER_STAYS,
        ),
        examples=(Said("one comes", [{"appkey": _OTHER, "add": ["javen"]}]),),
    ),
)
