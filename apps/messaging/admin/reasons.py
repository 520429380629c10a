"""Why an operator looks at what others have said or sent: typed in, kept in the audit, good for a while.

A reason opens one thing, a conversation or the files of an app, to this log-in of the operator for
`settings.IM_READING_SECONDS`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.core.adminkit.operations import Question, ask

REASON = gettext_noop("Reason")
_SESSION = "reading"


class ReasonForm(forms.Form):
    """Why an operator wants to read what others said."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=4,
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("It is kept in the audit, with your name and what you looked at."),
    )


@dataclass(frozen=True, kw_only=True)
class Why:
    """What is asked: `key` names the thing that the reason opens; the text may say `%(minutes)d`."""

    key: str
    title: str | Promise
    text: str | Promise
    button: str | Promise
    about: Model
    back: str
    way_on: str = ""  # the page that asks, unless told otherwise


def ask_why(model_admin: Any, request: HttpRequest, why: Why) -> HttpResponse:
    """The page of the question. Its answer is noted, and leads to what it opens."""
    question = Question(
        title=why.title,
        text=why.text % {"minutes": settings.IM_READING_SECONDS // 60},
        button=why.button,
        back=why.back,
        about=[why.about],
        form_class=ReasonForm,
    )

    def perform(data: dict[str, Any]) -> HttpResponse:
        open_books = _open_books(request)
        until = int(time.time()) + settings.IM_READING_SECONDS
        open_books[why.key] = [data["reason"], until]
        request.session[_SESSION] = open_books
        return redirect(why.way_on or request.get_full_path())

    return ask(model_admin, request, question, perform)


def reason_given(request: HttpRequest, key: str) -> str | None:
    """The reason for which that is open to the operator now; None where it is not."""
    found = _open_books(request).get(key)
    return str(found[0]) if found else None


def _open_books(request: HttpRequest) -> dict[str, list[Any]]:
    """What this log-in may look at: the reason for each, and until when."""
    found: dict[str, list[Any]] = request.session.get(_SESSION, {})
    now = time.time()
    return {key: value for key, value in found.items() if value[1] > now}
