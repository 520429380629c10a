"""The message protocol: what a send must carry. Read by msgspec: a send must be cheap."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from apps.core.errors import PARAMETER_INVALID, ImError

Crc = Annotated[int, Meta(ge=0, le=2**32 - 1, description="Unsigned CRC-32 of the bytes.")]
Pixels = Annotated[int, Meta(ge=0, le=2**53, description="In pixels.")]
Size = Annotated[int, Meta(ge=0, le=2**53, description="In bytes.")]
Seconds = Annotated[float, Meta(ge=0, description="In seconds.")]
MediaId = Annotated[str, Meta(min_length=1, max_length=255)]


class Notification(Struct):
    """What a push would show."""

    title: Annotated[str, Meta(max_length=255)] | None = None
    alert: Annotated[str, Meta(max_length=1024)] | None = None


class MessageIn(Struct, kw_only=True):
    """A message to send. `null` counts as absent wherever a field is optional."""

    version: Annotated[int, Meta(ge=1, le=1)]
    target_type: str
    target_id: str | int
    from_type: str
    from_id: str | int
    msg_type: str
    msg_body: dict[str, Any]
    target_name: Annotated[str, Meta(max_length=250)] | None = None
    from_name: Annotated[str, Meta(max_length=250)] | None = None
    target_appkey: str | None = None
    create_time: Annotated[str, Meta(max_length=64)] | int | float | None = None
    no_offline: bool | None = None
    no_notification: bool | None = None
    notification: Notification | None = None
    client_msg_id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


class TextBody(Struct):
    """`text`."""

    text: str
    extras: dict[str, Any] | None = None


class Thumb(Struct, kw_only=True):  # an image message says the same of its image
    """The still image of a video."""

    media_id: MediaId
    media_crc32: Crc
    width: Pixels
    height: Pixels
    fsize: Size
    format: str | None = None
    hash: str | None = None


class ImageBody(Thumb, kw_only=True):
    """`image`."""

    img_link: str | None = None
    extras: dict[str, Any] | None = None


class VoiceBody(Struct, kw_only=True):
    """`voice`."""

    media_id: MediaId
    media_crc32: Crc
    duration: Seconds
    fsize: Size
    format: str | None = None
    hash: str | None = None
    extras: dict[str, Any] | None = None


class Clip(Struct, kw_only=True):  # a file message says the same of its file
    """The `video` of a video."""

    media_id: MediaId
    media_crc32: Crc
    fsize: Size
    fname: str
    format: str | None = None
    hash: str | None = None


class FileBody(Clip, kw_only=True):
    """`file`."""

    extras: dict[str, Any] | None = None


class VideoBody(Struct, kw_only=True):
    """`video`."""

    video: Clip
    duration: Seconds
    thumb: Thumb | None = None
    extras: dict[str, Any] | None = None


class LocationBody(Struct, kw_only=True):
    """`location`, in degrees; `scale` is that of the map."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    scale: float
    label: str
    extras: dict[str, Any] | None = None


class AnyBody(Struct):
    """A body that is the app's own affair."""


class DraftImageBody(Struct, kw_only=True):
    """`image` as the draft has it: without a size."""

    media_id: MediaId
    media_crc32: Crc
    width: Pixels
    height: Pixels
    fsize: Size | None = None
    format: str | None = None
    img_link: str | None = None
    extras: dict[str, Any] | None = None


class DraftVoiceBody(Struct, kw_only=True):
    """`voice` as the draft has it: with a format and without a size."""

    media_id: MediaId
    media_crc32: Crc
    duration: Seconds
    format: str
    fsize: Size | None = None
    extras: dict[str, Any] | None = None


Shape = TypeVar("Shape")

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")


def read(
    shape: type[Shape], value: Any, within: str = "", names: Mapping[str, str] | None = None
) -> Shape:
    """The value as that shape; PARAMETER_INVALID names the first field that is wrong.

    `within` is the path that leads to the value; `names` are what a dialect calls some of the fields.
    """
    try:
        return msgspec.convert(value, shape, strict=True)
    except msgspec.ValidationError as error:
        raise ImError(PARAMETER_INVALID, _explain(str(error), within, names or {})) from None


def _explain(text: str, within: str, names: Mapping[str, str]) -> str:
    found = _PLACE.match(text)
    what, place = (found["what"], found["path"] or "") if found else (text, "")
    missing = _MISSING.match(what)
    steps = [*place.strip(".").split("."), missing["field"] if missing else ""]
    path = ".".join(filter(None, [within, *(names.get(step, step) for step in steps)]))
    if missing:
        return f"{path}: is required"
    return f"{path or 'body'}: {what[0].lower()}{what[1:]}"
