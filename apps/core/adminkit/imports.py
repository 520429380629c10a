"""Importing rows from a file that is uploaded: the page, and the samples that it leads to.

An app tells an `Import` of what it can be given, and `import_page` shows it, which its job does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.core.adminkit.form_fields import AppField
from apps.core.adminkit.operations import Question, ask, change_url, link, list_url
from apps.core.adminkit.pages import site_page
from apps.core.adminkit.scope import apps_of
from apps.core.importing.job import ImportJob
from apps.core.importing.rows import format_of
from apps.core.models import App

LARGEST = 8 * 1024 * 1024  # bytes; more is for the command


@dataclass(frozen=True, kw_only=True)
class Import:
    """Rows of one kind that operators can import."""

    job: ImportJob
    title: str | Promise
    text: str | Promise  # what is said of rows that are refused
    command: str  # for larger files
    samples: Mapping[str, str]  # by suffix: files that are imported as they are

    def sample_route(self, suffix: str) -> str:
        """The name of the page that a sample is on."""
        return f"import_sample_of_{self.job.importer.kind}_{suffix}"


class ImportForm(forms.Form):
    """A file, and the app that its rows go to."""

    app = AppField()
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("CSV with a heading (.csv), or JSON with an object in each line."),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=[("utf-8-sig", "UTF-8"), ("gb18030", "GB 18030 (GBK)"), ("utf-16", "UTF-16")],
        widget=UnfoldAdminSelectWidget,
        required=False,
    )
    dry_run = forms.BooleanField(
        label=_("Dry run"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Tries every row and stores none."),
    )

    def __init__(self, *args: Any, apps: list[App], command: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.command = command
        cast("AppField", self.fields["app"]).offer(apps)

    def clean_file(self) -> Any:
        """Not more than a request should hold."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(
                _("At most %(limit)d MB at once. For more there is manage.py %(command)s."),
                params={"limit": LARGEST // 1024**2, "command": self.command},
            )
        return file

    def clean_encoding(self) -> str:
        """UTF-8 unless told otherwise."""
        return self.cleaned_data["encoding"] or "utf-8-sig"


def import_page(model_admin: Any, request: HttpRequest, what: Import) -> HttpResponse:
    """The upload; its job's page follows."""
    apps = apps_of(request)
    samples = [
        link(reverse(f"admin:{what.sample_route(suffix)}"), suffix.upper())
        for suffix in what.samples
    ]
    question = Question(
        title=what.title,
        text=format_html(
            gettext("{text} Columns: {columns}. Samples: {samples}."),
            text=what.text,
            columns=", ".join(what.job.importer.columns),
            samples=format_html_join(", ", "{}", ([sample] for sample in samples)),
        ),
        button=_("Import"),
        back=list_url(model_admin.model),
        form_class=partial(ImportForm, apps=apps, command=what.command),
    )

    def perform(data: dict[str, Any]) -> HttpResponse:
        (app,) = (app for app in apps if str(app.pk) == data["app"])
        job = what.job.begin(
            app=app,
            operator_id=request.user.pk,
            file=data["file"].file,
            name=data["file"].name,
            format=format_of(data["file"].name),
            encoding=data["encoding"],
            dry_run=data["dry_run"],
        )
        model_admin.noted(request, job)
        return redirect(change_url(job))

    return ask(model_admin, request, question, perform)


def serve_samples(what: Import, *, permission: str) -> None:
    """Serve the samples, to whoever may import such rows."""
    for suffix in what.samples:
        site_page(
            route=f"import-samples/{what.job.importer.kind}.{suffix}",
            name=what.sample_route(suffix),
            permission=permission,
        )(partial(_sample, what, suffix))


def _sample(what: Import, suffix: str, request: HttpRequest) -> HttpResponse:
    response = HttpResponse(what.samples[suffix], content_type="text/plain; charset=utf-8")
    file = f"{what.job.importer.kind}.{suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response
