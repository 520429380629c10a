"""One's friends and blacklist across apps, and which apps there are to meet, over the client API."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.clients import UserClientViewSet
from apps.accounts.api.cross import CrossRelationViewSet
from apps.accounts.api.cross_schemas import (
    client_apps_schema,
    client_cross_blocks_schema,
    client_cross_friends_schema,
)
from apps.accounts.api.cross_serializers import client_app
from apps.accounts.services.across import block_across, note_friends_across, unblock_across
from apps.accounts.services.friends import add_friends, remove_friends
from apps.core.models import App


@client_apps_schema
class ClientAppViewSet(UserClientViewSet):
    """`/client/v1/apps`."""

    operation_group = "client_apps"

    def list(self, request: Request) -> Response:
        """One's own app, and then those whose users one may meet."""
        others = App.objects.met_by(self.app)  # tenant-free: those that the tenant has to do with
        shown = [client_app(self.app, reached=True)]
        shown += [client_app(app, reached=getattr(app, "reached")) for app in others]  # noqa: B009 annotated
        return self.reply({"apps": shown})


@client_cross_friends_schema
class ClientCrossFriendViewSet(CrossRelationViewSet, UserClientViewSet):
    """`/client/v1/cross/friends`. The plain call lists friends of whichever app."""

    operation_group = "client_cross_friends"

    def add(self, request: Request) -> Response:
        """Add 1 to 500 of another app: all or none."""
        of, names = self.friends()
        add_friends(app=self.app, owner=self.user, usernames=names, of=of, by_owner=True)
        return self.reply(status=201)

    def remove(self, request: Request) -> Response:
        """Remove 1 to 500 of another app."""
        of, names = self.friends()
        remove_friends(app=self.app, owner=self.user, usernames=names, of=of, by_owner=True)
        return self.reply(status=204)

    def note(self, request: Request) -> Response:
        """Write down notes of 1 to 500 of other apps: all or none."""
        note_friends_across(app=self.app, owner=self.user, notes=self.notes())
        return self.reply(status=204)


@client_cross_blocks_schema
class ClientCrossBlockViewSet(CrossRelationViewSet, UserClientViewSet):
    """`/client/v1/cross/blocks`. The plain call lists the blocked of whichever app."""

    operation_group = "client_cross_blocks"

    def add(self, request: Request) -> Response:
        """Block users of other apps, 1 to 500 in all: all or none."""
        block_across(app=self.app, owner=self.user, named=self.named())
        return self.reply(status=204)

    def remove(self, request: Request) -> Response:
        """Unblock users of other apps, 1 to 500 in all: all or none."""
        unblock_across(app=self.app, owner=self.user, named=self.named())
        return self.reply(status=204)
