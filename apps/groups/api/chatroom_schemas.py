"""OpenAPI of chatrooms, for the app's server and for its users."""

from drf_spectacular.utils import OpenApiParameter

from apps.accounts.api.schemas import USERNAME, Username
from apps.core.api.operations import CLIENT, Like, Operation, Said, documented
from apps.core.api.pagination import MOST_ROWS, PAGE_PARAMETERS
from apps.core.errors import (
    CHATROOM_FULL,
    NO_SUCH_CHATROOM,
    NO_SUCH_USER,
    NOT_IN_CHATROOM,
    OWNER_NOT_IN_CHATROOM,
    OWNER_STAYS,
    TOO_MANY_CHATROOMS,
)
from apps.groups.api.chatroom_serializers import (
    MEMBERS_AT_MOST,
    ChatroomChangesIn,
    ChatroomIn,
    ChatroomMemberPageReply,
    ChatroomMemberReply,
    ChatroomPageReply,
    ChatroomReply,
    ChatroomsReply,
    CreatedChatroomReply,
    RoomId,
)
from apps.groups.api.schemas import numbered

ROOM_ID = numbered("room_id", "The chatroom's number.")
_STATUS = OpenApiParameter(
    "status",
    {"type": "integer", "enum": [0, 1]},
    required=True,
    description="1 forbids to speak, 0 allows it; `true` and `false` are taken as well.",
)
ROOM: ChatroomReply = {
    "id": 10000001,
    "name": "square",
    "description": "talk of the town",
    "appkey": "dev0000000000000000000ab",
    "owner_username": "dev_fang",
    "max_member_count": 10000,
    "total_member_count": 2,
    "ctime": "2015-02-13 10:00:00",
}
_MEMBER: ChatroomMemberReply = {
    "username": "dev_javen",
    "flag": 0,
    "room_ctime": "2015-02-13 10:00:00",
    "mtime": "2015-02-13 10:00:00",
    "ctime": "2015-02-12 15:49:09",
}
_PAGE_OF_ROOMS: ChatroomPageReply = {"total": 1, "start": 0, "count": 1, "rooms": [ROOM]}
_PAGE_OF_MEMBERS: ChatroomMemberPageReply = {"total": 1, "start": 0, "count": 1, "users": [_MEMBER]}
_NAMES = Like(Username, at_most=MEMBERS_AT_MOST)

chatrooms_schema = documented(
    "Where many hear each other for as long as they are there: nothing waits for who is away.",
    create=Operation(
        summary="Create a chatroom",
        description=(
            "The owner is a member, whether or not listed. It may have as many members as the server's "
            "setting says, 10000 unless changed."
        ),
        status=201,
        body=ChatroomIn,
        reply=CreatedChatroomReply,
        raises=(NO_SUCH_USER, CHATROOM_FULL, TOO_MANY_CHATROOMS),
        examples=(
            Said(
                "a room of two",
                {
                    "owner_username": "dev_fang",
                    "name": "square",
                    "members_username": ["dev_javen"],
                    "description": "talk of the town",
                },
            ),
        ),
        reply_example={"chatroom_id": 10000001},
    ),
    list=Operation(
        summary="List chatrooms",
        description="In the order of their creation.",
        reply=ChatroomPageReply,
        parameters=PAGE_PARAMETERS,
        reply_example=_PAGE_OF_ROOMS,
    ),
    batch=Operation(
        summary="Show several chatrooms",
        description="In the order asked for. One that is none refuses the call.",
        body=Like(RoomId, at_most=MOST_ROWS),
        reply=list[ChatroomReply],
        raises=(NO_SUCH_CHATROOM,),
        examples=(Said("one", [10000001]),),
        reply_example=[ROOM],
    ),
    update=Operation(
        summary="Change a chatroom",
        description="Sets the fields given and no others, and tells those who are there.",
        status=204,
        body=ChatroomChangesIn,
        parameters=(ROOM_ID,),
        raises=(NO_SUCH_CHATROOM, NO_SUCH_USER, OWNER_NOT_IN_CHATROOM),
        examples=(Said("a name", {"name": "circle"}),),
    ),
    destroy=Operation(
        summary="Delete a chatroom",
        description="Those who are there are told. What was said stays in its report.",
        status=204,
        parameters=(ROOM_ID,),
        raises=(NO_SUCH_CHATROOM,),
    ),
    mute=Operation(
        summary="Forbid a member to speak, or allow it",
        description=(
            "It holds until it is taken back, even if they leave and come again. Those who are there "
            "are told."
        ),
        status=204,
        parameters=(ROOM_ID, USERNAME, _STATUS),
        raises=(NO_SUCH_CHATROOM, NO_SUCH_USER, NOT_IN_CHATROOM),
    ),
)
chatroom_members_schema = documented(
    "Who is in a chatroom.",
    list=Operation(
        summary="List those in a chatroom",
        description="As they came.",
        reply=ChatroomMemberPageReply,
        parameters=(ROOM_ID, *PAGE_PARAMETERS),
        raises=(NO_SUCH_CHATROOM,),
        reply_example=_PAGE_OF_MEMBERS,
    ),
    add=Operation(
        summary="Let users into a chatroom",
        description="All or none, at most 3000; who is there already stays. Nobody is told.",
        status=204,
        body=_NAMES,
        parameters=(ROOM_ID,),
        raises=(NO_SUCH_CHATROOM, NO_SUCH_USER, CHATROOM_FULL, TOO_MANY_CHATROOMS),
        examples=(Said("one comes", ["dev_javen"]),),
    ),
    remove=Operation(
        summary="Put members out of a chatroom",
        description="All or none, at most 3000, the owner never. Those who are there are told.",
        status=204,
        body=_NAMES,
        parameters=(ROOM_ID,),
        raises=(NO_SUCH_CHATROOM, NO_SUCH_USER, NOT_IN_CHATROOM, OWNER_STAYS),
        examples=(Said("one goes", ["dev_javen"]),),
    ),
)
user_chatrooms_schema = documented(
    "Which chatrooms a user is in.",
    list=Operation(
        summary="List a user's chatrooms",
        description="By number.",
        reply=list[ChatroomReply],
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        reply_example=[ROOM],
    ),
)
client_chatrooms_schema = documented(
    "Chatrooms as a user sees them (ours): all of the app's are open to all of its users.",
    list=Operation(
        summary="List the app's chatrooms",
        caller=CLIENT,
        description="In the order of their creation.",
        reply=ChatroomPageReply,
        parameters=PAGE_PARAMETERS,
        reply_example=_PAGE_OF_ROOMS,
    ),
    mine=Operation(
        summary="List the chatrooms one is in",
        caller=CLIENT,
        description="By number.",
        reply=ChatroomsReply,
        reply_example={"rooms": [ROOM]},
    ),
    retrieve=Operation(
        summary="Show a chatroom",
        caller=CLIENT,
        reply=ChatroomReply,
        parameters=(ROOM_ID,),
        raises=(NO_SUCH_CHATROOM,),
        reply_example=ROOM,
    ),
    members=Operation(
        summary="List those in a chatroom one is in",
        caller=CLIENT,
        description="As they came.",
        reply=ChatroomMemberPageReply,
        parameters=(ROOM_ID, *PAGE_PARAMETERS),
        raises=(NO_SUCH_CHATROOM, NOT_IN_CHATROOM),
        reply_example=_PAGE_OF_MEMBERS,
    ),
    leave=Operation(
        summary="Leave a chatroom",
        caller=CLIENT,
        description="Nobody is told. The owner stays.",
        status=204,
        parameters=(ROOM_ID,),
        raises=(NO_SUCH_CHATROOM, NOT_IN_CHATROOM, OWNER_STAYS),
    ),
)
