"""Friends and blacklists over HTTP."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.relation_schemas import blacklist_schema, friends_schema
from apps.accounts.api.serializers import NoteIn, friend_reply, user_reply
from apps.accounts.services.blocks import block_users, unblock_users
from apps.accounts.services.friends import Note, add_friends, note_friends, remove_friends
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import CROSS_APP_NEEDED, PARAMETER_INVALID, ImError

AT_ONCE = 500
"""Users named in one call, at most."""


@blacklist_schema
class BlacklistViewSet(ImViewSet):
    """`/v1/users/{username}/blacklist`: whose single messages a user refuses."""

    operation_group = "blacklist"

    def list(self, request: Request, username: str) -> Response:
        """The blocked, in the order of blocking."""
        blocks = list(self.app.users.by_username(username).blocks.in_list_order())
        if any(block.blocked.app_id != self.app.pk for block in blocks):
            raise ImError(CROSS_APP_NEEDED)
        return self.reply([user_reply(self.app, block.blocked) for block in blocks])

    def add(self, request: Request, username: str) -> Response:
        """Block 1 to 500 users: all or none."""
        names = self.parse_usernames(at_most=AT_ONCE)
        owner = self.app.users.by_username(username)
        block_users(app=self.app, owner=owner, usernames=names)
        return self.reply(status=204)

    def remove(self, request: Request, username: str) -> Response:
        """Unblock 1 to 500 users: all or none."""
        names = self.parse_usernames(at_most=AT_ONCE)
        owner = self.app.users.by_username(username)
        unblock_users(app=self.app, owner=owner, usernames=names)
        return self.reply(status=204)


@friends_schema
class FriendViewSet(ImViewSet):
    """`/v1/users/{username}/friends`: who is on a user's list, as the user is on theirs."""

    operation_group = "friends"

    def list(self, request: Request, username: str) -> Response:
        """The friends with their notes, in the order in which they were added."""
        friendships = self.app.users.by_username(username).friendships.in_list_order()
        return self.reply([friend_reply(self.app, one) for one in friendships])

    def add(self, request: Request, username: str) -> Response:
        """Add 1 to 500 friends: all or none."""
        names = self.parse_usernames(at_most=AT_ONCE)
        owner = self.app.users.by_username(username)
        add_friends(app=self.app, owner=owner, usernames=names)
        return self.reply(status=201)

    def remove(self, request: Request, username: str) -> Response:
        """Remove 1 to 500 friends."""
        names = self.parse_usernames(at_most=AT_ONCE)
        owner = self.app.users.by_username(username)
        remove_friends(app=self.app, owner=owner, usernames=names)
        return self.reply(status=204)

    def note(self, request: Request, username: str) -> Response:
        """Write down notes of 1 to 500 friends: all or none."""
        notes = parse_notes(self)
        owner = self.app.users.by_username(username)
        note_friends(app=self.app, owner=owner, notes=notes)
        return self.reply(status=204)


def parse_notes(view: ImViewSet) -> list[Note]:
    """The body as an array of 1 to 500 notes, each of another friend."""
    rows = view.parse_list(of="notes", at_most=AT_ONCE)
    notes = [Note(**view.check(NoteIn, row, f"body[{place}]")) for place, row in enumerate(rows)]
    if len({note.username for note in notes}) != len(notes):
        raise ImError(PARAMETER_INVALID, "body: names a user twice")
    return notes
