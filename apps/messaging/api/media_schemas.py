"""OpenAPI of media, and what is answered."""

from typing import Annotated, TypedDict

from drf_spectacular.utils import OpenApiParameter
from msgspec import Meta

from apps.core.api.operations import CLIENT, Multipart, Operation, documented
from apps.core.errors import UPLOADING_TOO_FAST
from apps.messaging.models import MediaKind
from apps.messaging.shapes import Crc, Pixels, Size

Hash = Annotated[str, Meta(description="SHA-256 of the bytes, in hexadecimal digits.")]
Address = Annotated[str, Meta(description="Good for an hour, unless the server says otherwise.")]


class ImageReply(TypedDict):
    """An image, as the body of an image message wants it."""

    media_id: str
    media_crc32: Crc
    width: Pixels
    height: Pixels
    format: str
    fsize: Size
    hash: Hash


class FileReply(TypedDict):
    """A file, as the body of a file message wants it."""

    media_id: str
    media_crc32: Crc
    fname: str
    fsize: Size
    hash: Hash


class VoiceReply(TypedDict):
    """A sound, as the body of a voice message wants it but for its duration, which its sender knows."""

    media_id: str
    media_crc32: Crc
    hash: Hash
    format: str
    fsize: Size


MediaReply = ImageReply | FileReply | VoiceReply


class LinkReply(TypedDict):
    """Where the bytes are."""

    url: Address


_TYPE = OpenApiParameter(
    "type",
    {"type": "string", "enum": list(MediaKind.values)},
    required=True,
    description="What the file is uploaded as.",
)
_UPLOADING = (
    "The first file of the body counts, whatever its part is called; of its name, what follows the last "
    "slash. At most 8 MB, unless the server says otherwise. An image is a JPEG, PNG, GIF or BMP; a voice is "
    "an M4A, AMR, MP3, WAV, OGG, AAC, FLAC, CAF or WebM; both are known by their bytes. The same file "
    "uploaded again has the same `media_id`."
)
_LINKING = (
    "The address needs no credentials, and takes range requests. What is no image or sound is sent to be "
    "saved, not shown."
)
_IMAGE: ImageReply = {
    "media_id": "qiniu/image/j/7C21AE4E00E1D0F3A1B2C3D4E5F60718",
    "media_crc32": 1338734977,
    "width": 720,
    "height": 1280,
    "format": "jpg",
    "fsize": 52468,
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
_LINK: LinkReply = {"url": "https://im.example.com/media/kTz0c3VjaCBhIHRva2Vu"}
resources_schema = documented(
    "Images, files and sounds that messages refer to.",
    create=Operation(
        summary="Upload a file",
        description=_UPLOADING,
        body=Multipart("A file, in a part of any name."),
        reply=MediaReply,
        parameters=(_TYPE,),
        reply_example=_IMAGE,
    ),
    retrieve=Operation(
        summary="Get a link to a file",
        description=_LINKING,
        reply=LinkReply,
        parameters=(
            OpenApiParameter(
                "mediaId",
                {"type": "string", "maxLength": 64},
                required=True,
                description="Of the upload.",
            ),
        ),
        reply_example=_LINK,
    ),
)
client_media_schema = documented(
    "Images, files and sounds that messages refer to.",
    create=Operation(
        caller=CLIENT,
        summary="Upload a file",
        description=f"{_UPLOADING} A user may upload 30 in a minute, unless the server says otherwise.",
        body=Multipart("A file, in a part of any name."),
        reply=MediaReply,
        parameters=(_TYPE,),
        raises=(UPLOADING_TOO_FAST,),
        reply_example=_IMAGE,
    ),
    retrieve=Operation(
        caller=CLIENT,
        summary="Get a link to a file",
        description=f"Whoever knows its id may have it. {_LINKING}",
        reply=LinkReply,
        parameters=(
            OpenApiParameter(
                "media_id",
                {"type": "string", "maxLength": 64},
                required=True,
                description="Of a message.",
            ),
        ),
        reply_example=_LINK,
    ),
)
