"""Answers to the console's questions: each counts once, however often its button is pressed."""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.models import Answer

_KEPT = timedelta(days=2)  # longer than anybody is logged in
_CLEAR_EVERY = 100  # answers, on average
_CLEARED_AT_ONCE = 1000


class AnsweredError(Exception):
    """The question was answered before."""


def new_number() -> str:
    """For one page that asks."""
    return uuid.uuid4().hex


def answer_once(*, number: str) -> None:
    """Note that the page of that number was answered, in the caller's transaction: before what is done.

    Raises AnsweredError if it was. Somebody who presses twice waits here until the first answer is committed,
    or undone, which makes way for the second. What is no number counts for nothing.
    """
    try:
        key = uuid.UUID(number)
    except ValueError:
        return
    try:
        with transaction.atomic():
            Answer.objects.create(number=key)  # tenant-free: of the operators' pages
    except IntegrityError:
        raise AnsweredError from None
    if secrets.randbelow(_CLEAR_EVERY) == 0:
        _clear()


def _clear() -> None:
    old = Answer.objects.filter(at__lt=timezone.now() - _KEPT)  # tenant-free
    found = old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_CLEARED_AT_ONCE]
    Answer.objects.filter(pk__in=list(found)).delete()  # tenant-free
