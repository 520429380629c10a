"""What a message says, as it is shown where it may be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from apps.core.models import App
from apps.messaging.admin.bodies import EVENTS
from apps.messaging.models import EVENT, Message, MessageType
from apps.messaging.services.media import link_token


@dataclass(frozen=True)
class Said:
    """A text; or an icon of Material Symbols and what is known of a thing; or JSON, in lines."""

    text: str = ""
    icon: str = ""
    note: str = ""
    json: str = ""
    url: str = ""
    image_url: str = ""


def with_links(app: App, told: Sequence[tuple[Message, Said]]) -> list[Said]:
    """The same, those of files with links to the bytes, as far as they are stored here. One query.

    Links expire, as clients' do; an image has one to be shown in its place as well.
    """
    ids = [_media_id(message) for message, _said in told]
    stored = {media.media_id: media for media in app.media.filter(media_id__in=filter(None, ids))}
    linked = []
    for (message, said), media_id in zip(told, ids, strict=True):
        media = stored.get(media_id)
        if media is None:
            linked.append(said)
            continue
        url = reverse("media", args=[link_token(media)])
        image = url if message.msg_type == MessageType.IMAGE else ""
        linked.append(replace(said, url=url, image_url=image))
    return linked


def _media_id(message: Message) -> str:
    body = message.body if isinstance(message.body, dict) else {}
    found = body.get("media_id")
    return found if isinstance(found, str) and "\0" not in found else ""


def said_by(message: Message) -> Said:
    """What the message says. Bodies are as clients sent them: nothing is taken for granted."""
    body = message.body if isinstance(message.body, dict) else {}
    teller = _TELLERS.get(message.msg_type, _custom)
    return teller(body)


def _text(body: dict[str, Any]) -> Said:
    return Said(text=str(body.get("text", body.get("content", ""))))


def _file(icon: str) -> Callable[[dict[str, Any]], Said]:
    def tell(body: dict[str, Any]) -> Said:
        name = str(body.get("fname") or body.get("media_id") or "")
        return Said(text=name, icon=icon, note=_about(body))

    return tell


def _about(body: dict[str, Any]) -> str:
    """Its measures, as far as they are told."""
    told = []
    if isinstance(body.get("width"), int) and isinstance(body.get("height"), int):
        told.append(f"{body['width']} × {body['height']}")  # noqa: RUF001 a multiplication sign
    if isinstance(body.get("duration"), int):
        seconds = body["duration"]
        told.append(ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds})
    if isinstance(body.get("fsize"), int):
        told.append(
            gettext("%(size)s bytes") % {"size": number_format(body["fsize"], force_grouping=True)}
        )
    return ", ".join(told)


def _place(body: dict[str, Any]) -> Said:
    where = f"{body.get('latitude', '')}, {body.get('longitude', '')}"
    return Said(text=str(body.get("label") or where), icon="location_on", note=where)


def _event(body: dict[str, Any]) -> Said:
    kind = str(body.get("event_type", ""))
    names = body.get("to_username_list")
    who = ", ".join(str(name) for name in names[:20]) if isinstance(names, list) else ""
    said = str(EVENTS.get(kind, kind))
    return Said(text=f"{said}: {who}" if who else said)


def _custom(body: dict[str, Any]) -> Said:
    return Said(json=json.dumps(body, ensure_ascii=False, indent=2))


_TELLERS: Mapping[str, Callable[[dict[str, Any]], Said]] = {
    MessageType.TEXT: _text,
    MessageType.IMAGE: _file("image"),
    MessageType.VOICE: _file("mic"),
    MessageType.FILE: _file("description"),
    MessageType.VIDEO: _file("movie"),
    MessageType.LOCATION: _place,
    EVENT: _event,
}
