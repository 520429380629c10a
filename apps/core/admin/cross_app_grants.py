"""Grants between apps, in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldBooleanSwitchWidget

from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    link,
    list_url,
    page_action,
    row_link,
)
from apps.core.adminkit.panels import SHOWN, Panel, panel
from apps.core.adminkit.scope import apps_of
from apps.core.adminkit.scoped import AnyModelForm, ScopedAdmin, ServiceForm
from apps.core.models import App, CrossAppGrant
from apps.core.services.cross_app_grants import grant_cross_app, revoke_cross_app


class CrossAppGrantForm(ServiceForm):
    """Two apps of the operator's, and whether it holds both ways."""

    both_ways = forms.BooleanField(
        label=_("Both ways"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Users can answer messages from the other app only if theirs has a grant too."),
    )

    class Meta:
        model = CrossAppGrant
        fields = ("app", "target")


@admin.register(CrossAppGrant)
class CrossAppGrantAdmin(ScopedAdmin):
    """Which app may operate on which. Either app's operator sees it and may end it; to give it takes both."""

    grants = ("view", "add", "delete")
    form = CrossAppGrantForm
    list_display = ("app", "target", "created_at")
    list_select_related = ("app", "target")
    list_per_page = 100
    fields = ("app", "target", "both_ways")
    actions_detail = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Those of the operator's apps, and those for them."""
        rows: QuerySet[Any] = ModelAdmin.get_queryset(self, request)
        if request.user.is_superuser:
            return rows
        mine = [app.pk for app in apps_of(request)]
        return rows.filter(Q(app__in=mine) | Q(target__in=mine))

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Both apps, always: which is which is all there is to say."""
        return list(self.list_display)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A grant that is there is looked at, and not changed."""
        return ("app", "target", "created_at") if obj is not None else self.fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No: revoke it, and give another."""
        return False

    def has_revoke_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete grants."""
        return bool(request.user.has_perm("core.delete_crossappgrant"))

    def save_model(
        self, request: HttpRequest, obj: CrossAppGrant, form: AnyModelForm, change: bool
    ) -> None:
        """Grant it, the other way as well if that was ticked."""
        granted = grant_cross_app(app=obj.app, target=obj.target)
        if form.cleaned_data["both_ways"]:
            grant_cross_app(app=obj.target, target=obj.app)
        vars(obj).update(vars(granted))

    @page_action(
        description=_("Revoke"), permission="revoke", icon="link_off", variant=ActionVariant.DANGER
    )
    def revoke(self, request: HttpRequest, grant: CrossAppGrant) -> HttpResponse:
        """End one grant."""
        question = Question(
            title=_("Revoke the grant"),
            text=_(
                "The app's calls on the other one are refused from now on. Members who are in a group stay "
                "there, and friends stay friends, until somebody ends that."
            ),
            button=_("Revoke"),
            back=list_url(CrossAppGrant),
            danger=True,
            about=[grant],
        )

        def perform(data: dict[str, Any]) -> str:
            revoke_cross_app(app=grant.app, target=grant.target)
            self.noted(request, grant.app, "cross-app grants")
            return gettext("The grant is revoked.")

        return ask(self, request, question, perform)


@panel(App)
def grants_of_app(request: HttpRequest, app: App) -> Panel | None:
    """On which apps this one may operate, and which may operate on it."""
    if not request.user.has_perm("core.view_crossappgrant"):
        return None
    may_revoke = request.user.has_perm("core.delete_crossappgrant")
    rows = []
    for grant in CrossAppGrant.objects.either_way(app).in_list_order()[:SHOWN]:
        other = grant.target if grant.app_id == app.pk else grant.app
        end = link(change_url(grant, "revoke"), gettext("Revoke")) if may_revoke else ""
        rows.append([row_link(grant), other.app_key, grant.created_at, end])
    return Panel(
        title=_("Cross-app grants"),
        headers=[_("cross-app grant"), _("the other's app key"), _("created"), ""],
        rows=rows,
        empty=_("The app may operate on no other, and no other on it."),
        more=list_url(CrossAppGrant),
    )
