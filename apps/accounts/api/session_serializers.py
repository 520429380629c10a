"""Sessions, devices and online states on the wire."""

from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta
from rest_framework import serializers

from apps.accounts.api.serializers import RegistrationIn, UsernameField, UserReply
from apps.accounts.models import Platform
from apps.core.api.fields import ByteLengthField

Milliseconds = Annotated[int, Meta(description="In milliseconds since 1970.")]
PlatformLetter = Annotated[
    str, Meta(pattern="^[aijw]$", description="a Android, i iOS, j JavaScript, w Windows.")
]


class MintedSessionIn(serializers.Serializer[dict[str, Any]]):
    """The device a session is for."""

    platform = serializers.ChoiceField(choices=Platform.choices)
    device_id = ByteLengthField(
        max_bytes=128,
        required=False,
        default="",
        help_text="The device's own name: one session for each on a platform.",
    )


class LoginIn(MintedSessionIn):
    """Who logs in, to which app, on what."""

    appkey = ByteLengthField(max_bytes=64)
    username = ByteLengthField(max_bytes=128)
    password = ByteLengthField(max_bytes=128)


class ClientRegistrationIn(RegistrationIn):
    """A user who registers themselves."""

    appkey = ByteLengthField(max_bytes=64)
    username = UsernameField()


class OwnPasswordIn(serializers.Serializer[dict[str, Any]]):
    """The password before, and the new one."""

    old_password = ByteLengthField(max_bytes=128)
    new_password = ByteLengthField(min_bytes=4, max_bytes=128)


class OpenedSessionReply(TypedDict):
    """A session just opened or renewed."""

    token: Annotated[str, Meta(description="Shown only now: `Authorization: Bearer <token>`.")]
    session_id: int
    expires_at: Milliseconds
    user: UserReply


class SessionReply(TypedDict):
    """A user's log-in on one device."""

    session_id: int
    platform: PlatformLetter
    device_id: str
    created_at: Milliseconds
    last_seen_at: Milliseconds
    expires_at: Milliseconds
    current: Annotated[bool, Meta(description="Whether it is the one that asks.")]
    online: Annotated[bool, Meta(description="Whether it is connected now.")]


class SessionsReply(TypedDict):
    """A user's log-ins, the newest first."""

    sessions: list[SessionReply]


class StateReply(TypedDict):
    """Whether a user is logged in, and connected, on any device."""

    login: bool
    online: bool


class DeviceReply(TypedDict):
    """A platform on which a user has logged in."""

    login: bool
    online: bool
    platform: PlatformLetter


class UserDevicesReply(TypedDict):
    """The devices of a user; none if they never logged in."""

    username: str
    devices: list[DeviceReply]


class KnownUserDevicesReply(UserDevicesReply):
    """The same, of a name that need not be a user's."""

    statuscode: Annotated[int, Meta(ge=0, le=1, description="0: a user; 1: nobody.")]
    statusmsg: NotRequired[Annotated[str, Meta(pattern="^no_exist$")]]


class SwitchReply(TypedDict):
    """A switch."""

    status: Annotated[int, Meta(ge=0, le=1, description="1: on; 0: off.")]
