"""Sessions, online state and the registration switch, for the app's own server."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.clients import opened_reply, parse_session_id, session_reply
from apps.accounts.api.schemas import (
    sdk_registration_schema,
    user_sessions_schema,
    user_states_schema,
)
from apps.accounts.api.session_serializers import (
    DeviceReply,
    KnownUserDevicesReply,
    MintedSessionIn,
    UserDevicesReply,
)
from apps.accounts.models import User
from apps.accounts.services.presence import Device, devices_of
from apps.accounts.services.sessions import end_session, end_sessions_of, open_session
from apps.core.api.pagination import boolean
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.services.apps import set_sdk_registration

_STATES_AT_MOST = 500


@user_sessions_schema
class UserSessionViewSet(ImViewSet):
    """`/v1/users/{username}/sessions` (ours)."""

    operation_group = "user_sessions"

    def create(self, request: Request, username: str) -> Response:
        """Log a user in without their password: the app knows who it is."""
        data = self.parse(MintedSessionIn)
        user = self.app.users.by_username(username)
        opened = open_session(app=self.app, user=user, **data)
        return self.reply(opened_reply(self.app, opened), status=201)

    def list(self, request: Request, username: str) -> Response:
        """A user's log-ins, the newest first."""
        sessions = self.app.users.by_username(username).sessions.with_presence().newest_first()
        rows = [
            session_reply(row, current=None, online=getattr(row, "connections_now", 0) > 0)
            for row in sessions
        ]
        return self.reply({"sessions": rows})

    def end_all(self, request: Request, username: str) -> Response:
        """Log a user out everywhere."""
        user = self.app.users.by_username(username)
        end_sessions_of(app=self.app, user_ids=[user.pk])
        return self.reply(status=204)

    def end(self, request: Request, username: str, session_id: str) -> Response:
        """Log one device out."""
        user = self.app.users.by_username(username)
        end_session(app=self.app, user=user, session_id=parse_session_id(session_id))
        return self.reply(status=204)


@user_states_schema
class UserStateViewSet(ImViewSet):
    """`/v1/users/…/userstat` and `/v2/users/statuser`: who is logged in, who is online."""

    operation_group = "user_states"

    def retrieve(self, request: Request, username: str) -> Response:
        """Whether a user has logged in, and is online, on any device."""
        user = self.app.users.by_username(username)
        devices = devices_of(app=self.app, users=[user])[user.pk]
        return self.reply(
            {
                "login": any(device.login for device in devices),
                "online": any(device.online for device in devices),
            }
        )

    def many(self, request: Request) -> Response:
        """The devices of 1 to 500 users; an unknown one fails the call."""
        names = self.parse_usernames(at_most=_STATES_AT_MOST)
        return self.reply(self._states(self.app.users.by_usernames(names)))

    def many_v2(self, request: Request) -> Response:
        """The same; an unknown user is a row that says so."""
        names = self.parse_usernames(at_most=_STATES_AT_MOST)
        known = self.app.users.known_among(names)
        states = {row["username"]: row for row in self._states(known)}
        return self.reply([_known(name, states.get(name)) for name in names])

    def _states(self, users: dict[str, User]) -> list[UserDevicesReply]:
        devices = devices_of(app=self.app, users=list(users.values()))
        return [
            {"username": name, "devices": [_device(device) for device in devices[user.pk]]}
            for name, user in users.items()
        ]


def _known(name: str, state: UserDevicesReply | None) -> KnownUserDevicesReply:
    if state is None:
        return {"username": name, "devices": [], "statuscode": 1, "statusmsg": "no_exist"}
    return {"username": name, "devices": state["devices"], "statuscode": 0}


def _device(device: Device) -> DeviceReply:
    return {"login": device.login, "online": device.online, "platform": device.platform}


@sdk_registration_schema
class SdkRegistrationViewSet(ImViewSet):
    """`/v1/sdkregister/status`: may clients register users by themselves?"""

    operation_group = "sdk_registration"

    def retrieve(self, request: Request) -> Response:
        """1: they may; 0: they may not."""
        return self.reply({"status": int(self.app.as_stored().sdk_registration)})

    def update(self, request: Request) -> Response:
        """Open or close it."""
        if "status" not in self.query:
            raise ImError(PARAMETER_INVALID, "status: is required")
        set_sdk_registration(app=self.app, opened=boolean(self.query, "status"))
        return self.reply(status=204)
