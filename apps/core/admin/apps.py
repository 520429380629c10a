"""Apps: made, set up, suspended, deleted."""

from __future__ import annotations

import zoneinfo
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminSelectWidget

from apps.core.admin.app_deletion import ask_to_delete, ask_to_go_on
from apps.core.adminkit.badges import badge
from apps.core.adminkit.operations import Question, ask, change_url, page_action
from apps.core.adminkit.scoped import AnyModelForm, ScopedAdmin, ServiceForm
from apps.core.adminkit.shown_once import Fact, ShownOnce, show_once
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
    actions_detail = ("new_secret", "suspend", "resume", "go_on_deleting")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers only, who make them; once for an app."""
        begun = isinstance(obj, App) and obj.is_being_deleted
        return bool(request.user.is_superuser) and not begun

    @page_action(description=_("Delete"), permission="delete")
    def delete_view(self, request: HttpRequest, app: App) -> HttpResponse:
        """Delete the app, with everything of it."""
        return ask_to_delete(self, request, app)

    def has_go_on_deleting_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers only."""
        return bool(request.user.is_superuser)

    @page_action(
        description=_("Go on deleting"),
        permission="go_on_deleting",
        icon="delete",
        variant=ActionVariant.DANGER,
    )
    def go_on_deleting(self, request: HttpRequest, app: App) -> HttpResponse:
        """Where the job that deletes it was cancelled, or has failed."""
        return ask_to_go_on(self, request, app)

    def has_new_secret_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add secrets."""
        return bool(request.user.has_perm("core.add_appsecret"))

    @admin.display(description=_("status"))
    def status(self, app: App) -> SafeString:
        """Whether its calls are answered."""
        if app.is_being_deleted:
            return badge(_("being deleted"), "danger")
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
        """Suspend what is active, resume what is suspended; once its deletion has begun, go on with that."""
        if row.deletion is not None:
            senseless = {"new_secret", "suspend", "resume"}
            return senseless if row.deletion.is_over else {*senseless, "go_on_deleting"}
        return {"go_on_deleting", "suspend" if row.suspended_at else "resume"}

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

    @page_action(
        description=_("Suspend"), permission="change", icon="block", variant=ActionVariant.DANGER
    )
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
