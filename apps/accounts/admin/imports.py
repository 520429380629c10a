"""Importing users from a file that is uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.accounts.jobs import begin_import_of_users
from apps.accounts.services.importing import USER_COLUMNS
from apps.core.adminkit.operations import Question, ask, change_url, link, list_url
from apps.core.adminkit.pages import site_page
from apps.core.adminkit.scope import apps_of
from apps.core.importing.rows import format_of
from apps.core.models import App

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

LARGEST = 8 * 1024 * 1024  # bytes; more is for the command

SAMPLES = {
    "csv": (
        "username,password,password_md5,nickname,gender,birthday,region,extras,is_admin\n"
        'zhangwei,a good password,,张伟,1,1990-05-17,深圳,"{""level"": 3}",\n'
        "lina@example.com,,5f4dcc3b5aa765d61d8327deb882cf99,李娜,2,,,,\n"
        "helpdesk,another password,,客服,,,,,true\n"
    ),
    "jsonl": (
        '{"username": "zhangwei", "password": "a good password", "nickname": "张伟", "gender": 1, '
        '"birthday": "1990-05-17", "region": "深圳", "extras": {"level": 3}}\n'
        '{"username": "lina@example.com", "password_md5": "5f4dcc3b5aa765d61d8327deb882cf99", '
        '"nickname": "李娜", "gender": 2}\n'
        '{"username": "helpdesk", "password": "another password", "nickname": "客服", "is_admin": true}\n'
    ),
}
"""Files that are imported as they are."""


class ImportForm(forms.Form):
    """A file of users, and where they go."""

    app = forms.ChoiceField(label=_("App"), widget=UnfoldAdminSelectWidget)
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

    def __init__(self, *args: Any, apps: list[App], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["app"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [(str(app.pk), app.name) for app in apps]

    def clean_file(self) -> Any:
        """Not more than a request should hold."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(
                _("At most %(limit)d MB at once. For more there is manage.py import_users."),
                params={"limit": LARGEST // 1024**2},
            )
        return file

    def clean_encoding(self) -> str:
        """UTF-8 unless told otherwise."""
        return self.cleaned_data["encoding"] or "utf-8-sig"


def import_page(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """The upload; its job's page follows."""
    apps = apps_of(request)
    samples = [
        link(f"{list_url(model_admin.model)}import-sample.{suffix}", suffix.upper())
        for suffix in SAMPLES
    ]
    question = Question(
        title=_("Import users"),
        text=format_html(
            gettext(
                "Every row is tried by itself: names that are taken and rows with mistakes are refused, "
                "and a file tells what became of each. Columns: {columns}. Samples: {csv}, {jsonl}."
            ),
            columns=", ".join(USER_COLUMNS),
            csv=samples[0],
            jsonl=samples[1],
        ),
        button=_("Import"),
        back=list_url(model_admin.model),
        form_class=lambda *args, **kwargs: ImportForm(*args, apps=apps, **kwargs),
    )

    def perform(data: dict[str, Any]) -> HttpResponse:
        (app,) = (app for app in apps if str(app.pk) == data["app"])
        job = begin_import_of_users(
            app=app,
            operator_id=request.user.pk,
            file=data["file"].file,
            name=data["file"].name,
            format=format_of(data["file"].name),
            encoding=data["encoding"],
            dry_run=data["dry_run"],
        )
        model_admin.noted(request, job)  # type: ignore[attr-defined]  # a ScopedAdmin
        return redirect(change_url(job))

    return ask(model_admin, request, question, perform)


def _sample(suffix: str) -> None:
    @site_page(
        route=f"accounts/user/import-sample.{suffix}",
        name=f"import_sample_{suffix}",
        permission="accounts.add_user",
    )
    def sample(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(SAMPLES[suffix], content_type="text/plain; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="users.{suffix}"'
        return response


for _suffix in SAMPLES:
    _sample(_suffix)
