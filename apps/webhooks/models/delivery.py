"""Delivery: one POST, with all its tries. Occurrence: something that no log tells."""

from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.database import Written
from apps.webhooks.models.endpoint import Endpoint


class DeliveryState(models.TextChoices):
    """How it stands."""

    PENDING = "pending", _("under way")
    DELIVERED = "delivered", _("delivered")
    PARKED = "parked", _("given up")
    AGAIN = "again", _("to be tried again")


class Problem(models.TextChoices):
    """Why a try failed."""

    REFUSED = "refused", _("answered otherwise than with 200")
    LATE = "late", _("no answer in time")
    UNREACHABLE = "unreachable", _("no connection")
    FORBIDDEN = "forbidden", _("the URL leads to a private network, or is none")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Reads of deliveries. Start from an endpoint: `endpoint.deliveries`."""

    def in_state(self, state: DeliveryState) -> Self:
        """Those that stand so, oldest first."""
        return self.filter(Written(models.Q(state=state))).order_by("pk")


class Delivery(models.Model):
    """What an endpoint is told at once. The body is not kept: it is made of the rows it is about at each try.

    Those are the messages in (after, up_to] that the endpoint wants, or the occurrences that name it.
    """

    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    state = models.CharField(
        _("state"), max_length=16, choices=DeliveryState, default=DeliveryState.PENDING
    )
    after = models.BigIntegerField(_("after message"), default=0)
    up_to = models.BigIntegerField(_("up to message"), default=0)
    rows = models.PositiveIntegerField(_("rows"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    problem = models.CharField(_("what went wrong"), max_length=16, choices=Problem, blank=True)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    attempted_at = models.DateTimeField(_("last try at"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            # One POST after another. A second worker that believed otherwise could not write so.
            models.UniqueConstraint(
                fields=("endpoint",),
                condition=models.Q(state=DeliveryState.PENDING),
                name="webhooks_delivery_one_under_way",
            ),
        ]
        indexes = [
            models.Index(fields=("endpoint", "id"), name="webhooks_delivery_of_endpoint"),
            models.Index(
                fields=("endpoint",),
                condition=models.Q(state=DeliveryState.AGAIN),
                name="webhooks_delivery_again",
            ),
            models.Index(
                fields=("endpoint", "id"),
                condition=models.Q(state=DeliveryState.PARKED),
                name="webhooks_delivery_parked",
            ),
            models.Index(fields=("created_at",), name="webhooks_delivery_created"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Occurrence(models.Model):
    """Something to tell an endpoint, noted in the transaction in which it happened."""

    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, related_name="occurrences", db_index=False
    )
    delivery = models.ForeignKey(
        Delivery, models.CASCADE, null=True, related_name="occurrences", db_index=False
    )
    body = models.JSONField()
    happened_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "occurrence"
        verbose_name_plural = "occurrences"
        indexes = [
            models.Index(fields=("endpoint", "id"), name="webhooks_occurrence_order"),
            models.Index(fields=("delivery", "id"), name="webhooks_occurrence_told"),
            models.Index(fields=("happened_at",), name="webhooks_occurrence_when"),
        ]

    def __str__(self) -> str:
        return str(self.body)
