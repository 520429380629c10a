"""Seen: who was online when an endpoint was last told."""

from django.db import models

from apps.webhooks.models.endpoint import Endpoint


class Seen(models.Model):
    """A user whom the endpoint knows to be online. The id is a plain number, so that no user waits for it."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="seen", db_index=False)
    user_id = models.BigIntegerField()
    username = models.CharField(max_length=128)

    class Meta:
        verbose_name = "user seen"
        verbose_name_plural = "users seen"
        constraints = [
            models.UniqueConstraint(fields=("endpoint", "user_id"), name="webhooks_seen_once"),
        ]

    def __str__(self) -> str:
        return self.username
