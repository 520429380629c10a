"""Friends and blacklists across apps, over HTTP."""

from collections.abc import Sequence

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.cross_schemas import cross_blacklist_schema, cross_friends_schema
from apps.accounts.api.cross_serializers import (
    CrossFriendsIn,
    CrossNamesIn,
    CrossNoteIn,
    cross_user_reply,
)
from apps.accounts.services.across import (
    Named,
    block_across,
    note_friends_across,
    unblock_across,
)
from apps.accounts.services.friends import Note, add_friends, remove_friends
from apps.core.api.cross import NAMES_AT_MOST, CrossViewSet, names_in
from apps.core.api.viewsets import usernames
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App


class CrossRelationViewSet(CrossViewSet):
    """Base of what concerns a user and those of other apps: the bodies."""

    def named(self) -> Sequence[Named]:
        """The body as users of several apps, 1 to 500 in all."""
        rows = self.rows(CrossNamesIn)
        names = names_in(rows, "usernames", NAMES_AT_MOST)
        for place, some in enumerate(names):
            if not some:
                raise ImError(PARAMETER_INVALID, f"body[{place}].usernames: must name a user")
        apps = self.apps_of(rows)
        return [Named(app=app, usernames=some) for app, some in zip(apps, names, strict=True)]

    def friends(self) -> tuple[App, list[str]]:
        """The body as 1 to 500 users of one app."""
        data = self.parse(CrossFriendsIn)
        names = usernames(data["users"], "users")
        if not 1 <= len(names) <= NAMES_AT_MOST:
            raise ImError(PARAMETER_INVALID, f"users: must have 1 to {NAMES_AT_MOST}")
        key = data["appkey"]
        return self.app.reach([key])[key], names

    def notes(self) -> list[tuple[App, Note]]:
        """The body as 1 to 500 notes, each of another friend."""
        rows = self.rows(CrossNoteIn)
        if len({(row["appkey"], row["username"]) for row in rows}) != len(rows):
            raise ImError(PARAMETER_INVALID, "body: names a user twice")
        apps = self.app.reach([row["appkey"] for row in rows])
        return [(apps[row.pop("appkey")], Note(**row)) for row in rows]


@cross_blacklist_schema
class CrossBlacklistViewSet(CrossRelationViewSet):
    """`/v1/cross/users/{username}/blacklist`."""

    operation_group = "cross_blacklist"

    def list(self, request: Request, username: str) -> Response:
        """The blocked, of whichever app, in the order of blocking."""
        blocks = self.app.users.by_username(username).blocks.in_list_order()
        blocked = [block.blocked for block in blocks.select_related("blocked__app")]
        return self.reply([cross_user_reply(self.app, user) for user in blocked])

    def add(self, request: Request, username: str) -> Response:
        """Block users of other apps, 1 to 500 in all: all or none."""
        named = self.named()
        owner = self.app.users.by_username(username)
        block_across(app=self.app, owner=owner, named=named)
        return self.reply(status=204)

    def remove(self, request: Request, username: str) -> Response:
        """Unblock users of other apps, 1 to 500 in all: all or none."""
        named = self.named()
        owner = self.app.users.by_username(username)
        unblock_across(app=self.app, owner=owner, named=named)
        return self.reply(status=204)


@cross_friends_schema
class CrossFriendViewSet(CrossRelationViewSet):
    """`/v1/cross/users/{username}/friends`. The plain call lists friends of whichever app."""

    operation_group = "cross_friends"

    def add(self, request: Request, username: str) -> Response:
        """Add 1 to 500 friends of another app: all or none."""
        of, names = self.friends()
        owner = self.app.users.by_username(username)
        add_friends(app=self.app, owner=owner, usernames=names, of=of)
        return self.reply(status=201)

    def remove(self, request: Request, username: str) -> Response:
        """Remove 1 to 500 friends of another app."""
        of, names = self.friends()
        owner = self.app.users.by_username(username)
        remove_friends(app=self.app, owner=owner, usernames=names, of=of)
        return self.reply(status=204)

    def note(self, request: Request, username: str) -> Response:
        """Write down notes of 1 to 500 friends of other apps: all or none."""
        notes = self.notes()
        owner = self.app.users.by_username(username)
        note_friends_across(app=self.app, owner=owner, notes=notes)
        return self.reply(status=204)
