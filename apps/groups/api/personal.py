"""What may disturb a user, and which groups they shield, over HTTP: for the app's server and for users."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.clients import UserClientViewSet, client_user
from apps.core.api import json_body
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.groups.api.personal_schemas import (
    client_no_disturb_schema,
    client_shields_schema,
    no_disturb_schema,
    shields_schema,
)
from apps.groups.api.personal_shapes import parse_gids, parse_no_disturb, parse_pair
from apps.groups.services.no_disturb import change_no_disturb
from apps.groups.services.shields import change_shields


@no_disturb_schema
class NoDisturbViewSet(ImViewSet):
    """`/v1/users/{username}/nodisturb`."""

    operation_group = "no_disturb"

    def change(self, request: Request, username: str) -> Response:
        """Set whose messages shall not disturb a user: all of it or nothing."""
        changes = parse_no_disturb(self.body())
        user = self.app.users.by_username(username)
        if changes is not None:
            change_no_disturb(app=self.app, user=user, changes=changes)
        return self.reply(status=204)


@shields_schema
class ShieldViewSet(ImViewSet):
    """`/v1/users/{username}/groupsShield`."""

    operation_group = "shields"

    def change(self, request: Request, username: str) -> Response:
        """Shield groups and others no longer: all of it or nothing."""
        add, remove = _groups(self)
        user = self.app.users.by_username(username)
        change_shields(app=self.app, user=user, add=add, remove=remove)
        return self.reply(status=204)


@client_no_disturb_schema
class ClientNoDisturbViewSet(UserClientViewSet):
    """`/client/v1/no-disturb`."""

    operation_group = "client_no_disturb"

    def retrieve(self, request: Request) -> Response:
        """Everything that does not disturb one."""
        quiet = self.user.no_disturbs.in_list_order()
        memberships = self.user.memberships.undisturbed().order_by("group")
        reply: dict[str, Any] = {
            "global": int(self.user.no_disturb),
            "single": [client_user(self.app, one.peer) for one in quiet],
            "group": list(memberships.values_list("group", flat=True)),
        }
        return self.reply(reply)

    def change(self, request: Request) -> Response:
        """Set what shall not disturb one: all of it or nothing."""
        changes = parse_no_disturb(self.body())
        if changes is not None:
            change_no_disturb(app=self.app, user=self.user, changes=changes)
        return self.reply(status=204)


@client_shields_schema
class ClientShieldViewSet(UserClientViewSet):
    """`/client/v1/shields`."""

    operation_group = "client_shields"

    def list(self, request: Request) -> Response:
        """The groups one shields."""
        memberships = self.user.memberships.shielding().order_by("group")
        return self.reply({"groups": list(memberships.values_list("group", flat=True))})

    def change(self, request: Request) -> Response:
        """Shield groups and others no longer: all of it or nothing."""
        add, remove = _groups(self)
        change_shields(app=self.app, user=self.user, add=add, remove=remove)
        return self.reply(status=204)


def _groups(view: ImViewSet) -> tuple[list[int], list[int]]:
    body = view.body()
    if body is json_body.ABSENT:
        raise ImError(PARAMETER_INVALID, "body: is required")
    return parse_pair(body, "", parse_gids)
