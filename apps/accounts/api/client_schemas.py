"""OpenAPI of what a user does with a session: log in, oneself, one's blacklist."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from apps.accounts.api.schemas import OPENED, SESSIONS, Username
from apps.accounts.api.serializers import ProfileIn, SeenUserReply, UserReply
from apps.accounts.api.session_serializers import (
    ClientRegistrationIn,
    LoginIn,
    OpenedSessionReply,
    OwnPasswordIn,
    SessionsReply,
)
from apps.core.api.operations import ANYBODY, CLIENT, Like, Operation, Said, documented
from apps.core.errors import (
    ADMIN_NOT_BLOCKABLE,
    ALREADY_BLOCKED,
    LOGIN_FAILED,
    NO_SUCH_SESSION,
    NO_SUCH_USER,
    NOT_BLOCKED,
    RATE_LIMITED,
    REGISTRATION_CLOSED,
    USER_DISABLED,
    USER_EXISTS,
)

_LOGIN = {
    "appkey": "dev0000000000000000000ab",
    "username": "dev_fang",
    "password": "password",
    "platform": "j",
    "device_id": "laptop",
}
_REGISTRATION = {
    "appkey": "dev0000000000000000000ab",
    "username": "dev_fang",
    "password": "password",
    "nickname": "Fang",
}


class SessionTokenSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token of a session."""

    target_class = "apps.accounts.authentication.SessionTokenAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer token."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "The token of a session, from `POST /client/v1/sessions`.",
        }


client_users_schema = documented(
    "Registration by clients (ours), where the app allows it.",
    register=Operation(
        summary="Register oneself",
        caller=ANYBODY,
        description="Only while the app's registration switch is on.",
        status=201,
        body=ClientRegistrationIn,
        reply=UserReply,
        raises=(REGISTRATION_CLOSED, USER_EXISTS),
        examples=(Said("a user", _REGISTRATION),),
        reply_example=OPENED["user"],
    ),
)
client_sessions_schema = documented(
    "One's own log-ins (ours).",
    log_in=Operation(
        summary="Log in",
        caller=ANYBODY,
        description=(
            "An unknown name is refused as a wrong password is. After some failures further tries "
            "are refused for longer each time, by user and by address."
        ),
        status=201,
        body=LoginIn,
        reply=OpenedSessionReply,
        raises=(LOGIN_FAILED, USER_DISABLED, RATE_LIMITED),
        examples=(Said("a browser", _LOGIN),),
        reply_example=OPENED,
    ),
    list=Operation(
        summary="List one's sessions",
        caller=CLIENT,
        description="The newest first.",
        reply=SessionsReply,
        reply_example=SESSIONS,
    ),
    end=Operation(
        summary="Log out",
        caller=CLIENT,
        description="Ends one of one's sessions; its connections are closed at once.",
        status=204,
        parameters=(
            OpenApiParameter(
                "session_id",
                str,
                OpenApiParameter.PATH,
                description="A session's number, or `current` for the one that asks.",
            ),
        ),
        raises=(NO_SUCH_SESSION,),
    ),
    renew=Operation(
        summary="Renew one's session",
        caller=CLIENT,
        description="Gives it a new token and a new span of life. The old token ends.",
        reply=OpenedSessionReply,
        reply_example=OPENED,
    ),
)
client_me_schema = documented(
    "Oneself (ours).",
    retrieve=Operation(
        summary="Show oneself", caller=CLIENT, reply=UserReply, reply_example=OPENED["user"]
    ),
    update=Operation(
        summary="Change oneself",
        caller=CLIENT,
        description="Sets the fields given and no others. An empty string takes a text back.",
        status=204,
        body=ProfileIn,
        body_required=False,
        raises=(NO_SUCH_USER,),
        examples=(Said("a nickname", {"nickname": "Fang"}),),
    ),
    set_password=Operation(
        summary="Change one's password",
        caller=CLIENT,
        description="One's other devices are logged out.",
        status=204,
        body=OwnPasswordIn,
        raises=(LOGIN_FAILED, NO_SUCH_USER, RATE_LIMITED),
        examples=(Said("both", {"old_password": "password", "new_password": "correct horse"}),),
    ),
)
client_blocks_schema = documented(
    "Whose single messages one refuses (ours).",
    list=Operation(
        summary="List whom one blocks",
        caller=CLIENT,
        description="In the order of blocking.",
        reply=list[SeenUserReply],
        reply_example=[OPENED["user"]],
    ),
    add=Operation(
        summary="Block users",
        caller=CLIENT,
        description="1 to 500, all of them or none.",
        status=204,
        body=Like(Username, at_most=500),
        raises=(NO_SUCH_USER, ALREADY_BLOCKED, ADMIN_NOT_BLOCKABLE),
        examples=(Said("one user", ["dev_javen"]),),
    ),
    remove=Operation(
        summary="Unblock users",
        caller=CLIENT,
        description="1 to 500, all of them or none.",
        status=204,
        body=Like(Username, at_most=500),
        raises=(NO_SUCH_USER, NOT_BLOCKED),
        examples=(Said("one user", ["dev_javen"]),),
    ),
)
