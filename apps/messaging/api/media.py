"""Media over HTTP: received, and linked to."""

from typing import cast

from django.conf import settings
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.clients import UserClientViewSet
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.messaging.api.media_schemas import (
    LinkReply,
    MediaReply,
    client_media_schema,
    resources_schema,
)
from apps.messaging.api.uploads import received
from apps.messaging.models import Media, MediaKind
from apps.messaging.services.media import (
    Upload,
    body_of,
    find_media,
    link_token,
    store_as_client,
    store_media,
)


class _Uploading(ImViewSet):
    """What both callers' viewsets read from a request."""

    def kind(self) -> str:
        """The `type` of the query; PARAMETER_INVALID says which there are."""
        kind = self.query.get("type", "")
        if kind not in MediaKind.values:
            raise ImError(PARAMETER_INVALID, f"type: must be one of {', '.join(MediaKind.values)}")
        return kind

    def media(self, name: str) -> Media:
        """What the query asks for by that parameter."""
        media_id = self.query.get(name, "")
        if not media_id:
            raise ImError(PARAMETER_INVALID, f"{name}: is required")
        return find_media(app=self.app, media_id=media_id, name=name)


@resources_schema
class ResourceViewSet(_Uploading):
    """`/v1/resource`."""

    operation_group = "resources"

    def create(self, request: Request) -> Response:
        """Store a file."""
        kind = self.kind()
        with received(request._request) as upload:
            media = store_media(app=self.app, kind=kind, upload=upload)
            return self.reply(media_reply(media, upload))

    def retrieve(self, request: Request) -> Response:
        """A link to a file."""
        return self.reply(link_reply(request, self.media("mediaId")))


@client_media_schema
class ClientMediaViewSet(_Uploading, UserClientViewSet):
    """`/client/v1/media`."""

    operation_group = "client_media"

    def create(self, request: Request) -> Response:
        """Store a file of one's own."""
        kind = self.kind()
        with received(request._request) as upload:
            media = store_as_client(
                app=self.app, username=self.user.username, kind=kind, upload=upload
            )
            return self.reply(media_reply(media, upload))

    def retrieve(self, request: Request) -> Response:
        """A link to a file."""
        return self.reply(link_reply(request, self.media("media_id")))


def media_reply(media: Media, upload: Upload) -> MediaReply:
    """As the final API answers an upload of each kind. The name is that of this upload."""
    return cast("MediaReply", body_of(media, upload.name))


def link_reply(request: Request, media: Media) -> LinkReply:
    """A link on `settings.IM_PUBLIC_URL`, or else on the address that the request was sent to."""
    path = reverse("media", args=[link_token(media)])
    public: str = settings.IM_PUBLIC_URL
    return {"url": f"{public}{path}" if public else request._request.build_absolute_uri(path)}
