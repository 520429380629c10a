"""One's friends over the client API."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.clients import UserClientViewSet
from apps.accounts.api.relation_schemas import client_friends_schema
from apps.accounts.api.relations import AT_ONCE, parse_notes
from apps.accounts.api.serializers import friend_reply
from apps.accounts.models import Friendship
from apps.accounts.services.friends import add_friends, note_friends, remove_friends


@client_friends_schema
class ClientFriendViewSet(UserClientViewSet):
    """`/client/v1/friends`."""

    operation_group = "client_friends"

    def list(self, request: Request) -> Response:
        """One's friends with one's notes."""
        return self.reply([self._friend(one) for one in self.user.friendships.in_list_order()])

    def add(self, request: Request) -> Response:
        """Add 1 to 500: all or none."""
        names = self.parse_usernames(at_most=AT_ONCE)
        add_friends(app=self.app, owner=self.user, usernames=names, by_owner=True)
        return self.reply(status=201)

    def remove(self, request: Request) -> Response:
        """Remove 1 to 500."""
        names = self.parse_usernames(at_most=AT_ONCE)
        remove_friends(app=self.app, owner=self.user, usernames=names, by_owner=True)
        return self.reply(status=204)

    def note(self, request: Request) -> Response:
        """Write down notes of 1 to 500: all or none."""
        note_friends(app=self.app, owner=self.user, notes=parse_notes(self))
        return self.reply(status=204)

    def _friend(self, friendship: Friendship) -> Any:
        shown: dict[str, Any] = dict(friend_reply(self.app, friendship))
        del shown["star"]  # only the draft has it
        return shown
