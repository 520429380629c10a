"""Apps: made, set up, suspended, deleted."""

from __future__ import annotations

import zoneinfo
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.numbers import number_of
from apps.core.adminkit.operations import Question, ask, change_url, list_url, page_action
from apps.core.adminkit.scoped import AnyModelForm, ScopedAdmin, ServiceForm
from apps.core.adminkit.shown_once import Fact, ShownOnce, show_once
from apps.core.erasing import begin_erasing
from apps.core.models import App
from apps.core.services.apps import (
    Credentials,
    create_app,
    resume_app,
    rotate_secret,
    suspend_app,
    update_app,
)

_HOUR = 3600
_GRACES = [
    ("0", _("It ends now")),
    (str(_HOUR), _("1 hour")),
    (str(24 * _HOUR), _("1 day")),
    (str(7 * 24 * _HOUR), _("7 days")),
    (str(30 * 24 * _HOUR), _("30 days")),
]
_DEFAULT_GRACE = str(24 * _HOUR)
_CLIENTS = (_("Clients"), {"fields": ("device_policy", "sdk_registration")})
_LIMITS = (
    _("Limits"),
    {"fields": ("calls_per_minute", "max_group_members", "max_groups_per_user")},
)
_WORDS = (
    _("Sensitive words"),
    {"fields": ("filters_words", "word_policy", "max_sensitive_words")},
)


class AppForm(ServiceForm):
    """The settings of an app."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=App._meta.get_field("time_zone").help_text,
        widget=UnfoldAdminSelect2Widget,
        choices=lambda: [(name, name) for name in sorted(zoneinfo.available_timezones())],
        initial=App._meta.get_field("time_zone").default,
    )

    class Meta:
        model = App
        fields = (
            "name",
            "api_version",
            "time_zone",
            "device_policy",
            "sdk_registration",
            "calls_per_minute",
            "max_group_members",
            "max_groups_per_user",
            "filters_words",
            "word_policy",
            "max_sensitive_words",
        )


class RotationForm(forms.Form):
    """How long the secret before lives on."""

    grace = forms.ChoiceField(
        label=_("The secret before lives on for"),
        choices=_GRACES,
        initial=_DEFAULT_GRACE,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Time for the app's servers to move to the new one. Older secrets end now."),
    )


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


@admin.register(App)
class AppAdmin(ScopedAdmin):
    """Apps. Superusers alone create them: an app is a new tenant of the whole server."""

    app_path = "pk"
    grants = ("view", "change")
    form = AppForm
    list_display = ("name", "app_key", "api_version", "status", "created_at")
    search_fields = ("name",)
    search_help_text = _("Part of a name, or a key")
    list_per_page = 50
    readonly_fields = ("app_key", "status", "log_epoch", "created_at")
    add_fieldsets = (
        (None, {"fields": ("name", "api_version", "time_zone")}),
        _CLIENTS,
        _LIMITS,
        _WORDS,
    )
    fieldsets = (
        (None, {"fields": ("name", "app_key", "status", "api_version", "time_zone")}),
        _CLIENTS,
        _LIMITS,
        _WORDS,
        (_("Record"), {"fields": ("created_at", "log_epoch")}),
    )
    actions_detail = ("new_secret", "suspend", "resume")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers only, who make them."""
        return bool(request.user.is_superuser)

    @page_action(description=_("Delete"), permission="delete")
    def delete_view(self, request: HttpRequest, app: App) -> HttpResponse:
        """Delete the app, with everything of it."""
        question = Question(
            title=_("Delete the app"),
            text=_(
                "This can't be undone. Its users, groups, messages and files go with it: it is suspended "
                "now, and deleted by a job. The audit stays."
            ),
            button=_("Delete everything"),
            back=list_url(App),
            danger=True,
            about=[f"{app} ({app.app_key})", *_sizes(app)],
            form_class=lambda *args, **kwargs: TypedNameForm(*args, name=app.name, **kwargs),
        )

        def perform(data: dict[str, Any]) -> HttpResponse:
            job = begin_erasing(app=app, operator_id=request.user.pk)
            self.noted(request, app)
            return redirect(change_url(job))

        return ask(self, request, question, perform)

    def has_new_secret_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add secrets."""
        return bool(request.user.has_perm("core.add_appsecret"))

    @admin.display(description=_("status"))
    def status(self, app: App) -> SafeString:
        """Whether its calls are answered."""
        if app.suspended_at is None:
            return badge(_("active"), "success")
        return badge(_("suspended"), "danger")

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By a part of the name, or the key. Apps are few enough to be read through."""
        return rows.filter(Q(name__icontains=term) | Q(app_key=term))

    def save_model(self, request: HttpRequest, obj: App, form: AnyModelForm, change: bool) -> None:
        """Create the app, or store its settings."""
        if change:
            update_app(app=obj)
            return
        credentials = create_app(
            name=obj.name, api_version=obj.api_version, calls_per_minute=obj.calls_per_minute
        )
        created = credentials.app
        for name in AppForm.Meta.fields:
            setattr(created, name, getattr(obj, name))
        update_app(app=created)
        vars(obj).update(vars(created))
        vars(request)["credentials"] = credentials

    def response_add(
        self, request: HttpRequest, obj: App, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The key and the secret, in this one answer and nowhere else."""
        return self.reveal(request, vars(request)["credentials"])

    def reveal(self, request: HttpRequest, credentials: Credentials) -> HttpResponse:
        """The secret in clear."""
        app, secret = credentials.app, credentials.master_secret
        origin = f"{request.scheme}://{request.get_host()}"
        shown = ShownOnce(
            title=_("Key and secret"),
            warning=_("Copy the secret now. It is shown this once; only a hash of it is stored."),
            facts=[
                Fact(label=_("App"), value=app.name),
                Fact(label=_("App key"), value=app.app_key, name="app-key"),
                Fact(label=_("Master secret"), value=secret, name="master-secret"),
                Fact(
                    label=_("Try it"),
                    value=f"curl -u {app.app_key}:{secret} '{origin}/v1/users?start=0&count=10'",
                    name="example",
                    in_lines=True,
                ),
            ],
            way_on=change_url(app),
        )
        return show_once(request, shown, self.opts)

    def senseless(self, row: App) -> set[str]:
        """Suspend what is active, resume what is suspended."""
        return {"suspend"} if row.suspended_at else {"resume"}

    @page_action(
        description=_("New secret"),
        permission="new_secret",
        icon="key",
    )
    def new_secret(self, request: HttpRequest, app: App) -> HttpResponse:
        """Rotate the master secret."""
        question = Question(
            title=_("New master secret"),
            text=_(
                "The app gets a new secret, shown once. The one before still opens the API for a while."
            ),
            button=_("Make a new secret"),
            back=change_url(app),
            about=[app],
            form_class=RotationForm,
        )

        def perform(data: dict[str, Any]) -> HttpResponse:
            grace = timedelta(seconds=int(data["grace"]))
            credentials = rotate_secret(app=app, grace=grace)
            self.noted(request, app, "master secret")
            return self.reveal(request, credentials)

        return ask(self, request, question, perform)

    @page_action(description=_("Suspend"), permission="change", icon="block")
    def suspend(self, request: HttpRequest, app: App) -> HttpResponse:
        """Refuse the app's calls."""
        question = Question(
            title=_("Suspend the app"),
            text=_("Every call of the app is refused until it is resumed. Nothing is deleted."),
            button=_("Suspend"),
            back=change_url(app),
            danger=True,
            about=[app],
        )

        def perform(data: dict[str, Any]) -> str:
            suspend_app(app=app)
            self.noted(request, app, "suspended at")
            return gettext("The app is suspended.")

        return ask(self, request, question, perform)

    @page_action(
        description=_("Resume"),
        permission="change",
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    def resume(self, request: HttpRequest, app: App) -> HttpResponse:
        """Answer the app's calls again."""
        question = Question(
            title=_("Resume the app"),
            text=_("Its calls are answered again."),
            button=_("Resume"),
            back=change_url(app),
            about=[app],
        )

        def perform(data: dict[str, Any]) -> str:
            resume_app(app=app)
            self.noted(request, app, "suspended at")
            return gettext("The app is active again.")

        return ask(self, request, question, perform)
