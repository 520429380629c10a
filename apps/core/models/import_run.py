"""ImportRun: how far a file has been imported."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.models.app import App


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Reads of runs. Start from a tenant: `app.import_runs`."""

    def unfinished(self) -> "ImportRunQuerySet":
        """Those that were stopped before their end, or are under way."""
        return self.filter(finished_at__isnull=True)


class ImportRun(models.Model):
    """One file on its way in. Moved on in the transaction that stores the rows themselves.

    So whatever kills the process, `position` is the number of the last row that is decided, and
    `last_results` what the result file must say of the rows of that last batch.
    """

    app = models.ForeignKey(App, models.CASCADE, related_name="import_runs", verbose_name=_("app"))
    kind = models.CharField(_("kind"), max_length=32)
    digest = models.BinaryField(_("digest of the files"), max_length=32)
    position = models.PositiveBigIntegerField(_("last row"), default=0)
    stored = models.PositiveBigIntegerField(_("rows stored"), default=0)
    refused = models.PositiveBigIntegerField(_("rows refused"), default=0)
    results_bytes = models.PositiveBigIntegerField(
        _("length of the results before the last batch"), default=0
    )
    last_results = models.TextField(_("results of the last batch"), blank=True)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.UniqueConstraint(
                fields=("app", "kind", "digest"),
                condition=models.Q(finished_at__isnull=True),
                name="core_import_run_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
