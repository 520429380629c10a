"""Users of several apps on the wire."""

from typing import Annotated, Any, TypedDict, cast

from msgspec import Meta

from apps.accounts.api.serializers import NoteIn, UserReply, user_reply
from apps.accounts.models import User
from apps.core.api.cross import AppKeyIn
from apps.core.api.fields import UsernamesField
from apps.core.models import App


class CrossNamesIn(AppKeyIn):
    """Users of one app, at least one."""

    usernames = UsernamesField()


class CrossFriendsIn(AppKeyIn):
    """Users of one app who are to be friends, or no longer."""

    users = UsernamesField()


class CrossNoteIn(AppKeyIn, NoteIn):
    """What a user writes down about a friend of another app."""


class CrossUserReply(UserReply):
    """A user of whichever app."""

    appkey: Annotated[str, Meta(description="The key of the user's app.")]


def cross_user_reply(app: App, user: User) -> CrossUserReply:
    """Render a user whose app is loaded. Times are in the zone of `app`."""
    shown: dict[str, Any] = dict(user_reply(app, user))
    del shown["star"]
    return cast("CrossUserReply", {**shown, "appkey": user.app.app_key})


class MetAppReply(TypedDict):
    """An app whose users one may meet."""

    appkey: str
    name: str
    reached: Annotated[
        bool,
        Meta(description="Whether one may name its users: write to them, befriend, block them."),
    ]


class MetAppsReply(TypedDict):
    """One's own app first, the others by name."""

    apps: list[MetAppReply]


def client_app(app: App, *, reached: bool) -> MetAppReply:
    """Render an app for users, of whichever."""
    return {"appkey": app.app_key, "name": app.name, "reached": reached}
