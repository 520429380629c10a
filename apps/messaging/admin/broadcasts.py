"""Broadcasts to the users that a list shows: the list is looked at again for each batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.operations import link
from apps.core.adminkit.wholes import listed_again, told_of_list
from apps.core.database import planned_for_its_values
from apps.core.jobs import JobKind, register_kind
from apps.core.models import Job
from apps.core.services.jobs import submit_job
from apps.messaging.admin.compose_form import Letter
from apps.messaging.admin.recipients import url_of_list
from apps.messaging.jobs import (
    BROADCAST,
    Sent,
    describe_broadcast,
    next_of,
    note_sent,
    send_to,
    told_of,
)


def begin_to_listed(*, letter: Letter, operator_id: int | None, key: str) -> Job:
    """Begin a job that sends the letter to those whom its list shows, as `begin_broadcast` does to others."""
    if letter.recipients.asked is None:
        raise ValueError("the letter is not to a list")
    listed = told_of_list(admin.site.get_model_admin(User), letter.recipients.asked)
    return submit_job(
        kind=LISTED_BROADCAST,
        app=letter.app,
        operator_id=operator_id,
        arguments={**told_of(letter.draft), **listed},
        total=letter.recipients.number.value,
        key=key,
    )


def _may(model_admin: Any, request: HttpRequest) -> bool:
    may_send = request.user.has_perms((BROADCAST.permission, "core.add_job"))
    return bool(may_send and model_admin.has_view_permission(request))


def _send(job: Job) -> Sent:
    _model_admin, _request, rows = listed_again(job, _may)
    with planned_for_its_values():
        recipients = next_of(job, rows)
    return send_to(job, recipients)


def _described(job: Job) -> Mapping[str | Promise, Any]:
    query = job.arguments["query"]
    return describe_broadcast(job, link(url_of_list(query), _("the users of the list")))


LISTED_BROADCAST = register_kind(
    JobKind(
        name="broadcast-to-listed",
        title=BROADCAST.title,
        permission=BROADCAST.permission,
        prepare=_send,
        step=note_sent,
        result_name=BROADCAST.result_name,
        describe=_described,
    )
)
