"""Presence: which sessions are connected, and to which gateway."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.session import ClientSession


class Gateway(models.Model):
    """A process that holds connections. One that stops beating is gone, with all its connections."""

    name = models.CharField(_("name"), max_length=32, unique=True)
    beat_at = models.DateTimeField(_("last beat at"))

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")

    def __str__(self) -> str:
        return self.name


class Connection(models.Model):
    """A session that is connected now. Its user is online on that device."""

    session = models.ForeignKey(ClientSession, models.CASCADE, related_name="connections")
    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="connections")

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return f"{self.session_id} → {self.gateway_id}"
