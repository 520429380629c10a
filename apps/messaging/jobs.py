"""Long work on messages."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.erasing import farewell
from apps.core.errors import (
    FORBIDDEN_SENDER,
    NO_SUCH_USER,
    SENDER_BLOCKED,
    SENSITIVE_WORD,
    ImError,
)
from apps.core.jobs import JobKind, Step, register_kind
from apps.core.models import App, Job
from apps.core.services.jobs import app_of_job, submit_job
from apps.messaging.drafts import Draft
from apps.messaging.models import MessageType
from apps.messaging.services.checks import filtered, permitted_sender
from apps.messaging.services.media_purge import remove_some
from apps.messaging.services.messages import send_message

BATCH = 100  # recipients
_HEADING = "username,code,message\n"
_WHY: Mapping[str, str | Promise] = {
    str(SENDER_BLOCKED.number): _("they have blocked the sender"),
    str(NO_SUCH_USER.number): _("they were deleted meanwhile"),
    str(FORBIDDEN_SENDER.number): _("the sender was disabled meanwhile"),
    str(SENSITIVE_WORD.number): _("a sensitive word was added meanwhile"),
}


@dataclass(frozen=True)
class Sent:
    """What became of a batch. `last` is the number of the last recipient; None behind the end."""

    last: int | None
    count: int
    refused: list[tuple[str, ImError]]


def begin_broadcast(
    *,
    app: App,
    operator_id: int | None,
    draft: Draft,
    to: Sequence[User] | None = None,
    total: int | None = None,
    key: str | None = None,
) -> Job:
    """Begin a job that sends the message to these users of the app, or to every enabled one.

    To those who are registered by now, each by themselves, and not to its sender; whom the draft is to is
    not read. `total` is how many that are, if only about. Raises NO_SUCH_USER and FORBIDDEN_SENDER for the
    sender, MESSAGE_TOO_LONG, what the filters refuse, and KEY_REUSED for a key that a job has.
    """
    permitted_sender(app, draft)
    filtered(app, draft)  # to know: each message passes the filters when it is sent
    chosen = app.users.all() if to is None else app.users.filter(pk__in=[user.pk for user in to])
    last = chosen.aggregate(last=Max("pk"))["last"]
    more = {} if to is None else {"users": sorted(user.pk for user in to)}
    return submit_job(
        kind=BROADCAST,
        app=app,
        operator_id=operator_id,
        arguments={**told_of(draft), "last": last, **more},
        total=total,
        key=key,
    )


def told_of(draft: Draft) -> dict[str, Any]:
    """What a job has to know of the message."""
    return {
        "from": draft.from_id,
        "msg_type": draft.msg_type,
        "body": dict(draft.body),
        "options": dict(draft.options),
    }


def next_of(job: Job, users: QuerySet[User]) -> list[User]:
    """The next batch of these users: those that were there when the job began, but for the sender."""
    told = _told(job)
    left = users.filter(pk__gt=_position(job)[0], pk__lte=told["last"]).select_related(None)
    return list(left.exclude(username=told["from"]).order_by("pk").only("username")[:BATCH])


def send_to(job: Job, recipients: Sequence[User]) -> Sent:
    """Send to them, each message by itself.

    The key is the job's and the recipient's, so that a batch that is done again says nothing twice.
    """
    app, told = app_of_job(job=job), _told(job)
    refused: list[tuple[str, ImError]] = []
    for user in recipients:
        draft = Draft(
            target_type="single",
            target_id=user.username,
            from_type="console",
            from_id=told["from"],
            msg_type=told["msg_type"],
            body=told["body"],
            options=told["options"],
            idempotency_key=f"job {job.pk} {user.pk}",
        )
        try:
            send_message(app=app, draft=draft)
        except ImError as refusal:
            refused.append((user.username, refusal))
    last = recipients[-1].pk if len(recipients) == BATCH else None
    return Sent(last, len(recipients), refused)


def note_sent(job: Job, sent: Sent) -> Step:
    """How far the job is after the batch, whom it did not reach, and how many of them for which reason."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerows([name, error.code.number, str(error)] for name, error in sent.refused)
    heading = _HEADING if job.position is None else ""
    finished = sent.last is None
    before, why = _position(job)
    why.update(str(error.code.number) for _name, error in sent.refused)
    return Step(
        position=[sent.last or before, why],
        done=sent.count,
        refused=len(sent.refused),
        result=(heading + lines.getvalue()).encode(),
        finished=finished,
        total=job.done + sent.count if finished else None,
    )


def describe_broadcast(job: Job, to: str | Promise) -> dict[str | Promise, Any]:
    """What was sent to whom, how many got it, and why the others did not."""
    told = _told(job)
    described: dict[str | Promise, Any] = {
        _("Sender"): told["from"],
        _("Recipients"): to,
        _("Type"): MessageType(told["msg_type"]).label,
        _("Text"): briefly(told["msg_type"], told["body"]),
        _("Sent"): job.done - job.refused,
    }
    for code, count in sorted(_position(job)[1].items()):
        described[_WHY.get(code, code)] = count
    return described


def briefly(msg_type: str, body: Mapping[str, Any]) -> str:
    """What a message says, for a line in the console: its text, the name of its file, or its JSON."""
    if msg_type == MessageType.TEXT:
        return str(body["text"])
    named = body.get("fname") or body.get("media_id")
    return str(named) if named else json.dumps(body, ensure_ascii=False)


def _position(job: Job) -> tuple[int, Counter[str]]:
    """The number of the last recipient, and how many were refused with which code."""
    if isinstance(job.position, list):
        last, why = job.position
        return last, Counter(why)
    return job.position or 0, Counter()  # a number alone is that of an earlier version


def _told(job: Job) -> Mapping[str, Any]:
    """The arguments. An earlier version knew of texts alone."""
    told: dict[str, Any] = job.arguments
    if "body" in told:
        return told
    return {**told, "msg_type": MessageType.TEXT, "body": {"text": told["text"]}, "options": {}}


def _send(job: Job) -> Sent:
    users = app_of_job(job=job).users
    chosen = job.arguments.get("users")
    return send_to(
        job, next_of(job, users.enabled() if chosen is None else users.filter(pk__in=chosen))
    )


def _described(job: Job) -> Mapping[str | Promise, Any]:
    everyone = "users" not in job.arguments
    return describe_broadcast(job, _("everyone") if everyone else _("some users"))


BROADCAST = register_kind(
    JobKind(
        name="broadcast",
        title=_("Broadcast"),
        permission="messaging.add_message",
        prepare=_send,
        step=note_sent,
        result_name="refused.csv",
        describe=_described,
    )
)


@farewell
def remove_uploads(app: App) -> int:
    """Remove the bytes of an app's uploads before the rows that know of them go."""
    return remove_some(app=app)
