"""Job: long work of an operator's, done outside of any request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.database import Written
from apps.core.models.app import App


class JobState(models.TextChoices):
    """Where a job stands. The last three are ends."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


UNFINISHED = (JobState.WAITING, JobState.RUNNING)
_UNFINISHED = models.Q(state__in=[str(state) for state in UNFINISHED])


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of jobs."""

    def unfinished(self) -> JobQuerySet:
        """Those that wait or run."""
        return self.filter(Written(_UNFINISHED))


class Job(models.Model):
    """One piece of long work, done batch by batch.

    `position` is where the next batch begins, in terms of the job's kind. It moves in the transaction of the
    batch, so that a batch is done once, whoever is killed at whatever moment. `claim` names the worker at
    work until `leased_until`; somebody else takes over after that.
    """

    app = models.ForeignKey(
        App, models.SET_NULL, null=True, related_name="jobs", db_index=False, verbose_name=_("app")
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="jobs",
        verbose_name=_("operator"),
    )
    kind = models.CharField(_("kind"), max_length=50)
    # Of what asked for it, where it may be asked for twice: a form that is sent again begins no second job.
    key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 unique unless null
    arguments: models.JSONField[Any, Any] = models.JSONField(
        _("arguments"), default=dict, encoder=DjangoJSONEncoder
    )
    state = models.CharField(_("status"), max_length=16, choices=JobState, default=JobState.WAITING)
    position: models.JSONField[Any, Any] = models.JSONField(null=True)
    total = models.PositiveBigIntegerField(_("rows"), null=True)
    done = models.PositiveBigIntegerField(_("rows done"), default=0)
    refused = models.PositiveBigIntegerField(_("rows refused"), default=0)
    error = models.TextField(_("error"), blank=True)
    cancel_asked_at = models.DateTimeField(_("cancelled at"), null=True)
    claim = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    touched_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        default_permissions = ("view", "add", "change")
        indexes = [
            models.Index(fields=("app", "id"), name="core_job_app"),
            models.Index(
                fields=("touched_at",),
                condition=_UNFINISHED,
                name="core_job_unfinished",
            ),
            models.Index(
                fields=("ended_at",),
                condition=models.Q(ended_at__isnull=False),
                name="core_job_ended",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("app", "key"),
                condition=models.Q(key__isnull=False),
                name="core_job_once",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in UNFINISHED


class JobPart(models.Model):
    """A piece of a job's input or result, in the order of its number within it.

    In the database and not in a file, so that it is written in the transaction of its batch, and any worker
    on any machine has it.
    """

    INPUT, RESULT = "input", "result"

    job = models.ForeignKey(Job, models.CASCADE, related_name="parts", db_index=False)
    name = models.CharField(max_length=16)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of a job")
        verbose_name_plural = _("parts of jobs")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("job", "name", "number"), name="core_jobpart_once"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.name} {self.number}"
