"""LoginGuard: failed log-ins, by user and by address."""

from django.db import models


class LoginGuard(models.Model):
    """How often a log-in failed lately. In an unlogged table: a crash forgives."""

    key = models.CharField(max_length=200, primary_key=True)
    failures = models.PositiveIntegerField()
    refused_until = models.DateTimeField()
    forgotten_at = models.DateTimeField()

    class Meta:
        verbose_name = "login guard"

    def __str__(self) -> str:
        return self.key
