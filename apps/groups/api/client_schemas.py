"""OpenAPI of what a user does about groups with a session."""

from apps.accounts.api.schemas import Username
from apps.core.api.operations import CLIENT, Like, Operation, Said, documented
from apps.core.errors import (
    ALREADY_MEMBER,
    GROUP_FULL,
    GROUP_NOT_PUBLIC,
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    NOT_THE_OWNER,
    TOO_MANY_GROUPS,
)
from apps.groups.api.schemas import GID, MEMBERS, SHOWN, STATUS
from apps.groups.api.serializers import (
    GroupChangesIn,
    GroupReply,
    GroupsReply,
    MemberChangesIn,
    MembersReply,
    OwnGroupIn,
)

_OWNERS_ERRORS = (NO_SUCH_GROUP, NOT_THE_OWNER)

client_groups_schema = documented(
    "Groups as a user sees them: those they are in, and the public ones (ours).",
    list=Operation(
        summary="List one's groups",
        caller=CLIENT,
        description="By gid.",
        reply=GroupsReply,
        reply_example={"groups": [SHOWN]},
    ),
    create=Operation(
        summary="Create a group of one's own",
        caller=CLIENT,
        description="Its owner is whoever creates it.",
        status=201,
        body=OwnGroupIn,
        reply=GroupReply,
        raises=(NO_SUCH_USER, GROUP_FULL, TOO_MANY_GROUPS),
        examples=(Said("a group of two", {"name": "jpush", "members_username": ["dev_javen"]}),),
        reply_example=SHOWN,
    ),
    retrieve=Operation(
        summary="Show a group one may see",
        caller=CLIENT,
        reply=GroupReply,
        parameters=(GID,),
        raises=(NO_SUCH_GROUP,),
        reply_example=SHOWN,
    ),
    members=Operation(
        summary="List the members of a group one may see",
        caller=CLIENT,
        description="The owner first, the others as they came.",
        reply=MembersReply,
        parameters=(GID,),
        raises=(NO_SUCH_GROUP,),
        reply_example={"members": [{**member, "appkey": SHOWN["appkey"]} for member in MEMBERS]},
    ),
    update=Operation(
        summary="Change one's own group",
        caller=CLIENT,
        description="Sets the fields given and no others, and tells the members.",
        status=204,
        body=GroupChangesIn,
        parameters=(GID,),
        raises=_OWNERS_ERRORS,
        examples=(Said("a name", {"name": "jpush"}),),
    ),
    destroy=Operation(
        summary="Dissolve one's own group",
        caller=CLIENT,
        description="Its members are told, and can still read what was said.",
        status=204,
        parameters=(GID,),
        raises=_OWNERS_ERRORS,
    ),
    change_members=Operation(
        summary="Add to one's own group and remove from it",
        caller=CLIENT,
        description="All of it or nothing. The owner can't be removed, nor a name be in both lists.",
        status=204,
        body=MemberChangesIn,
        parameters=(GID,),
        raises=(
            *_OWNERS_ERRORS,
            NO_SUCH_USER,
            ALREADY_MEMBER,
            GROUP_FULL,
            TOO_MANY_GROUPS,
            NOT_A_MEMBER,
        ),
        examples=(Said("one comes", {"add": ["dev_javen"]}),),
    ),
    silence=Operation(
        summary="Silence members of one's own group, or let them speak again",
        caller=CLIENT,
        description="1 to 500, all of them or none. Not oneself. The group is told.",
        status=204,
        body=Like(Username, at_most=500),
        parameters=(GID, STATUS),
        raises=(*_OWNERS_ERRORS, NO_SUCH_USER, NOT_A_MEMBER),
        examples=(Said("one member", ["dev_javen"]),),
    ),
    join=Operation(
        summary="Join a public group",
        caller=CLIENT,
        status=204,
        parameters=(GID,),
        raises=(
            NO_SUCH_GROUP,
            NO_SUCH_USER,
            GROUP_NOT_PUBLIC,
            ALREADY_MEMBER,
            GROUP_FULL,
            TOO_MANY_GROUPS,
        ),
    ),
    leave=Operation(
        summary="Leave a group",
        caller=CLIENT,
        description="The owner hands it on or dissolves it first.",
        status=204,
        parameters=(GID,),
        raises=(NO_SUCH_GROUP, NOT_A_MEMBER),
    ),
)
