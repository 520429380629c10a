"""A kind of job for tests: counts to its total, five numbers at a time, each with a line of its result."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.jobs import JobKind, Step, register_kind
from apps.core.models import Job

BATCH = 5


class StumbledError(Exception):
    """A step has failed for no reason of the job's."""


def count(job: Job, prepared: Any) -> Step:
    """The next numbers. Arguments: `stumble_at` and `refuse_at` are numbers not to come beyond."""
    first = job.position or 0
    last = min(first + BATCH, job.total or 0)
    if first <= job.arguments.get("refuse_at", -1) < last:
        raise ImError(PARAMETER_INVALID, "number: is an unlucky one")
    lines = "".join(f"{number}\n" for number in range(first, last))
    step = Step(
        position=last,
        done=last - first,
        result=lines.encode(),
        finished=last == job.total,
        refused=1 if first == 0 else 0,
    )
    if first <= job.arguments.get("stumble_at", -1) < last:
        raise StumbledError
    return step


COUNTING = register_kind(
    JobKind(name="counting", title=gettext_lazy("job"), step=count, result_name="numbers.csv")
)
