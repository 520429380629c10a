"""How far the figures have come."""

from django.db import models
from django.db.models.functions import Now

from apps.core.models import App


class Rollup(models.Model):
    """The statistics' cursor into an app's log. Its row is locked by whoever moves it on."""

    app = models.OneToOneField(App, models.CASCADE, primary_key=True, related_name="rollup")
    position = models.BigIntegerField(default=0, db_default=0)  # the last message that is counted
    begun = models.BooleanField(
        default=False, db_default=False
    )  # users and groups of before are in

    class Meta:
        verbose_name = "roll-up"
        verbose_name_plural = "roll-ups"

    def __str__(self) -> str:
        return f"{self.app_id} at {self.position}"


class ChangeKind(models.IntegerChoices):
    """Things that the log does not tell of."""

    USERS_REGISTERED = 1
    USERS_DELETED = 2
    GROUP_CREATED = 3
    GROUP_DISSOLVED = 4


class Change(models.Model):
    """Users or groups that came or went, not counted yet. Written with the change, deleted when counted.

    Rows are only added here: were the figures themselves changed, all registrations of an app would wait for
    each other, and some of them for ever.
    """

    app = models.ForeignKey(App, models.CASCADE, related_name="+")
    kind = models.PositiveSmallIntegerField(choices=ChangeKind)
    amount = models.PositiveIntegerField(default=1)
    happened_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "change"
        verbose_name_plural = "changes"

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
