"""Long work on messages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.erasing import farewell
from apps.core.errors import MESSAGE_TOO_LONG, ImError
from apps.core.jobs import JobKind, Step, register_kind
from apps.core.models import App, Job
from apps.core.services.jobs import app_of_job, submit_job
from apps.messaging import filters
from apps.messaging.drafts import Draft, body_bytes
from apps.messaging.services.media_purge import remove_some
from apps.messaging.services.messages import send_message

BATCH = 100  # recipients
_HEADING = "username,code,message\n"


@dataclass(frozen=True)
class _Sent:
    """What became of a batch. `last` is the number of the last recipient; None behind the end."""

    last: int | None
    count: int
    refused: list[tuple[str, ImError]]


def begin_broadcast(
    *, app: App, operator_id: int | None, from_username: str, text: str, total: int | None = None
) -> Job:
    """Begin a job that sends the text to every enabled user of the app, in the name of one of them.

    To those who are registered by now; `total` is how many that are, if only about. Raises NO_SUCH_USER for
    the sender, MESSAGE_TOO_LONG, and what the filters refuse.
    """
    sender = app.users.by_username(from_username)
    draft = _draft(sender.username, sender.username, text)
    if body_bytes(filters.apply(app, draft).body) > settings.IM_MESSAGE_BODY_MAX_BYTES:
        raise ImError(MESSAGE_TOO_LONG)
    last = app.users.aggregate(last=Max("pk"))["last"]
    return submit_job(
        kind=BROADCAST,
        app=app,
        operator_id=operator_id,
        arguments={"from": from_username, "text": text, "last": last},
        total=total,
    )


def _draft(sender: str, recipient: str, text: str, key: str | None = None) -> Draft:
    return Draft(
        target_type="single",
        target_id=recipient,
        from_type="console",
        from_id=sender,
        msg_type="text",
        body={"text": text},
        idempotency_key=key,
    )


def _send(job: Job) -> _Sent:
    """Send to the next recipients, each message by itself.

    The key is the job's and the recipient's, so that a batch that is done again says nothing twice.
    """
    app, told = app_of_job(job=job), job.arguments
    recipients = list(_recipients(app, job))
    refused: list[tuple[str, ImError]] = []
    for user in recipients:
        draft = _draft(told["from"], user.username, told["text"], f"job {job.pk} {user.pk}")
        try:
            send_message(app=app, draft=draft)
        except ImError as refusal:
            refused.append((user.username, refusal))
    last = recipients[-1].pk if len(recipients) == BATCH else None
    return _Sent(last, len(recipients), refused)


def _recipients(app: App, job: Job) -> Iterable[User]:
    told = job.arguments
    left = app.users.enabled().filter(pk__gt=job.position or 0, pk__lte=told["last"])
    return left.exclude(username=told["from"]).order_by("pk").only("username")[:BATCH]


def _note(job: Job, sent: _Sent) -> Step:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerows([name, error.code.number, str(error)] for name, error in sent.refused)
    heading = _HEADING if job.position is None else ""
    finished = sent.last is None
    return Step(
        position=sent.last or job.position,
        done=sent.count,
        refused=len(sent.refused),
        result=(heading + lines.getvalue()).encode(),
        finished=finished,
        total=job.done + sent.count if finished else None,
    )


def _described(job: Job) -> dict[Any, Any]:
    return {_("From"): job.arguments["from"], _("Text"): job.arguments["text"]}


BROADCAST = register_kind(
    JobKind(
        name="broadcast",
        title=_("Broadcast"),
        permission="messaging.add_message",
        prepare=_send,
        step=_note,
        result_name="refused.csv",
        describe=_described,
    )
)


@farewell
def remove_uploads(app: App) -> int:
    """Remove the bytes of an app's uploads before the rows that know of them go."""
    return remove_some(app=app)
