"""OpenAPI of what may disturb a user, and of the groups they shield."""

from apps.accounts.api.schemas import OPENED, USERNAME
from apps.core.api.operations import CLIENT, Operation, Said, documented
from apps.core.errors import (
    NO_DISTURB_GLOBAL_OFF,
    NO_DISTURB_GLOBAL_ON,
    NO_DISTURB_GROUP_NOT_SET,
    NO_DISTURB_GROUP_SET,
    NO_DISTURB_NO_SUCH_GROUP,
    NO_DISTURB_USER_NOT_SET,
    NO_DISTURB_USER_SET,
    NO_SUCH_USER,
    SHIELD_NO_SUCH_GROUP,
    SHIELD_NOT_SET,
    SHIELD_SET,
    USER_NOT_IN_GROUP,
)
from apps.groups.api.personal_shapes import GidsIn, NoDisturbIn, NoDisturbReply, ShieldsReply

_DISTURBING = (
    "By single messages of some users (`single`), by some groups (`group`), by anything (`global`): all of "
    "it or nothing, at most 500 each way. Messages are told all the same; no notification of them is pushed. "
    "The user's devices are told by an event."
)
_SHIELDING = (
    "A member who shields a group is told nothing that is said there, but that they could look it up, and "
    "what happens to the group. All of it or nothing, at most 500 each way. The user's devices are told by "
    "an event. Leaving the group ends it."
)
_NO_DISTURB_ERRORS = (
    NO_SUCH_USER,
    NO_DISTURB_USER_SET,
    NO_DISTURB_USER_NOT_SET,
    NO_DISTURB_NO_SUCH_GROUP,
    USER_NOT_IN_GROUP,
    NO_DISTURB_GROUP_SET,
    NO_DISTURB_GROUP_NOT_SET,
    NO_DISTURB_GLOBAL_ON,
    NO_DISTURB_GLOBAL_OFF,
)
_SHIELD_ERRORS = (
    NO_SUCH_USER,
    SHIELD_NO_SUCH_GROUP,
    USER_NOT_IN_GROUP,
    SHIELD_SET,
    SHIELD_NOT_SET,
)
_QUIET = (
    Said(
        "a user and a group",
        {"single": {"add": ["dev_javen"]}, "group": {"remove": [10000001]}},
    ),
    Said("everything", {"global": 1}),
)
_GIDS = (Said("one on, one off", {"add": [10000001], "remove": [10000002]}),)

no_disturb_schema = documented(
    "Of whose messages no notification is pushed to a user.",
    change=Operation(
        summary="Set what disturbs a user",
        description=_DISTURBING,
        status=204,
        body=NoDisturbIn,
        parameters=(USERNAME,),
        raises=_NO_DISTURB_ERRORS,
        examples=_QUIET,
    ),
)
shields_schema = documented(
    "Which groups a user hears nothing of.",
    change=Operation(
        summary="Set which groups a user shields",
        description=_SHIELDING,
        status=204,
        body=GidsIn,
        parameters=(USERNAME,),
        raises=_SHIELD_ERRORS,
        examples=_GIDS,
    ),
)
client_no_disturb_schema = documented(
    "Of whose messages no notification is pushed to one (ours).",
    retrieve=Operation(
        summary="Show what disturbs one",
        caller=CLIENT,
        reply=NoDisturbReply,
        reply_example={"global": 0, "single": [OPENED["user"]], "group": [10000001]},
    ),
    change=Operation(
        summary="Set what disturbs one",
        caller=CLIENT,
        description=_DISTURBING,
        status=204,
        body=NoDisturbIn,
        raises=_NO_DISTURB_ERRORS,
        examples=_QUIET,
    ),
)
client_shields_schema = documented(
    "Which groups one hears nothing of (ours).",
    list=Operation(
        summary="List the groups one shields",
        caller=CLIENT,
        description="By gid.",
        reply=ShieldsReply,
        reply_example={"groups": [10000001]},
    ),
    change=Operation(
        summary="Set which groups one shields",
        caller=CLIENT,
        description=_SHIELDING,
        status=204,
        body=GidsIn,
        raises=_SHIELD_ERRORS,
        examples=_GIDS,
    ),
)
