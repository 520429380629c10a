"""Deleting an app: asked for by its name, done by a job, gone on with where that was stopped."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.job_states import counted, status_of
from apps.core.adminkit.numbers import number_of
from apps.core.adminkit.operations import Question, ask, change_url, link, list_url
from apps.core.adminkit.panels import Panel, panel
from apps.core.erasing import begin_erasing
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App


class TypedNameForm(forms.Form):
    """The name of what is about to be deleted, typed in: nobody does that by mistake."""

    name = forms.CharField(
        label=_("Its name, to confirm"),
        strip=True,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = name

    def clean_name(self) -> str:
        """It must be that."""
        if self.cleaned_data["name"] != self.expected.strip():
            raise ValidationError(_("This is not its name."))
        return self.expected


def _sizes(app: App) -> list[str]:
    """How much would go: the tables that begin with the app."""
    found = []
    for relation in App._meta.related_objects:
        model_admin = admin.site._registry.get(relation.related_model)
        if isinstance(model_admin, BigTableAdmin) and relation.on_delete is models.CASCADE:
            rows = model_admin.model._base_manager.filter(app=app)
            found.append(f"{model_admin.opts.verbose_name_plural}: {number_of(rows)}")
    return found


def ask_to_delete(model_admin: Any, request: HttpRequest, app: App) -> HttpResponse:
    """Whether all of it is to go; its name has to be typed."""
    question = Question(
        title=_("Delete the app"),
        text=_(
            "This can't be undone. Its users, groups, messages and files go with it: it is suspended now, "
            "for good, and deleted by a job. The audit stays."
        ),
        button=_("Delete everything"),
        back=list_url(App),
        danger=True,
        about=[f"{app} ({app.app_key})", *_sizes(app)],
        form_class=lambda *args, **kwargs: TypedNameForm(*args, name=app.name, **kwargs),
    )
    return _ask(model_admin, request, app, question)


def ask_to_go_on(model_admin: Any, request: HttpRequest, app: App) -> HttpResponse:
    """Whether the rest of it is to go, too."""
    question = Question(
        title=_("Go on deleting the app"),
        text=_("Its deletion was stopped. What is left of it is deleted now, by another job."),
        button=_("Delete the rest"),
        back=change_url(app),
        danger=True,
        about=[f"{app} ({app.app_key})", *_sizes(app)],
    )
    return _ask(model_admin, request, app, question, begun=True)


def _ask(
    model_admin: Any, request: HttpRequest, app: App, question: Question, *, begun: bool = False
) -> HttpResponse:
    def perform(data: dict[str, Any]) -> HttpResponse:
        if app.is_being_deleted != begun:
            raise ImError(PARAMETER_INVALID, "app: its name was not typed")
        job = begin_erasing(app=app, operator_id=request.user.pk)
        model_admin.noted(request, app)
        return redirect(change_url(job))

    return ask(model_admin, request, question, perform)


@panel(App, place=10)
def deletion_of_app(request: HttpRequest, app: App) -> Panel | None:
    """How far its deletion is."""
    job = app.deletion
    if job is None:
        return None
    said: object = f"{gettext('Deletion of an app')} {job}"
    if request.user.is_superuser:
        said = link(change_url(job), said)
    return Panel(
        title=_("Deletion"),
        headers=[_("job"), _("status"), _("rows done"), _("created")],
        rows=[[said, status_of(job), counted(job), job.created_at]],
        empty="",
        note=_("The app is suspended, and can't be resumed any more."),
    )
