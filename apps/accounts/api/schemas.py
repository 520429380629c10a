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
from apps.core.api.operations import Like, Operation, Said, documented
from apps.core.api.pagination import PAGE_PARAMETERS
from apps.core.errors import (
    NO_SUCH_USER,
    PARAMETER_INVALID,
    TOO_MANY_USERS,
    USER_EXISTS,
)

USERNAME = OpenApiParameter(
    "username", str, OpenApiParameter.PATH, description="The user's name. Case counts."
)
Username = Annotated[str, Meta(max_length=128)]

_SHOWN: StarredUserReply = {
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
    "users": [_SHOWN, {**_NEW, "ctime": "2015-02-13 10:00:00"}],
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
        reply_example=_SHOWN,
    ),
    update=Operation(
        summary="Change a user",
        description="Sets the fields given and no others. An empty string takes a field back.",
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
