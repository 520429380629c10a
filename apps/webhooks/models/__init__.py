"""Where an app wants to be told, and what it was told."""

from apps.webhooks.models.delivery import Delivery, DeliveryState, Occurrence, Problem
from apps.webhooks.models.endpoint import Endpoint, EndpointKind, PauseReason
from apps.webhooks.models.presence import Seen

__all__ = [
    "Delivery",
    "DeliveryState",
    "Endpoint",
    "EndpointKind",
    "Occurrence",
    "PauseReason",
    "Problem",
    "Seen",
]
