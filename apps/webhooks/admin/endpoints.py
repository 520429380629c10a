"""Endpoints: made, tried, paused, resumed, given new secrets."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import AppFilter, ChoiceFilter
from apps.core.adminkit.operations import Question, ask, change_url, list_url, page_action
from apps.core.adminkit.scoped import AnyModelForm, ServiceForm
from apps.core.adminkit.shown_once import Fact, ShownOnce, show_once
from apps.webhooks.admin.deliveries import said_of
from apps.webhooks.models import Endpoint, EndpointKind, PauseReason
from apps.webhooks.sending import ping
from apps.webhooks.services.endpoints import (
    NewEndpoint,
    create_endpoint,
    pause_endpoint,
    remove_endpoint,
    resume_endpoint,
    rotate_secret,
    update_endpoint,
)
from apps.webhooks.signing import secret_of

_WANTED = ("group_events", "presence")
_SENSELESS = {
    EndpointKind.MESSAGES: {"presence"},
    EndpointKind.EVENTS: {"group_events", "position"},
    EndpointKind.PUSH: {"group_events", "presence"},
}


class EndpointForm(ServiceForm):
    """Where to tell, and what."""

    url = forms.CharField(
        label=_("URL"),
        max_length=500,
        help_text=Endpoint._meta.get_field("url").help_text,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://…", "inputmode": "url"}),
    )

    class Meta:
        model = Endpoint
        fields = ("app", "kind", "url", *_WANTED)


class KindFilter(ChoiceFilter):
    """One kind."""

    title = _("what it is told")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Each."""
        return list(EndpointKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the kind."""
        kind = self.value()
        return queryset.filter(kind=kind) if kind in EndpointKind.values else queryset


@admin.register(Endpoint)
class EndpointAdmin(BigTableAdmin):
    """Where the operator's apps want to be told what happens."""

    form = EndpointForm
    grants = ("view", "add", "change", "delete")
    list_display = ("url", "app", "kind", "status", "succeeded_at")
    list_select_related = ("app",)
    list_filter = (AppFilter, KindFilter)
    readonly_fields = (
        "status",
        "next_attempt_at",
        "attempted_at",
        "succeeded_at",
        "position",
        "created_at",
    )
    add_fieldsets = ((None, {"fields": ("app", "kind", "url", *_WANTED)}),)
    fieldsets = (
        (None, {"fields": ("app", "kind", "url", *_WANTED)}),
        (
            _("Record"),
            {
                "fields": (
                    "status",
                    "succeeded_at",
                    "attempted_at",
                    "next_attempt_at",
                    "position",
                    "created_at",
                )
            },
        ),
    )
    actions_detail = ("send_test", "resume", "pause", "new_secret", "remove")

    def has_remove_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete webhooks."""
        return bool(request.user.has_perm("webhooks.delete_endpoint"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Its app and its kind stay as they were made."""
        shown = tuple(super().get_readonly_fields(request, obj))
        return shown if obj is None else ("app", "kind", *shown)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without what makes no sense for its kind."""
        if obj is None:
            return self.add_fieldsets
        senseless = _SENSELESS[EndpointKind(obj.kind)]
        return [
            (
                title,
                {
                    "fields": [
                        name
                        for name in cast("dict[str, Any]", options)["fields"]
                        if name not in senseless
                    ]
                },
            )
            for title, options in self.fieldsets
        ]

    @admin.display(description=_("status"))
    def status(self, endpoint: Endpoint) -> SafeString:
        """Whether it is told, and takes it."""
        if endpoint.paused_at is not None:
            failed = endpoint.paused_because == PauseReason.FAILURES
            return badge(
                PauseReason(endpoint.paused_because).label, "danger" if failed else "default"
            )
        if endpoint.next_attempt_at is not None:
            return badge(_("does not answer"), "warning")
        return badge(_("active"), "success")

    def save_model(
        self, request: HttpRequest, obj: Endpoint, form: AnyModelForm, change: bool
    ) -> None:
        """Make the endpoint, or change it."""
        if change:
            update_endpoint(endpoint=obj, changes=cast("ServiceForm", form).changes)
            return
        new = NewEndpoint(
            url=obj.url, kind=obj.kind, group_events=obj.group_events, presence=obj.presence
        )
        vars(obj).update(vars(create_endpoint(app=obj.app, new=new)))

    def response_add(
        self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Its secret, in this one answer."""
        return self.reveal(request, obj)

    def reveal(self, request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
        """The secret in clear."""
        shown = ShownOnce(
            title=_("Secret of the webhook"),
            warning=_("Copy the secret now. It is shown this once."),
            facts=[
                Fact(label=_("URL"), value=endpoint.url),
                Fact(label=_("Secret"), value=secret_of(endpoint), name="webhook-secret"),
            ],
            note=_(
                "Every POST is signed with it. Its receiver compares the signature, and so knows that the "
                "POST is from this server."
            ),
            way_on=change_url(endpoint),
        )
        return show_once(request, shown, self.opts)

    def senseless(self, row: Endpoint) -> set[str]:
        """Pause what is told, resume what is not."""
        return {"pause"} if row.paused_at is not None else {"resume"}

    @page_action(description=_("Send a test"), permission="change", icon="send")
    def send_test(self, request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
        """Post a body without rows now."""
        question = Question(
            title=_("Send a test"),
            text=_("A body without rows is posted to the URL now, signed like every other."),
            button=_("Send it"),
            back=change_url(endpoint),
            about=[endpoint],
        )

        def perform(data: dict[str, Any]) -> str:
            outcome = ping(endpoint)
            if outcome.taken:
                text = gettext("It was taken: HTTP %(status)s after %(milliseconds)s ms.")
                return text % {"status": outcome.status, "milliseconds": outcome.milliseconds}
            reason = said_of(outcome.problem, outcome.detail)
            raise forms.ValidationError(
                _("It was not taken: %(reason)s"), params={"reason": reason}
            )

        return ask(self, request, question, perform)

    @page_action(description=_("New secret"), permission="change", icon="key")
    def new_secret(self, request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
        """Another secret, shown once."""
        question = Question(
            title=_("New secret of the webhook"),
            text=_(
                "It is used from the next POST on, and shown once. A receiver that knows only the one "
                "before refuses what comes, which is tried again for hours."
            ),
            button=_("Make a new secret"),
            back=change_url(endpoint),
            about=[endpoint],
        )

        def perform(data: dict[str, Any]) -> HttpResponse:
            rotate_secret(endpoint=endpoint)
            return self.reveal(request, endpoint)

        return ask(self, request, question, perform)

    @page_action(description=_("Pause"), permission="change", icon="pause")
    def pause(self, request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
        """Tell it nothing for the time being."""
        question = Question(
            title=_("Pause the webhook"),
            text=_(
                "Nothing is posted until it is resumed. What happens in the meantime is told then."
            ),
            button=_("Pause"),
            back=change_url(endpoint),
            about=[endpoint],
        )

        def perform(data: dict[str, Any]) -> str:
            pause_endpoint(endpoint=endpoint)
            return gettext("The webhook is paused.")

        return ask(self, request, question, perform)

    @page_action(
        description=_("Resume"),
        permission="change",
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    def resume(self, request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
        """Go on where it was paused."""
        question = Question(
            title=_("Resume the webhook"),
            text=_("It is told what has happened since it was paused, in order, and then goes on."),
            button=_("Resume"),
            back=change_url(endpoint),
            about=[endpoint],
        )

        def perform(data: dict[str, Any]) -> str:
            resume_endpoint(endpoint=endpoint)
            return gettext("The webhook goes on.")

        return ask(self, request, question, perform)

    @page_action(
        description=_("Remove"), permission="remove", icon="delete", variant=ActionVariant.DANGER
    )
    def remove(self, request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
        """Forget it."""
        question = Question(
            title=_("Remove the webhook"),
            text=_(
                "Nothing is posted to it any more. What it was told, and not told yet, is forgotten."
            ),
            button=_("Remove"),
            back=list_url(Endpoint),
            danger=True,
            about=[endpoint],
        )

        def perform(data: dict[str, Any]) -> str:
            remove_endpoint(endpoint=endpoint)
            return gettext("The webhook is removed.")

        return ask(self, request, question, perform)
