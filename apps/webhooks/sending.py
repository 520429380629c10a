"""The background work of webhooks: claims endpoints that are due, and tells each what is next."""

from __future__ import annotations

import logging
import time
from concurrent.futures import FIRST_COMPLETED, wait
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import InterfaceError, OperationalError

from apps.core.working import told_to_end
from apps.webhooks import batches
from apps.webhooks.postman import Outcome, Parcel, Postman
from apps.webhooks.services import deliveries
from apps.webhooks.signing import headers_of

if TYPE_CHECKING:
    from concurrent.futures import Future

    from apps.webhooks.models import Delivery, Endpoint

logger = logging.getLogger(__name__)

#: Seconds between looks for endpoints that are due, while others are waited for.
LOOK_EVERY = 0.2
#: Seconds for which an endpoint is left alone that could not be served.
PUT_OFF = 60


def step() -> bool:
    """Tell endpoints what is next, until none is due and nothing is under way or the process shall end.

    Endpoints are told side by side, so that a slow one holds up no other; each is told one thing after
    another. Returns whether there may be more at once.
    """
    underway: dict[Future[Outcome], Delivery] = {}
    with Postman() as postman:
        while True:
            looked_at: list[int] = []
            if not told_to_end():
                busy = [delivery.endpoint_id for delivery in underway.values()]
                looked_at = deliveries.claim(
                    at_most=settings.IM_WEBHOOK_CONCURRENCY - len(busy), but=busy
                )
            for endpoint_id in looked_at:
                following = _next(endpoint_id)
                if following is None:
                    deliveries.release(endpoint_id=endpoint_id)
                else:
                    delivery, parcel = following
                    underway[postman.post(parcel)] = delivery
            if not underway:
                return bool(looked_at)
            done, _ = wait(underway, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED)
            for future in done:
                delivery = underway.pop(future)
                deliveries.record(delivery=delivery, outcome=future.result())
                deliveries.release(endpoint_id=delivery.endpoint_id)


def _next(endpoint_id: int) -> tuple[Delivery, Parcel] | None:
    """What the endpoint is to be told. One that can't be served is put off: the others are not to suffer."""
    try:
        following = deliveries.next_delivery(endpoint_id=endpoint_id)
        return following and (following[0], _parcel(*following))
    except (InterfaceError, OperationalError):
        raise  # the database's affair
    except Exception:
        logger.exception("webhook %d can't be told what is next", endpoint_id)
        deliveries.put_off(endpoint_id=endpoint_id, seconds=PUT_OFF)
        return None


def _parcel(delivery: Delivery, body: bytes) -> Parcel:
    headers = headers_of(
        delivery.endpoint,
        body,
        timestamp=int(time.time()),
        delivery=delivery.pk,
        attempt=delivery.attempts + 1,
    )
    return Parcel(delivery.endpoint.url, headers, body)


def ping(endpoint: Endpoint) -> Outcome:
    """Post a body without rows to the endpoint, now, and wait for what it says."""
    body = batches.empty_body(endpoint.kind)
    headers = headers_of(endpoint, body, timestamp=int(time.time()), delivery=0, attempt=1)
    with Postman() as postman:
        return postman.post(Parcel(endpoint.url, headers, body)).result()
