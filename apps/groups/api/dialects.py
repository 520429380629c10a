"""Where the 2015-02 draft's groups differ from v1's."""

from typing import Any

from apps.core.api.cross import with_appkey
from apps.core.api.dialects import Difference, draft_2015, empty_object, v1
from apps.groups.api.serializers import DraftMemberReply, MemberReply

OLDER_NAMES = {"group_name": "name", "group_desc": "desc"}


def _older_names(body: Any) -> Any:
    """The draft's sister pages say `group_name` and `group_desc`; where both stand, the final one wins."""
    if not isinstance(body, dict):
        return body
    renamed = {OLDER_NAMES.get(name, name): value for name, value in body.items()}
    return {**renamed, **{name: body[name] for name in OLDER_NAMES.values() if name in body}}


def _additions(body: Any) -> Any:
    """The draft's POST may carry the bare array of those to add."""
    return {"add": body} if isinstance(body, list) else body


def _removals(body: Any) -> Any:
    """The draft's DELETE carries the bare array of those to remove."""
    return {"remove": body} if isinstance(body, list) else body


def _draft_members(reply: list[MemberReply]) -> list[DraftMemberReply]:
    return [{"user_name": member["username"], **member} for member in reply]


v1.operations["groups.transfer"] = Difference(inbound=with_appkey)
draft_2015.operations.update(
    {
        "groups.create": Difference(inbound=_older_names),
        "groups.update": Difference(inbound=_older_names, outbound=empty_object, status=200),
        "groups.destroy": Difference(outbound=empty_object, status=200),
        "groups.transfer": Difference(inbound=with_appkey, outbound=empty_object, status=200),
        "group_members.list": Difference(outbound=_draft_members),
        "group_members.change": Difference(inbound=_additions, outbound=empty_object, status=200),
        "group_members.remove": Difference(inbound=_removals, outbound=empty_object),
    }
)
v1.lacks.add("group_members.remove")
