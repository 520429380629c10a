"""Users on the wire."""

import json
import re
from typing import Annotated, Any, NotRequired, TypedDict, cast

from drf_spectacular.utils import extend_schema_field
from msgspec import Meta
from rest_framework import serializers

from apps.accounts.models import Friendship, Gender, User
from apps.core.api import wire_time
from apps.core.api.exceptions import ErrorBody
from apps.core.api.fields import ByteLengthField, DayField, StrictIntegerField
from apps.core.api.pagination import Count, Start, Total
from apps.core.models import App

_EXTRAS_MAX_BYTES = 512

Birthday = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d{2}-\d{2} 00:00:00$",
        description="`yyyy-MM-dd 00:00:00`.",
        examples=["1990-01-24 00:00:00"],
    ),
]
GenderNumber = Annotated[int, Meta(ge=0, le=2, description="0 unknown, 1 male, 2 female.")]
Star = Annotated[int, Meta(description="A number of the app's own.")]
_NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9_.@-]*\Z")


class UsernameField(ByteLengthField):
    """4 to 128 bytes: a letter or digit, then letters, digits and `_ . @ -`."""

    pattern = "^[A-Za-z0-9][A-Za-z0-9_.@-]*$"
    ascii_only = True
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


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": True,
        "description": "What the app keeps with the user: at most 512 bytes of compact JSON.",
    }
)
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


class NoteIn(serializers.Serializer[dict[str, Any]]):
    """What a user writes down about a friend. An empty text takes a note back."""

    username = ByteLengthField(max_bytes=128)
    note_name = ByteLengthField(max_bytes=64, single_line=True, required=False)
    others = ByteLengthField(max_bytes=250, required=False)


class RegisteredReply(TypedDict):
    """What became of one row of a registration: without `error`, it succeeded."""

    username: NotRequired[Annotated[str, Meta(description="As sent; left out if none was.")]]
    error: NotRequired[ErrorBody]


class ProfileReply(TypedDict):
    """A user without times. What was never set is left out."""

    username: str
    nickname: NotRequired[str]
    avatar: NotRequired[Annotated[str, Meta(description="A media id.")]]
    birthday: NotRequired[Birthday]
    gender: NotRequired[GenderNumber]
    signature: NotRequired[str]
    region: NotRequired[str]
    address: NotRequired[str]
    extras: NotRequired[dict[str, Any]]


class UserReply(ProfileReply):
    """A user. What was never set is left out."""

    mtime: wire_time.WireTime
    ctime: wire_time.WireTime


class SeenUserReply(UserReply):
    """A user as another one sees them."""

    appkey: NotRequired[
        Annotated[str, Meta(description="There for a user of another app than one's own: its key.")]
    ]


class StarredUserReply(UserReply):
    """A user before a dialect takes out or renames what is not its own."""

    star: Star


class DraftUserReply(StarredUserReply):
    """A user as the 2015-02 draft shows one. What was never set is left out."""

    user_name: Annotated[str, Meta(description="The draft's word for `username`.")]


class Notes(TypedDict):
    """What a user has written down about a friend, and whose user that is. An empty note is left out."""

    note_name: NotRequired[str]
    others: NotRequired[str]
    appkey: Annotated[str, Meta(description="The key of the friend's app.")]


class FriendReply(UserReply, Notes):
    """A friend."""


class StarredFriendReply(StarredUserReply, Notes):
    """A friend before a dialect takes out or renames what is not its own."""


class DraftFriendReply(DraftUserReply, Notes):
    """A friend as the 2015-02 draft shows a user."""


class UserPageReply(TypedDict):
    """A page of users."""

    total: Total
    start: Start
    count: Count
    users: list[UserReply]


class StarredUserPageReply(TypedDict):
    """A page of users before a dialect takes out or renames what is not its own."""

    total: Total
    start: Start
    count: Count
    users: list[StarredUserReply]


class DraftUserPageReply(TypedDict):
    """A page of users as the 2015-02 draft shows them."""

    total: Total
    start: Start
    count: Count
    users: list[DraftUserReply]


_TEXTS = ("nickname", "avatar", "signature", "region", "address")


def user_reply(app: App, user: User) -> StarredUserReply:
    """Render a user. `star` goes out to draft apps alone."""
    reply: dict[str, Any] = {"username": user.username}
    for name in _TEXTS:
        if text := getattr(user, name):
            reply[name] = text
    if user.birthday is not None:
        reply["birthday"] = f"{user.birthday.isoformat()} 00:00:00"
    if user.gender is not None:
        reply["gender"] = user.gender
    if user.extras is not None:
        reply["extras"] = user.extras
    reply["star"] = user.star
    reply["mtime"] = wire_time.in_zone(app, user.updated_at)
    reply["ctime"] = wire_time.in_zone(app, user.created_at)
    return cast("StarredUserReply", reply)


def friend_reply(app: App, friendship: Friendship) -> StarredFriendReply:
    """Render a side of a friendship whose friend is loaded, with the friend's app."""
    reply: dict[str, Any] = dict(user_reply(app, friendship.friend))
    if friendship.note_name:
        reply["note_name"] = friendship.note_name
    if friendship.others:
        reply["others"] = friendship.others
    reply["appkey"] = friendship.friend.app.app_key
    return cast("StarredFriendReply", reply)
