"""Master secrets of apps: listed, ended."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.core.adminkit.badges import badge
from apps.core.adminkit.operations import Question, ask, change_url, link, page_action
from apps.core.adminkit.panels import Panel, panel
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.core.models import App, AppSecret
from apps.core.services.apps import revoke_secret


@admin.register(AppSecret)
class AppSecretAdmin(ReadOnlyAdmin):
    """Master secrets: their last four characters and their dates. They are made on the page of their app."""

    grants = ("view", "add", "delete")
    list_display = ("name", "app", "state", "created_at", "expires_at", "last_used_at")
    list_select_related = ("app",)
    fields = ("name", "app", "state", "created_at", "expires_at", "last_used_at")
    actions_detail = ("end",)

    def has_end_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete secrets."""
        return bool(request.user.has_perm("core.delete_appsecret"))

    @admin.display(description=_("ends in"))
    def name(self, secret: AppSecret) -> str:
        """All that is known of it."""
        return str(secret)

    @admin.display(description=_("status"))
    def state(self, secret: AppSecret) -> SafeString:
        """Whether it opens the API."""
        return _state(secret)

    def senseless(self, row: AppSecret) -> set[str]:
        """What has ended can't be ended."""
        return set() if row.is_live(timezone.now()) else {"end"}

    @page_action(
        description=_("End"), permission="end", icon="key_off", variant=ActionVariant.DANGER
    )
    def end(self, request: HttpRequest, secret: AppSecret) -> HttpResponse:
        """End one secret now."""
        app = secret.app
        others = [other for other in app.secrets.all() if other.pk != secret.pk]
        text = _("Servers that still use this secret are refused within a few seconds.")
        if not any(other.is_live(timezone.now()) for other in others):
            text = _(
                "It is the app's only live secret: without a new one, every call of the app is refused."
            )
        question = Question(
            title=_("End the secret"),
            text=text,
            button=_("End it now"),
            back=change_url(app),
            danger=True,
            about=[f"{app}: {secret}"],
        )

        def perform(data: dict[str, Any]) -> str:
            revoke_secret(app=app, secret=secret)
            self.noted(request, secret, "expires at")
            return gettext("The secret has ended.")

        return ask(self, request, question, perform)


def _state(secret: AppSecret) -> SafeString:
    if secret.is_live(timezone.now()):
        return badge(_("live"), "success")
    return badge(_("ended"))


@panel(App)
def secrets_of_app(request: HttpRequest, app: App) -> Panel | None:
    """The app's secrets, each with the way to end it."""
    if not request.user.has_perm("core.view_appsecret"):
        return None
    may_end = request.user.has_perm("core.delete_appsecret")
    now = timezone.now()
    rows = []
    for secret in app.secrets.all()[:10]:
        end: object = ""
        if may_end and secret.is_live(now):
            end = link(change_url(secret, "end"), gettext("End"))
        dates = [secret.created_at, secret.expires_at, secret.last_used_at]
        rows.append([secret, _state(secret), *dates, end])
    return Panel(
        title=_("Master secrets"),
        headers=[_("ends in"), _("status"), _("created"), _("expires"), _("last used"), ""],
        rows=rows,
        empty=_("None: the app can't call."),
        note=_("Stored as hashes: a secret is shown once, when it is made."),
    )
