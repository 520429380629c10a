"""OpenAPI of friends and blacklists across apps."""

from typing import Any

from apps.accounts.api.cross_serializers import (
    CrossFriendsIn,
    CrossNamesIn,
    CrossNoteIn,
    CrossUserReply,
    MetAppsReply,
)
from apps.accounts.api.schemas import SHOWN_USER, USERNAME
from apps.core.api.operations import CLIENT, Like, Operation, Said, documented
from apps.core.errors import (
    ADMIN_NOT_BLOCKABLE,
    ALREADY_BLOCKED,
    ALREADY_FRIENDS,
    CROSS_APP_REFUSED,
    NO_SUCH_TARGET_APP,
    NO_SUCH_USER,
    NOT_A_FRIEND,
    NOT_BLOCKED,
    SENDER_BLOCKED,
)

OTHER_KEY = "oth0000000000000000000ab"
_REACH = (NO_SUCH_USER, NO_SUCH_TARGET_APP, CROSS_APP_REFUSED)
_BLOCKED = (Said("two users", [{"appkey": OTHER_KEY, "usernames": ["oth_fang", "oth_javen"]}]),)
_FRIENDS = (Said("two friends", {"appkey": OTHER_KEY, "users": ["oth_fang", "oth_javen"]}),)
_SHOWN: Any = {
    **{name: value for name, value in SHOWN_USER.items() if name != "star"},
    "appkey": OTHER_KEY,
}
_NOTE = {"note_name": "Fang of sales", "others": "met in Shenzhen"}

cross_blacklist_schema = documented(
    "Whose single messages a user refuses, where they may be of other apps.",
    list=Operation(
        summary="List a user's blacklist, of whichever app",
        description="In the order of blocking; `appkey` tells whose user each is. It takes no grant to look.",
        reply=list[CrossUserReply],
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        reply_example=[_SHOWN],
    ),
    add=Operation(
        summary="Add users of other apps to a user's blacklist",
        description="Each app once, 1 to 500 users in all, all of them or none. API admins can't be blocked.",
        status=204,
        body=Like(CrossNamesIn, at_most=500),
        parameters=(USERNAME,),
        raises=(*_REACH, ALREADY_BLOCKED, ADMIN_NOT_BLOCKABLE),
        examples=_BLOCKED,
    ),
    remove=Operation(
        summary="Remove users of other apps from a user's blacklist",
        description="Each app once, 1 to 500 users in all, all of them or none.",
        status=204,
        body=Like(CrossNamesIn, at_most=500),
        parameters=(USERNAME,),
        raises=(*_REACH, NOT_BLOCKED),
        examples=_BLOCKED,
    ),
)
cross_friends_schema = documented(
    "Friends of other apps. The plain call lists them among the others, with their `appkey`.",
    add=Operation(
        summary="Add friends of another app",
        description=(
            "1 to 500, all of them or none. They are friends of each other at once, and both are told by an "
            "event, each in the log of their app."
        ),
        status=201,
        body=CrossFriendsIn,
        parameters=(USERNAME,),
        raises=(*_REACH, ALREADY_FRIENDS),
        examples=_FRIENDS,
    ),
    remove=Operation(
        summary="Remove friends of another app",
        description="1 to 500, on both sides. Who was no friend is no reason for a refusal.",
        status=204,
        body=CrossFriendsIn,
        parameters=(USERNAME,),
        raises=_REACH,
        examples=_FRIENDS,
    ),
    note=Operation(
        summary="Note something about friends of other apps",
        description="1 to 500, all of them or none. The friend sees nothing of it.",
        status=204,
        body=Like(CrossNoteIn, at_most=500),
        parameters=(USERNAME,),
        raises=(*_REACH, NOT_A_FRIEND),
        examples=(Said("a note", [{"appkey": OTHER_KEY, "username": "oth_fang", **_NOTE}]),),
    ),
)
client_apps_schema = documented(
    "The apps whose users meet (ours).",
    list=Operation(
        summary="List the apps whose users one may meet",
        caller=CLIENT,
        description=(
            "One's own first, then those with a grant for it or from it, by name. `reached` tells of which "
            "one may name the users; what another app's key stands for in a message is told here."
        ),
        reply=MetAppsReply,
        reply_example={"apps": [{"appkey": OTHER_KEY, "name": "Acme", "reached": True}]},
    ),
)
client_cross_friends_schema = documented(
    "Friends of one's own in other apps (ours). The plain call lists them among the others.",
    add=Operation(
        summary="Add friends of one's own in another app",
        caller=CLIENT,
        description=(
            "1 to 500, all of them or none. They are friends of each other at once, and both are told by an "
            "event, each in the log of their app. Refused by one who blocks who asks."
        ),
        status=201,
        body=CrossFriendsIn,
        raises=(*_REACH, ALREADY_FRIENDS, SENDER_BLOCKED),
        examples=_FRIENDS,
    ),
    remove=Operation(
        summary="Remove friends of one's own in another app",
        caller=CLIENT,
        description="1 to 500, on both sides. Who was no friend is no reason for a refusal.",
        status=204,
        body=CrossFriendsIn,
        raises=_REACH,
        examples=_FRIENDS,
    ),
    note=Operation(
        summary="Note something about friends of one's own in other apps",
        caller=CLIENT,
        description="1 to 500, all of them or none. The friend sees nothing of it.",
        status=204,
        body=Like(CrossNoteIn, at_most=500),
        raises=(*_REACH, NOT_A_FRIEND),
        examples=(Said("a note", [{"appkey": OTHER_KEY, "username": "oth_fang", **_NOTE}]),),
    ),
)
client_cross_blocks_schema = documented(
    "Whose single messages one refuses, of users of other apps (ours). The plain call lists them too.",
    add=Operation(
        summary="Block users of other apps",
        caller=CLIENT,
        description="Each app once, 1 to 500 users in all, all of them or none.",
        status=204,
        body=Like(CrossNamesIn, at_most=500),
        raises=(*_REACH, ALREADY_BLOCKED, ADMIN_NOT_BLOCKABLE),
        examples=_BLOCKED,
    ),
    remove=Operation(
        summary="Unblock users of other apps",
        caller=CLIENT,
        description="Each app once, 1 to 500 users in all, all of them or none.",
        status=204,
        body=Like(CrossNamesIn, at_most=500),
        raises=(*_REACH, NOT_BLOCKED),
        examples=_BLOCKED,
    ),
)
