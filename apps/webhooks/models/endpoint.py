"""Endpoint: a URL of the app's developer, and how far it has been told."""

from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.models import App


class EndpointKind(models.TextChoices):
    """What it is told. Each kind has a body of its own."""

    MESSAGES = "messages", _("messages")
    EVENTS = "events", _("users")
    PUSH = "push", _("push notifications")


class PauseReason(models.TextChoices):
    """Why it is told nothing."""

    OPERATOR = "operator", _("paused by an operator")
    FAILURES = "failures", _("paused after failures")


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    """Reads of endpoints. Start from a tenant: `app.webhook_endpoints`."""

    def newest_first(self) -> Self:
        """By their making."""
        return self.order_by("-pk")


class Endpoint(models.Model):
    """Told by one POST after another, in the order of what happened; the next once the one before is over.

    `position` is its cursor: the last message of the app's log that needs no more telling.
    """

    app = models.ForeignKey(
        App, models.CASCADE, related_name="webhook_endpoints", verbose_name=_("app")
    )
    kind = models.CharField(
        _("what it is told"),
        max_length=16,
        choices=EndpointKind,
        default=EndpointKind.MESSAGES,
        help_text=_(
            "Messages as they are sent; users as they come and go; or, for your push service, whom "
            "to notify of a message because they are not connected."
        ),
    )
    url = models.CharField(
        _("URL"),
        max_length=500,
        help_text=_("Receives an HTTP POST with a JSON body, and answers 200."),
    )
    group_events = models.BooleanField(
        _("with events"),
        default=False,
        db_default=False,
        help_text=_(
            "For messages: also what happens in groups (members come and go, the owner changes), and "
            "retractions, in their place among the messages."
        ),
    )
    presence = models.BooleanField(
        _("with presence"),
        default=False,
        db_default=False,
        help_text=_("For users: also who comes online and goes offline."),
    )
    salt = models.BinaryField(max_length=16, editable=False)
    position = models.BigIntegerField(_("told up to message"), default=0, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True, editable=False)
    paused_because = models.CharField(
        _("why paused"), max_length=16, choices=PauseReason, blank=True, editable=False
    )
    next_attempt_at = models.DateTimeField(_("next try at"), null=True, blank=True, editable=False)
    attempted_at = models.DateTimeField(_("last try at"), null=True, blank=True, editable=False)
    succeeded_at = models.DateTimeField(_("last success at"), null=True, blank=True, editable=False)
    parked_in_a_row = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.url

    @property
    def reads_log(self) -> bool:
        """Whether it follows the app's log, and not what is noted for it."""
        return self.kind != EndpointKind.EVENTS
