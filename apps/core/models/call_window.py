"""How many calls an app has made in the current minute."""

from django.db import models


class CallWindow(models.Model):
    """One row per app, shared by all processes, in an unlogged table: a crash forgets the minute."""

    app = models.OneToOneField(
        "core.App", models.CASCADE, primary_key=True, related_name="call_window"
    )
    minute = models.DateTimeField()
    used = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = "call window"

    def __str__(self) -> str:
        return f"{self.used} calls since {self.minute}"
