"""ClientSession: a user's log-in on one device."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.user import User


class Platform(models.TextChoices):
    """As the final API letters them."""

    ANDROID = "a", "Android"
    IOS = "i", "iOS"
    WEB = "j", "JavaScript"
    WINDOWS = "w", "Windows"


class ClientSessionQuerySet(models.QuerySet["ClientSession"]):
    """Reads of sessions. Start from a user: `user.sessions`."""

    def live(self, now: datetime) -> "ClientSessionQuerySet":
        """Those whose token has not expired."""
        return self.filter(expires_at__gt=now)

    def with_presence(self) -> "ClientSessionQuerySet":
        """Each with `connections_now`: how many it has."""
        oldest = Now() - timedelta(seconds=settings.IM_PRESENCE_SECONDS)
        connected = models.Q(connections__gateway__beat_at__gt=oldest)
        return self.annotate(connections_now=models.Count("connections", filter=connected))

    def newest_first(self) -> "ClientSessionQuerySet":
        """By log-in."""
        return self.order_by("-pk")


class ClientSession(models.Model):
    """What a token stands for. The token itself is kept as its SHA-256 alone; ending a session deletes it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions", verbose_name=_("user"))
    token_digest = models.BinaryField(_("token digest"), max_length=32, unique=True)
    platform = models.CharField(_("platform"), max_length=1, choices=Platform)
    device_id = models.CharField(_("device"), max_length=128, blank=True)
    created_at = models.DateTimeField(_("logged in at"), db_default=Now())
    expires_at = models.DateTimeField(_("expires at"))
    last_seen_at = models.DateTimeField(_("last seen at"), db_default=Now())

    objects = ClientSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"{self.get_platform_display()} {self.device_id}".strip()
