"""OpenAPI of friends and blacklists, for the app's server and for its users."""

from apps.accounts.api.schemas import SHOWN_USER, USERNAME, Username
from apps.accounts.api.serializers import (
    FriendReply,
    NoteIn,
    StarredFriendReply,
    StarredUserReply,
)
from apps.core.api.operations import CLIENT, Like, Operation, Said, documented
from apps.core.errors import (
    ADMIN_NOT_BLOCKABLE,
    ALREADY_BLOCKED,
    ALREADY_FRIENDS,
    CROSS_APP_NEEDED,
    NO_SUCH_USER,
    NOT_A_FRIEND,
    NOT_BLOCKED,
    SENDER_BLOCKED,
)

NAMES = Like(Username, at_most=500)
_SOME = (Said("two users", ["dev_fang", "dev_javen"]),)
_NOTED = {"note_name": "Fang of sales", "others": "met in Shenzhen"}
_NOTES = (Said("a note", [{"username": "dev_fang", **_NOTED}]),)
_FRIEND: StarredFriendReply = {
    **SHOWN_USER,
    "note_name": "Fang of sales",
    "others": "met in Shenzhen",
    "appkey": "dev0000000000000000000ab",
}
_OWN_FRIEND = {name: value for name, value in _FRIEND.items() if name != "star"}
_ADDED = (
    "1 to 500, all of them or none. They are friends of each other at once, without an invitation, and "
    "both are told by an event."
)
_REMOVED = (
    "1 to 500. On both sides, with their notes; both are told by an event. Who was no friend is no reason "
    "for a refusal."
)
_WRITTEN = (
    "1 to 500, all of them or none. A note that is not given stays as it is, an empty one is taken back. "
    "The friend sees nothing of it."
)

blacklist_schema = documented(
    "Whose single messages a user refuses.",
    list=Operation(
        summary="List a user's blacklist",
        description="In the order of blocking. One with users of other apps the cross-app call lists.",
        reply=list[StarredUserReply],
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER, CROSS_APP_NEEDED),
        reply_example=[SHOWN_USER],
    ),
    add=Operation(
        summary="Add to a user's blacklist",
        description="1 to 500, all of them or none. API admins can't be blocked.",
        status=204,
        body=NAMES,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER, ALREADY_BLOCKED, ADMIN_NOT_BLOCKABLE),
        examples=_SOME,
    ),
    remove=Operation(
        summary="Remove from a user's blacklist",
        description="1 to 500, all of them or none.",
        status=204,
        body=NAMES,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER, NOT_BLOCKED),
        examples=_SOME,
    ),
)
friends_schema = documented(
    "Who has whom on the list of friends, always both each other.",
    list=Operation(
        summary="List a user's friends",
        description="With the user's notes, in the order in which they became friends.",
        reply=list[StarredFriendReply],
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        reply_example=[_FRIEND],
    ),
    add=Operation(
        summary="Add friends",
        description=_ADDED,
        status=201,
        body=NAMES,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER, ALREADY_FRIENDS),
        examples=_SOME,
    ),
    remove=Operation(
        summary="Remove friends",
        description=_REMOVED,
        status=204,
        body=NAMES,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        examples=_SOME,
    ),
    note=Operation(
        summary="Note something about friends",
        description=_WRITTEN,
        status=204,
        body=Like(NoteIn, at_most=500),
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER, NOT_A_FRIEND),
        examples=_NOTES,
    ),
)
client_friends_schema = documented(
    "Whom one has on one's list of friends, as one is on theirs (ours).",
    list=Operation(
        summary="List one's friends",
        caller=CLIENT,
        description="With one's notes, in the order in which they became friends.",
        reply=list[FriendReply],
        reply_example=[_OWN_FRIEND],
    ),
    add=Operation(
        summary="Add friends of one's own",
        caller=CLIENT,
        description=f"{_ADDED} Refused by one who blocks who asks.",
        status=201,
        body=NAMES,
        raises=(NO_SUCH_USER, ALREADY_FRIENDS, SENDER_BLOCKED),
        examples=_SOME,
    ),
    remove=Operation(
        summary="Remove friends of one's own",
        caller=CLIENT,
        description=_REMOVED,
        status=204,
        body=NAMES,
        raises=(NO_SUCH_USER,),
        examples=_SOME,
    ),
    note=Operation(
        summary="Note something about friends of one's own",
        caller=CLIENT,
        description=_WRITTEN,
        status=204,
        body=Like(NoteIn, at_most=500),
        raises=(NO_SUCH_USER, NOT_A_FRIEND),
        examples=_NOTES,
    ),
)
