"""OpenAPI of users."""

from typing import Annotated

from drf_spectacular.utils import OpenApiParameter
from msgspec import Meta

from apps.accounts.api.filters import UserFilter
from apps.accounts.api.serializers import (
    PasswordIn,
    ProfileIn,
    RegisteredReply,
    RegistrationIn,
    StarredUserPageReply,
    StarredUserReply,
)
from apps.accounts.api.session_serializers import (
    KnownUserDevicesReply,
    MintedSessionIn,
    OpenedSessionReply,
    SessionsReply,
    StateReply,
    SwitchReply,
    UserDevicesReply,
)
from apps.core.api.operations import Like, Operation, Said, documented
from apps.core.api.pagination import PAGE_PARAMETERS
from apps.core.errors import (
    NO_SUCH_SESSION,
    NO_SUCH_USER,
    PARAMETER_INVALID,
    TOO_MANY_USERS,
    USER_DISABLED,
    USER_EXISTS,
)

USERNAME = OpenApiParameter(
    "username", str, OpenApiParameter.PATH, description="The user's name. Case counts."
)
Username = Annotated[str, Meta(max_length=128)]

SHOWN_USER: StarredUserReply = {
    "username": "dev_fang",
    "nickname": "Fang",
    "avatar": "qiniu/image/j/7C21AE4E",
    "birthday": "1990-01-24 00:00:00",
    "gender": 1,
    "signature": "orz",
    "region": "Shenzhen",
    "address": "Shenzhen",
    "extras": {"level": 3},
    "star": 2,
    "mtime": "2015-02-13 10:00:00",
    "ctime": "2015-02-12 15:49:09",
}
_NEW = {"username": "dev_javen", "star": 0, "mtime": "2015-02-13 10:00:00"}
_PAGE = {
    "total": 2,
    "start": 0,
    "count": 2,
    "users": [SHOWN_USER, {**_NEW, "ctime": "2015-02-13 10:00:00"}],
}
_REGISTRATIONS = [
    {"username": "dev_fang", "password": "password"},
    {"username": "dev_javen", "password": "password", "nickname": "Javen", "gender": 1},
]

users_schema = documented(
    "Who an app registered to send and receive.",
    create=Operation(
        summary="Register users",
        description=(
            "Registers 1 to 500 users. Each row succeeds by itself or carries its own `error`; the "
            "order is that of the request. A name given twice goes to the first. If all rows fail, "
            "the same array comes with the status of the first error."
        ),
        status=201,
        body=Like(RegistrationIn, at_most=500),
        reply=list[RegisteredReply],
        raises=(TOO_MANY_USERS,),
        row_errors=(USER_EXISTS, PARAMETER_INVALID),
        examples=(Said("two users", _REGISTRATIONS),),
        reply_example=[{"username": "dev_fang"}, {"username": "dev_javen"}],
    ),
    list=Operation(
        summary="List users",
        description="Users in the order of their registration, API admins among them.",
        reply=StarredUserPageReply,
        parameters=PAGE_PARAMETERS,
        filters=UserFilter,
        reply_example=_PAGE,
    ),
    destroy_many=Operation(
        summary="Delete users",
        description=(
            "Deletes 1 to 100 users: all of them or, if one is missing, none. Without a body "
            "nobody is deleted."
        ),
        body=Like(Username, at_most=100),
        raises=(NO_SUCH_USER,),
        examples=(Said("two users", ["dev_fang", "dev_javen"]),),
    ),
    retrieve=Operation(
        summary="Show a user",
        reply=StarredUserReply,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        reply_example=SHOWN_USER,
    ),
    update=Operation(
        summary="Change a user",
        description="Sets the fields given and no others. An empty string takes a text back.",
        status=204,
        body=ProfileIn,
        body_required=False,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        examples=(Said("a nickname", {"nickname": "Fang", "birthday": "1990-01-24"}),),
    ),
    destroy=Operation(
        summary="Delete a user",
        description=(
            "They leave their groups; a group they own passes to whoever has been in it longest "
            "or, empty, is dissolved. What they sent stays under their name. Whoever takes the "
            "name later is another user."
        ),
        status=204,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
    ),
    forbid=Operation(
        summary="Disable or enable a user",
        description=(
            "A disabled user is logged out everywhere, and can neither log in nor send until they are "
            "enabled. Nothing is deleted."
        ),
        status=204,
        parameters=(
            USERNAME,
            OpenApiParameter(
                "disable",
                {"type": "string", "enum": ["true", "false", "1", "0"]},
                required=True,
                description="`true` disables, `false` enables; in any case, `1` and `0` as well.",
            ),
        ),
        raises=(NO_SUCH_USER,),
    ),
    set_password=Operation(
        summary="Set a user's password",
        description="The old one is not asked for.",
        status=204,
        body=PasswordIn,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        examples=(Said("a new one", {"new_password": "correct horse"}),),
    ),
)
admins_schema = documented(
    "API admins: the users who may send in the final API.",
    create=Operation(
        summary="Register an API admin",
        description="A user who may send. An array of one, as a known client sends it, is taken as well.",
        status=201,
        body=(RegistrationIn, Like(RegistrationIn, at_most=1)),
        raises=(USER_EXISTS,),
        examples=(Said("an admin", {"username": "operator1", "password": "password"}),),
    ),
    list=Operation(
        summary="List API admins",
        description="In the order of their registration.",
        reply=StarredUserPageReply,
        parameters=PAGE_PARAMETERS,
        reply_example=_PAGE,
    ),
)

_SESSION_ID = OpenApiParameter(
    "session_id", int, OpenApiParameter.PATH, description="The session's number."
)
OPENED: OpenedSessionReply = {
    "token": "7Jq0mW3c9v0kq1J8x5m0Z2b4d6f8h0j2l4n6p8r0t2v",
    "session_id": 7,
    "expires_at": 1426384800123,
    "user": {
        "username": "dev_fang",
        "nickname": "Fang",
        "mtime": "2015-02-13 10:00:00",
        "ctime": "2015-02-12 15:49:09",
    },
}
SESSIONS: SessionsReply = {
    "sessions": [
        {
            "session_id": 7,
            "platform": "j",
            "device_id": "laptop",
            "created_at": 1423792800123,
            "last_seen_at": 1423792860123,
            "expires_at": 1426384800123,
            "current": False,
            "online": True,
        }
    ]
}
_DEVICES: UserDevicesReply = {
    "username": "dev_fang",
    "devices": [{"login": True, "online": True, "platform": "j"}],
}
_STATES_OF = Like(Username, at_most=500)

user_sessions_schema = documented(
    "Log-ins of a user's devices (ours).",
    create=Operation(
        summary="Log a user in",
        description="Opens a session without the user's password: the app knows who it is.",
        status=201,
        body=MintedSessionIn,
        reply=OpenedSessionReply,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER, USER_DISABLED),
        examples=(Said("a browser", {"platform": "j", "device_id": "laptop"}),),
        reply_example=OPENED,
    ),
    list=Operation(
        summary="List a user's sessions",
        description="The newest first.",
        reply=SessionsReply,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        reply_example=SESSIONS,
    ),
    end_all=Operation(
        summary="Log a user out everywhere",
        description="Their connections are closed at once.",
        status=204,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
    ),
    end=Operation(
        summary="Log a device out",
        description="Its connections are closed at once.",
        status=204,
        parameters=(USERNAME, _SESSION_ID),
        raises=(NO_SUCH_USER, NO_SUCH_SESSION),
    ),
)
user_states_schema = documented(
    "Who is logged in, and who is connected.",
    retrieve=Operation(
        summary="Show a user's state",
        description="On any device.",
        reply=StateReply,
        parameters=(USERNAME,),
        raises=(NO_SUCH_USER,),
        reply_example={"login": True, "online": False},
    ),
    many=Operation(
        summary="Show users' states",
        description="The devices of 1 to 500 users. An unknown one fails the call.",
        body=_STATES_OF,
        reply=list[UserDevicesReply],
        raises=(NO_SUCH_USER,),
        examples=(Said("two users", ["dev_fang", "dev_javen"]),),
        reply_example=[_DEVICES, {"username": "dev_javen", "devices": []}],
    ),
    many_v2=Operation(
        summary="Show users' states (version 2)",
        description="The devices of 1 to 500 users. An unknown one is a row that says so.",
        body=_STATES_OF,
        reply=list[KnownUserDevicesReply],
        examples=(Said("two users", ["dev_fang", "nobody"]),),
        reply_example=[
            {**_DEVICES, "statuscode": 0},
            {"username": "nobody", "devices": [], "statuscode": 1, "statusmsg": "no_exist"},
        ],
    ),
)
sdk_registration_schema = documented(
    "Whether clients may register users by themselves.",
    retrieve=Operation(
        summary="Show the registration switch",
        reply=SwitchReply,
        reply_example={"status": 1},
    ),
    update=Operation(
        summary="Set the registration switch",
        status=204,
        parameters=(
            OpenApiParameter(
                "status",
                {"type": "string", "enum": ["0", "1", "true", "false"]},
                required=True,
                description="1 or true: clients may; 0 or false: they may not.",
            ),
        ),
    ),
)
