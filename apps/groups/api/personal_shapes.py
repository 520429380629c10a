"""What a member sets for themselves, on the wire: what may disturb them, and which groups they shield."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, NotRequired, TypedDict, TypeVar

from msgspec import Meta

from apps.accounts.api.serializers import SeenUserReply
from apps.core.api import json_body
from apps.core.api.viewsets import usernames
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.groups.api.serializers import Gid
from apps.groups.services.no_disturb import NoDisturbChanges

_AT_MOST = 500
Item = TypeVar("Item", str, int)

Names = Annotated[list[Annotated[str, Meta(max_length=128)]], Meta(max_length=_AT_MOST)]
Gids = Annotated[list[Gid], Meta(max_length=_AT_MOST)]
Switch = Annotated[int, Meta(ge=0, le=1, description="1: nothing disturbs; 0: things do again.")]


class QuietUsersIn(TypedDict):
    """Whose single messages shall not disturb from now on, and whose may again. At least one in all."""

    add: NotRequired[Names]
    remove: NotRequired[Names]


class GidsIn(TypedDict):
    """Groups to add to a setting, and groups to remove from it. At least one in all."""

    add: NotRequired[Gids]
    remove: NotRequired[Gids]


NoDisturbIn = TypedDict(
    "NoDisturbIn",
    {
        "single": NotRequired[QuietUsersIn],
        "group": NotRequired[GidsIn],
        "global": NotRequired[Switch],
    },
)
"""What is to change. An object without any of the three changes nothing: a known client sends one."""


class CrossNoDisturbIn(TypedDict):
    """What is to change about the users and groups of one app, at least one of the two."""

    appkey: str
    single: NotRequired[QuietUsersIn]
    group: NotRequired[GidsIn]


NoDisturbReply = TypedDict(
    "NoDisturbReply", {"global": Switch, "single": list[SeenUserReply], "group": list[Gid]}
)
"""Whose single messages and which groups do not disturb, and whether nothing does."""


class ShieldsReply(TypedDict):
    """The groups one shields."""

    groups: list[Gid]


def parse_gids(value: Any, name: str) -> list[int]:
    """A JSON array of group numbers, each once; PARAMETER_INVALID names the place."""
    if not isinstance(value, list):
        raise ImError(PARAMETER_INVALID, f"{name}: must be an array of gids")
    for place, gid in enumerate(value):
        if not isinstance(gid, int) or isinstance(gid, bool):
            raise ImError(PARAMETER_INVALID, f"{name}[{place}]: must be a number")
    if len(set(value)) != len(value):
        raise ImError(PARAMETER_INVALID, f"{name}: names a group twice")
    return value


def parse_pair(
    value: Any, name: str, parse: Callable[[Any, str], list[Item]]
) -> tuple[list[Item], list[Item]]:
    """`{"add": […], "remove": […]}`, at least one of them not empty; `null` and `[]` are as if absent.

    Raises PARAMETER_INVALID, also for what is in both.
    """
    if value == []:  # how PHP writes an empty object
        value = {}
    if not isinstance(value, dict):
        raise ImError(PARAMETER_INVALID, f"{name or 'body'}: must be an object")
    prefix = f"{name}." if name else ""
    parts: list[list[Item]] = []
    for member in ("add", "remove"):
        given = value.get(member)
        part = parse([] if given is None else given, f"{prefix}{member}")
        if len(part) > _AT_MOST:
            raise ImError(PARAMETER_INVALID, f"{prefix}{member}: must have at most {_AT_MOST}")
        parts.append(part)
    add, remove = parts
    if not add and not remove:
        raise ImError(PARAMETER_INVALID, f"{prefix}add: or remove must name something")
    if both := set(add) & set(remove):
        raise ImError(PARAMETER_INVALID, f"{prefix}remove: {min(both)} is also to be added")
    return add, remove


def parse_no_disturb(body: Any) -> NoDisturbChanges | None:
    """What a body asks to change; None for an object that asks for nothing. Raises PARAMETER_INVALID."""
    if body is json_body.ABSENT:
        raise ImError(PARAMETER_INVALID, "body: is required")
    if body == []:
        body = {}
    if not isinstance(body, dict):
        raise ImError(PARAMETER_INVALID, "body: must be an object")
    said = {name: value for name, value in body.items() if value is not None}
    names: Sequence[Sequence[str]] = ((), ())
    gids: Sequence[Sequence[int]] = ((), ())
    if "single" in said:
        names = parse_pair(said["single"], "single", usernames)
    if "group" in said:
        gids = parse_pair(said["group"], "group", parse_gids)
    if not said.keys() & {"single", "group", "global"}:
        return None
    return NoDisturbChanges(
        add_usernames=names[0],
        remove_usernames=names[1],
        add_gids=gids[0],
        remove_gids=gids[1],
        everything=_switch(said["global"]) if "global" in said else None,
    )


def parse_cross_no_disturb(row: Any, place: int) -> NoDisturbChanges:
    """As `parse_no_disturb`, for a row of a cross-app call: it has to ask for something, but not `global`."""
    at = f"body[{place}]"
    try:
        changes = parse_no_disturb(row)
    except ImError as error:
        raise ImError(error.code, f"{at}.{error}") from None
    if changes is None:
        raise ImError(PARAMETER_INVALID, f"{at}.single: or group must name something")
    if changes.everything is not None:
        raise ImError(PARAMETER_INVALID, f"{at}.global: is set by the call within the app")
    return changes


def _switch(value: Any) -> bool:
    if not isinstance(value, int) or isinstance(value, bool) or value not in {0, 1}:
        raise ImError(PARAMETER_INVALID, "global: must be 0 or 1")
    return value == 1
