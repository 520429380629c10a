"""Endpoints of the app, and what they receive."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.core.models import App
from apps.webhooks import sending
from apps.webhooks.models import Endpoint, EndpointKind
from apps.webhooks.services.endpoints import NewEndpoint, create_endpoint
from tests.webhooks.receiver import Receiver, receiving

Make = Callable[..., Endpoint]


@pytest.fixture
def loopback(settings: Any) -> None:
    """Receivers of tests are on this machine."""
    settings.IM_WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def receiver(loopback: None) -> Iterator[Receiver]:
    """A receiver that takes everything, unless told otherwise."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def make(app: App, receiver: Receiver) -> Make:
    """Make an endpoint that leads to the receiver."""

    def making(kind: str = EndpointKind.MESSAGES, **more: Any) -> Endpoint:
        more.setdefault("url", receiver.url)
        return create_endpoint(app=more.pop("app", app), new=NewEndpoint(kind=kind, **more))

    return making


def work() -> None:
    """What the background work does until nothing is due."""
    while sending.step():
        pass


def due_again(endpoint: Endpoint) -> None:
    """Let the pause after a failed try be over."""
    Endpoint.objects.filter(pk=endpoint.pk).update(next_attempt_at=None)


def states(endpoint: Endpoint) -> list[str]:
    """Of its deliveries, oldest first."""
    return list(endpoint.deliveries.order_by("pk").values_list("state", flat=True))
