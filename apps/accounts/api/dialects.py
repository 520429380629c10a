"""Where the 2015-02 draft's users differ from v1's, and where v1 leaves out what only the draft had."""

from typing import Any, cast

from apps.accounts.api.serializers import (
    DraftFriendReply,
    DraftUserPageReply,
    DraftUserReply,
    FriendReply,
    StarredFriendReply,
    StarredUserPageReply,
    StarredUserReply,
    UserPageReply,
    UserReply,
)
from apps.core.api.dialects import Difference, draft_2015, empty_object, v1


def _draft_user(reply: StarredUserReply) -> DraftUserReply:
    """The draft says `user_name` when it shows a user, and `username` when it registers one: give both."""
    return {"user_name": reply["username"], **reply}


def _draft_page(reply: StarredUserPageReply) -> DraftUserPageReply:
    return {
        "total": reply["total"],
        "start": reply["start"],
        "count": reply["count"],
        "users": [_draft_user(user) for user in reply["users"]],
    }


def _final_user(reply: StarredUserReply) -> UserReply:
    return cast("UserReply", _without_star(reply))


def _final_page(reply: StarredUserPageReply) -> UserPageReply:
    return {
        "total": reply["total"],
        "start": reply["start"],
        "count": reply["count"],
        "users": [_final_user(user) for user in reply["users"]],
    }


def _without_star(body: Any) -> Any:
    """Only the draft has it: the final API neither reads nor shows it."""
    if not isinstance(body, dict):
        return body
    return {name: value for name, value in body.items() if name != "star"}


def _rows_without_star(body: Any) -> Any:
    return [_without_star(row) for row in body] if isinstance(body, list) else body


def _draft_users(reply: list[StarredUserReply]) -> list[DraftUserReply]:
    return [_draft_user(user) for user in reply]


def _final_users(reply: list[StarredUserReply]) -> list[UserReply]:
    return [_final_user(user) for user in reply]


def _draft_friends(reply: list[StarredFriendReply]) -> list[DraftFriendReply]:
    return [{"user_name": friend["username"], **friend} for friend in reply]


def _final_friends(reply: list[StarredFriendReply]) -> list[FriendReply]:
    return [cast("FriendReply", _without_star(friend)) for friend in reply]


draft_2015.operations.update(
    {
        "users.retrieve": Difference(outbound=_draft_user),
        "users.list": Difference(outbound=_draft_page),
        "users.update": Difference(outbound=empty_object, status=200),
        "users.destroy": Difference(outbound=empty_object, status=200),
        "users.destroy_many": Difference(outbound=empty_object),
        "users.set_password": Difference(outbound=empty_object, status=200),
        # What the draft has not, its apps get as the final API has it, users shown as the draft shows them.
        "admins.list": Difference(outbound=_draft_page),
        "blacklist.list": Difference(outbound=_draft_users),
        "friends.list": Difference(outbound=_draft_friends),
    }
)
v1.operations.update(
    {
        "users.create": Difference(inbound=_rows_without_star),
        "users.retrieve": Difference(outbound=_final_user),
        "users.list": Difference(outbound=_final_page),
        "users.update": Difference(inbound=_without_star),
        "admins.create": Difference(inbound=_without_star),
        "admins.list": Difference(outbound=_final_page),
        "blacklist.list": Difference(outbound=_final_users),
        "friends.list": Difference(outbound=_final_friends),
    }
)
