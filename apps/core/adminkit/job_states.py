"""How a job stands, as pages show it."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.badges import Colour, badge
from apps.core.models import Job, JobState

_COLOURS: dict[str, Colour] = {
    JobState.WAITING: "default",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
    JobState.CANCELLED: "warning",
}


def status_of(job: Job) -> SafeString:
    """The state as a badge."""
    if job.cancel_asked_at is not None and not job.is_over:
        return badge(_("being cancelled"), "warning")
    return badge(JobState(job.state).label, _COLOURS[job.state])


def counted(job: Job) -> str:
    """How many rows are done, and how many of them were refused."""
    if job.total is None:
        said = _grouped(job.done)
    else:
        said = gettext("%(done)s of %(total)s") % {
            "done": _grouped(job.done),
            "total": _grouped(job.total),
        }
    if job.refused:
        said += " " + gettext("(%(refused)s refused)") % {"refused": _grouped(job.refused)}
    return said


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
