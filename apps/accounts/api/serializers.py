"""Users on the wire."""

import json
import re
from typing import Any, NotRequired, TypedDict, cast

from rest_framework import serializers

from apps.accounts.models import Gender, User
from apps.core.api import wire_time
from apps.core.api.fields import ByteLengthField, DayField, StrictIntegerField
from apps.core.models import App

_EXTRAS_MAX_BYTES = 512
_NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9_.@-]*\Z")


class UsernameField(ByteLengthField):
    """4 to 128 bytes: a letter or digit, then letters, digits and `_ . @ -`."""

    default_error_messages = {
        "malformed": "must start with a letter or digit and go on with letters, digits, _ . @ -"
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_bytes=4, max_bytes=128, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Check the length, then the characters."""
        name = super().to_internal_value(data)
        if not _NAME.match(name):
            self.fail("malformed")
        return name


class ExtrasField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """A JSON object of at most 512 bytes of compact UTF-8. An empty array is an empty object (PHP)."""

    default_error_messages = {
        "invalid": "must be an object",
        "too_long": "must be at most 512 bytes of JSON in UTF-8",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Check the type and the size."""
        value = {} if data == [] else data
        if not isinstance(value, dict):
            self.fail("invalid")
        compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if len(compact.encode()) > _EXTRAS_MAX_BYTES:
            self.fail("too_long")
        return value

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        """As it is."""
        return value


class ProfileIn(serializers.Serializer[dict[str, Any]]):
    """The fields a user may be given, each optional. `star` is the draft's."""

    nickname = ByteLengthField(max_bytes=64, single_line=True, required=False)
    avatar = ByteLengthField(max_bytes=255, required=False, help_text="A media id.")
    birthday = DayField(required=False)
    gender = StrictIntegerField(
        min_value=Gender.UNKNOWN,
        max_value=Gender.FEMALE,
        required=False,
        help_text="0 unknown, 1 male, 2 female.",
    )
    signature = ByteLengthField(max_bytes=250, required=False)
    region = ByteLengthField(max_bytes=250, required=False)
    address = ByteLengthField(max_bytes=250, required=False)
    star = StrictIntegerField(min_value=-(2**31), max_value=2**31 - 1, required=False)
    extras = ExtrasField(required=False)


class RegistrationIn(ProfileIn):
    """One user to register."""

    username = UsernameField()
    password = ByteLengthField(min_bytes=4, max_bytes=128)


class PasswordIn(serializers.Serializer[dict[str, Any]]):
    """A new password."""

    new_password = ByteLengthField(min_bytes=4, max_bytes=128)


class UserReply(TypedDict):
    """A user; what was never set is left out. Times are in the app's zone, `yyyy-MM-dd HH:mm:ss`."""

    username: str
    nickname: NotRequired[str]
    avatar: NotRequired[str]
    birthday: NotRequired[str]
    gender: NotRequired[int]
    signature: NotRequired[str]
    region: NotRequired[str]
    address: NotRequired[str]
    star: NotRequired[int]
    extras: NotRequired[dict[str, Any]]
    mtime: str
    ctime: str


_TEXTS = ("nickname", "avatar", "signature", "region", "address")


def user_reply(app: App, user: User) -> UserReply:
    """Render a user. `star` goes out to draft apps alone."""
    reply: dict[str, Any] = {"username": user.username}
    for name in _TEXTS:
        if text := getattr(user, name):
            reply[name] = text
    if user.birthday is not None:
        reply["birthday"] = f"{user.birthday:%Y-%m-%d} 00:00:00"
    if user.gender is not None:
        reply["gender"] = user.gender
    if user.extras is not None:
        reply["extras"] = user.extras
    reply["star"] = user.star
    reply["mtime"] = wire_time.in_zone(app, user.updated_at)
    reply["ctime"] = wire_time.in_zone(app, user.created_at)
    return cast("UserReply", reply)
