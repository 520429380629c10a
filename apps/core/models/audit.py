"""AuditEntry: who did what in the console, when, to what, and from where. Nothing changes it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.models.app import App
from apps.core.models.job import Job

# A loose index scan: as many steps as there are kinds of actions, whatever the number of entries.
_ACTIONS = """
WITH RECURSIVE found AS (
    (SELECT action FROM core_auditentry ORDER BY action LIMIT 1)
    UNION ALL
    SELECT (SELECT e.action FROM core_auditentry e WHERE e.action > found.action ORDER BY e.action LIMIT 1)
    FROM found WHERE found.action IS NOT NULL
)
SELECT action FROM found WHERE action IS NOT NULL
"""


def _numbers(kind: str, pk: str) -> tuple[models.QuerySet[Any, Any], models.QuerySet[Any, Any]]:
    """Those of entries about a row alone, and about it among others."""
    target = {"target_type": kind, "target_id": pk}
    alone = AuditEntry.objects.filter(**target).values("pk")  # tenant-free: as entries
    return alone, AuditedRow.objects.filter(**target).values("entry")  # tenant-free: likewise


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Reads of the audit."""

    def about(self, row: models.Model, most: int) -> AuditEntryQuerySet:
        """What was done last to that row, by itself or among others by a job: so many, newest first.

        By two indexes, of each of which no more is read.
        """
        meta = row._meta
        alone, among_others = _numbers(f"{meta.app_label}.{meta.model_name}", str(row.pk))
        newest = alone.order_by("-pk")[:most].union(among_others.order_by("-entry")[:most])
        return self.filter(pk__in=newest).order_by("-pk")[:most]

    def about_what_was(self, kind: str, pk: str) -> AuditEntryQuerySet:
        """All that was done to the row of that number of a model, `app.model`, which may be gone."""
        alone, among_others = _numbers(kind, pk)
        return self.filter(pk__in=alone.union(among_others))

    def of_begin(self, job: Job) -> AuditEntry | None:
        """The entry of whoever has begun the job; None for one that no operator has."""
        return self.filter(target_type="core.job", target_id=str(job.pk)).order_by("pk").first()

    def by_operator(self, operator_id: int) -> AuditEntryQuerySet:
        """What that operator did, newest first, by an index."""
        return self.filter(operator_id=operator_id).order_by("-pk")

    def known_actions(self) -> list[str]:
        """Every action that was ever noted, in the order of their names. Does not read the table through."""
        with connection.cursor() as cursor:
            cursor.execute(_ACTIONS)
            return [action for (action,) in cursor.fetchall()]


class AuditEntry(models.Model):
    """One thing done by one operator. The database refuses to change or delete it (a trigger).

    Names are kept as they were. Operator and app have no constraint: an entry outlives what it tells of.
    `before` and `after` hold what changed alone: all of it, for what was made or deleted. Their keys are
    names of the target's fields, or texts of the catalogue in English; so are the action and the keys of
    `details`. Secrets are never in it.
    """

    at = models.DateTimeField(_("time"), db_default=Now())
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("operator"),
    )
    operator_name = models.CharField(_("operator"), max_length=150)
    address = models.CharField(_("address"), max_length=64, blank=True)
    app = models.ForeignKey(
        App,
        models.DO_NOTHING,
        null=True,
        related_name="audit_entries",
        db_constraint=False,
        db_index=False,
        verbose_name=_("app"),
    )
    app_name = models.CharField(_("app"), max_length=100, blank=True)
    action = models.CharField(_("action"), max_length=100)
    target_type = models.CharField(max_length=100, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_name = models.CharField(_("object"), max_length=200, blank=True)
    before: models.JSONField[Any, Any] = models.JSONField(
        _("before"), null=True, encoder=DjangoJSONEncoder
    )
    after: models.JSONField[Any, Any] = models.JSONField(
        _("after"), null=True, encoder=DjangoJSONEncoder
    )
    details: models.JSONField[Any, Any] = models.JSONField(
        _("details"), null=True, encoder=DjangoJSONEncoder
    )

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=("app", "id"), name="core_audit_app"),
            models.Index(fields=("operator", "id"), name="core_audit_operator"),
            models.Index(fields=("operator_name", "id"), name="core_audit_name"),
            models.Index(fields=("action", "id"), name="core_audit_action"),
            models.Index(fields=("target_type", "target_id", "id"), name="core_audit_target"),
            models.Index(fields=("at", "id"), name="core_audit_time"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class AuditedRow(models.Model):
    """One of the rows that a job has changed: the entry is that of whoever has begun the job.

    So a change of a million rows is one entry of the list, and yet found from the page of each. It is kept
    under the name of then, and as little changed or deleted as entries are.
    """

    entry = models.ForeignKey(
        AuditEntry,
        models.DO_NOTHING,
        related_name="rows",
        db_constraint=False,
        db_index=False,
        verbose_name=_("audit entry"),
    )
    target_type = models.CharField(max_length=100)
    target_id = models.CharField(max_length=64)
    target_name = models.CharField(_("object"), max_length=200)

    class Meta:
        verbose_name = _("row that a job has changed")
        verbose_name_plural = _("rows that jobs have changed")
        default_permissions = ()
        indexes = [
            models.Index(fields=("target_type", "target_id", "entry"), name="core_audited_target"),
            models.Index(fields=("entry", "id"), name="core_audited_entry"),
        ]

    def __str__(self) -> str:
        return self.target_name
