"""Avatars: shown on the pages of whoever has them."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.panels import Panel, panel
from apps.groups.models import Group
from apps.messaging.models import MediaKind
from apps.messaging.services.media import link_token


@panel(Group, place=5)
@panel(User, place=5)
def avatar_of(request: HttpRequest, row: User | Group) -> Panel | None:
    """The picture, with a link to it; or that it is not stored here."""
    if not row.avatar:
        return None
    media = row.app.media.by_media_id(row.avatar) if "\0" not in row.avatar else None
    shown = media is not None and media.kind == MediaKind.IMAGE
    rows = []
    if media is not None and shown:
        url = reverse("media", args=[link_token(media)])
        picture = format_html(
            '<a href="{}" target="_blank" rel="noopener">'
            '<img src="{}" alt="{}" loading="lazy" class="im-avatar rounded-default"></a>',
            url,
            url,
            _("Avatar"),
        )
        rows = [[picture, f"{media.width} × {media.height}", media.format, media.created_at]]  # noqa: RUF001
    return Panel(
        title=_("Avatar"),
        headers=[_("image"), _("size"), _("type"), _("uploaded at")],
        rows=rows,
        empty=_("There is no image of this media id in the app."),
    )
