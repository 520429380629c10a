"""Endpoints: made, changed, paused, resumed, removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App
from apps.webhooks.addresses import UrlRefusedError, parse
from apps.webhooks.models import Endpoint, EndpointKind, PauseReason
from apps.webhooks.signing import new_salt

#: Endpoints of one app, at most: each reads its log.
MOST = 50


@dataclass(frozen=True)
class NewEndpoint:
    """What an endpoint is to be."""

    url: str
    kind: str = EndpointKind.MESSAGES
    group_events: bool = False
    presence: bool = False


def check_url(url: str) -> None:
    """Raises PARAMETER_INVALID for what can't be posted to. A name is looked up when it is posted to."""
    try:
        parse(url)
    except UrlRefusedError as refusal:
        raise ImError(PARAMETER_INVALID, f"url: {refusal}") from None


@transaction.atomic
def create_endpoint(*, app: App, new: NewEndpoint) -> Endpoint:
    """Have an endpoint told what happens from now on.

    Raises PARAMETER_INVALID for a URL that can't be posted to, or if the app has as many as it may.
    """
    check_url(new.url)
    if app.webhook_endpoints.count() >= MOST:
        raise ImError(PARAMETER_INVALID, f"app: has {MOST} webhooks already")
    return app.webhook_endpoints.create(
        kind=new.kind,
        url=new.url,
        group_events=new.group_events,
        presence=new.presence,
        salt=new_salt(),
        position=app.messages.aggregate(last=Max("pk"))["last"] or 0,
    )


def update_endpoint(*, endpoint: Endpoint, changes: Mapping[str, Any]) -> None:
    """Change the URL or what it is told; tried again at once. Raises PARAMETER_INVALID."""
    if "url" in changes:
        check_url(changes["url"])
    _set(endpoint, **changes, next_attempt_at=None)


def rotate_secret(*, endpoint: Endpoint) -> None:
    """Give the endpoint another secret, from the next POST on."""
    _set(endpoint, salt=new_salt())


def pause_endpoint(*, endpoint: Endpoint) -> None:
    """Tell it nothing until it is resumed. What happens in the meantime is told then."""
    _set(endpoint, paused_at=timezone.now(), paused_because=PauseReason.OPERATOR)


def resume_endpoint(*, endpoint: Endpoint) -> None:
    """Go on where it was paused, at once."""
    _set(endpoint, paused_at=None, paused_because="", next_attempt_at=None, parked_in_a_row=0)


def remove_endpoint(*, endpoint: Endpoint) -> None:
    """Forget it, and what it was told."""
    endpoint.delete()


def _set(endpoint: Endpoint, **values: Any) -> None:
    for name, value in values.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=[*values])
