"""Where the 2015-02 draft's groups differ from v1's."""

from typing import Any

from apps.core.api.dialects import Difference, draft_2015, v1

_OLDER_NAMES = {"group_name": "name", "group_desc": "desc"}


def _older_names(body: Any) -> Any:
    """The draft's sister pages say `group_name` and `group_desc`; where both stand, the final one wins."""
    if not isinstance(body, dict):
        return body
    renamed = {_OLDER_NAMES.get(name, name): value for name, value in body.items()}
    return {**renamed, **{name: body[name] for name in _OLDER_NAMES.values() if name in body}}


def _additions(body: Any) -> Any:
    """The draft's POST may carry the bare array of those to add."""
    return {"add": body} if isinstance(body, list) else body


def _removals(body: Any) -> Any:
    """The draft's DELETE carries the bare array of those to remove."""
    return {"remove": body} if isinstance(body, list) else body


def _draft_member(reply: dict[str, Any]) -> dict[str, Any]:
    return {"user_name": reply["username"], **reply}


def _draft_members(reply: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_draft_member(member) for member in reply]


def _empty_object(body: Any) -> dict[str, Any]:
    """The draft answers 200 where v1 answers 204; a body lets its clients parse one."""
    return {}


draft_2015.operations.update(
    {
        "groups.create": Difference(inbound=_older_names),
        "groups.update": Difference(inbound=_older_names, outbound=_empty_object, status=200),
        "groups.destroy": Difference(outbound=_empty_object, status=200),
        "group_members.list": Difference(outbound=_draft_members),
        "group_members.change": Difference(inbound=_additions, outbound=_empty_object, status=200),
        "group_members.remove": Difference(inbound=_removals, outbound=_empty_object),
    }
)
v1.lacks.add("group_members.remove")
