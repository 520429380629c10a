"""What a diary holds."""

from django.db import models
from django.db.models.functions import Now

from apps.core.models import App


class Kind(models.TextChoices):
    """What happened. The subject of an entry is that user's, group's or message's id."""

    REGISTERED = "registered"
    CAME = "came"
    WENT = "went"
    SAID = "said"


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads of entries. Start from a tenant: `app.diary`."""

    def in_list_order(self) -> "EntryQuerySet":
        """As they were written."""
        return self.order_by("pk")


class Entry(models.Model):
    """One line. `subject` is a plain number: a foreign key would lock the row it points to.

    The diary is written while the app's log is locked. Whoever deletes a user holds that user's row and then
    waits for the log; a foreign key to the user would wait the other way round, and one of them would fail.
    """

    app = models.ForeignKey(App, models.CASCADE, related_name="diary")
    kind = models.CharField(max_length=16, choices=Kind)
    subject = models.BigIntegerField()
    written_at = models.DateTimeField(db_default=Now())

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=("app", "id"), name="diary_entry_in_order"),
            models.Index(fields=("app", "written_at"), name="diary_entry_written"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
