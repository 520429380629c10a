"""Where the 2015-02 draft's users differ from v1's, and where v1 leaves out what only the draft had."""

from typing import Any

from apps.core.api.dialects import Difference, draft_2015, v1


def _draft_user(reply: dict[str, Any]) -> dict[str, Any]:
    """The draft says `user_name` when it shows a user, and `username` when it registers one: give both."""
    return {"user_name": reply["username"], **reply}


def _draft_page(reply: dict[str, Any]) -> dict[str, Any]:
    return {**reply, "users": [_draft_user(user) for user in reply["users"]]}


def _without_star(reply: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reply.items() if name != "star"}


def _page_without_star(reply: dict[str, Any]) -> dict[str, Any]:
    return {**reply, "users": [_without_star(user) for user in reply["users"]]}


def _ignoring_star(body: Any) -> Any:
    return _without_star(body) if isinstance(body, dict) else body


def _rows_ignoring_star(body: Any) -> Any:
    return [_ignoring_star(row) for row in body] if isinstance(body, list) else body


def _empty_object(body: Any) -> dict[str, Any]:
    """The draft answers 200 where v1 answers 204; a body lets its clients parse one."""
    return {}


draft_2015.operations.update(
    {
        "users.retrieve": Difference(outbound=_draft_user),
        "users.list": Difference(outbound=_draft_page),
        "users.update": Difference(outbound=_empty_object, status=200),
        "users.destroy": Difference(outbound=_empty_object, status=200),
        "users.destroy_many": Difference(outbound=_empty_object),
        "users.set_password": Difference(outbound=_empty_object, status=200),
    }
)
v1.operations.update(
    {
        "users.create": Difference(inbound=_rows_ignoring_star),
        "users.retrieve": Difference(outbound=_without_star),
        "users.list": Difference(outbound=_page_without_star),
        "users.update": Difference(inbound=_ignoring_star),
        "admins.create": Difference(inbound=_ignoring_star),
        "admins.list": Difference(outbound=_page_without_star),
    }
)
