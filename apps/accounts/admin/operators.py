"""Operators: for superusers alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import Permission
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordToggleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.accounts.models import Operator, OperatorRole
from apps.accounts.services.operators import (
    create_operator,
    create_superuser,
    set_operator_password,
    update_operator,
)
from apps.accounts.services.two_factor import drop_two_factor
from apps.core.adminkit.badges import badge
from apps.core.adminkit.operations import Question, ask, change_url, page_action
from apps.core.adminkit.scoped import AnyModelForm, ScopedAdmin, ServiceForm
from apps.core.models import App

admin.site.unregister(Role)  # not used: each operator is given permissions of their own

_SHORT = {
    OperatorRole.OWNER: _("app owner"),
    OperatorRole.SUPPORT: _("support"),
    OperatorRole.AUDITOR: _("auditor"),
    OperatorRole.CHOSEN: _("as ticked"),
}
_VERBS = {
    "view": _("see"),
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
    "read": _("read what was said"),
    "retract": _("retract"),
}


if TYPE_CHECKING:
    AnyModelMultipleChoiceField = forms.ModelMultipleChoiceField[Any]
else:
    AnyModelMultipleChoiceField = forms.ModelMultipleChoiceField


class AppsField(AnyModelMultipleChoiceField):
    """Apps, to tick."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            App.objects.order_by("name", "pk"),
            **kwargs,  # tenant-free: superusers choose among all
        )


class PermissionsField(forms.MultipleChoiceField):
    """Permissions, to tick: those that a page of the admin asks for, model by model."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def offer(self, permissions: Iterable[Permission]) -> None:
        """Let these be chosen, in this order, said in the operator's language."""
        self.choices = [(str(permission.pk), _said(permission)) for permission in permissions]

    def clean(self, value: Any) -> QuerySet[Permission]:
        """The permissions that were ticked."""
        pks = super().clean(value)
        return Permission.objects.filter(pk__in=pks)  # tenant-free: of the whole server


def _said(permission: Permission) -> str:
    model = permission.content_type.model_class()
    name = model._meta.verbose_name_plural if model is not None else permission.content_type
    return f"{name}: {_VERBS[permission.codename.partition('_')[0]]}"


def offered_permissions() -> list[Permission]:
    """The permissions that the pages of the admin ask for, in the order of the admin's models."""
    wanted = [
        (model._meta.app_label, f"{verb}_{model._meta.model_name}")
        for model, model_admin in admin.site._registry.items()
        if isinstance(model_admin, ScopedAdmin)
        for verb in model_admin.grants
    ]
    found = Permission.objects.filter(  # tenant-free: permissions are of the whole server
        codename__in=[codename for _label, codename in wanted]
    ).select_related("content_type")
    by_name = {(each.content_type.app_label, each.codename): each for each in found}
    return [by_name[name] for name in wanted]


class OperatorForm(ServiceForm):
    """What an operator may see and do."""

    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Who is not can't log in. Operators are not deleted: their history stays."),
    )
    is_superuser = forms.BooleanField(
        label=_("Superuser"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Sees and does everything in every app, and makes operators and apps."),
    )
    apps = AppsField(
        label=_("Apps"), required=False, help_text=_("Of other apps, nothing is to be seen.")
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=OperatorRole.choices,
        initial=OperatorRole.OWNER,
        widget=UnfoldAdminSelectWidget,
    )
    permissions = PermissionsField(
        label=_("Permissions"),
        required=False,
        help_text=_("In the operator's apps. Other roles have permissions of their own."),
    )

    class Meta:
        model = Operator
        fields = ("is_active", "is_superuser", "apps", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("permissions")
        if isinstance(field, PermissionsField):
            offered = offered_permissions()
            field.offer(offered)
            given = self.instance.user_permissions.all() if self.instance.pk else offered
            field.initial = [str(permission.pk) for permission in given]


class NewOperatorForm(OperatorForm):
    """An operator to be."""

    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        validators=Operator._meta.get_field("username").validators,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, not only digits and not a common word."),
    )

    class Meta(OperatorForm.Meta):
        fields = ("username", "is_superuser", "apps", "role")

    def clean_password(self) -> str:
        """Ask Django's validators."""
        password: str = self.cleaned_data["password"]
        validate_password(password, Operator(username=self.data.get("username", "")))
        return password


class OperatorPasswordForm(forms.Form):
    """A password in place of a forgotten one."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, not only digits and not a common word."),
    )

    def clean_password(self) -> str:
        """Ask Django's validators."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


@admin.register(Operator)
class OperatorAdmin(ScopedAdmin):
    """Who logs in here. Only superusers see who does."""

    app_path = "apps"
    form = OperatorForm
    list_display = ("username", "kind", "state", "last_login", "date_joined")
    search_fields = ("username",)
    search_help_text = _("Part of a name")
    ordering = ("username",)
    readonly_fields = ("name", "kind", "state", "last_login", "date_joined", "two_factor_since")
    add_fieldsets = (
        (None, {"fields": ("username", "password", "is_superuser")}),
        (_("Unless a superuser"), {"fields": ("apps", "role", "permissions")}),
    )
    fieldsets = (
        (None, {"fields": ("name", "is_active", "is_superuser")}),
        (_("Unless a superuser"), {"fields": ("apps", "role", "permissions")}),
        (_("Record"), {"fields": ("last_login", "date_joined", "two_factor_since")}),
    )
    actions_detail = ("new_password", "reset_two_factor")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Operator | None = None
    ) -> tuple[str, ...]:
        """A name is given once; one's own power is taken by another."""
        if obj is None:
            return ()
        if obj.pk == request.user.pk:
            return (*self.readonly_fields, "is_active", "is_superuser")
        return self.readonly_fields

    def get_fieldsets(self, request: HttpRequest, obj: Operator | None = None) -> Any:
        """One's own power is shown."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or obj.pk != request.user.pk:
            return fieldsets
        return [(None, {"fields": ("name", "state", "kind")}), *fieldsets[1:]]

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[AnyModelForm]:
        """A new operator has a name and a password to be given."""
        if obj is None:
            kwargs["form"] = NewOperatorForm
        form: type[AnyModelForm] = super().get_form(request, obj, change=change, **kwargs)
        return form

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By a part of the name. Operators are few enough to be read through."""
        return rows.filter(username__icontains=term)

    @admin.display(description=_("username"))
    def name(self, operator: Operator) -> str:
        """It stays."""
        return operator.username

    @admin.display(description=_("kind"))
    def kind(self, operator: Operator) -> SafeString | str:
        """How far they see."""
        if operator.is_superuser:
            return badge(_("superuser"), "primary")
        return str(_SHORT[OperatorRole(operator.role)])

    @admin.display(description=_("status"))
    def state(self, operator: Operator) -> SafeString:
        """Whether they may log in."""
        return badge(_("active"), "success") if operator.is_active else badge(_("barred"), "danger")

    def save_model(self, request: HttpRequest, obj: Operator, form: Any, change: bool) -> None:
        """Make the operator, or set what they may."""
        given = form.cleaned_data
        if not change:
            if obj.is_superuser:
                made = create_superuser(username=obj.username, password=given["password"])
            else:
                made = create_operator(username=obj.username, password=given["password"])
            vars(obj).update(vars(made))
        update_operator(
            operator=obj,
            is_active=obj.is_active,
            is_superuser=obj.is_superuser,
            role=given["role"],
            apps=given["apps"],
            permissions=given["permissions"],
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has stored the apps, too."""

    def senseless(self, row: Operator) -> set[str]:
        """What is not there can't be taken away."""
        return set() if row.two_factor_since else {"reset_two_factor"}

    @page_action(
        description=_("Turn the second factor off"),
        permission="change",
        icon="no_encryption",
        variant=ActionVariant.DANGER,
    )
    def reset_two_factor(self, request: HttpRequest, operator: Operator) -> HttpResponse:
        """For somebody who has lost theirs, with the recovery codes."""
        question = Question(
            title=_("Turn the second factor off"),
            text=_("For an operator who has lost it. Be sure that it is they who ask."),
            button=_("Turn it off"),
            back=change_url(operator),
            danger=True,
            about=[operator],
        )

        def perform(data: dict[str, Any]) -> str:
            drop_two_factor(operator=operator)
            return gettext("The second factor is off.")

        return ask(self, request, question, perform)

    @page_action(description=_("New password"), permission="change", icon="password")
    def new_password(self, request: HttpRequest, operator: Operator) -> HttpResponse:
        """Give the operator a password in place of theirs."""
        question = Question(
            title=_("New password"),
            text=_("It replaces the operator's own, and logs them out everywhere."),
            button=_("Set the password"),
            back=change_url(operator),
            about=[operator],
            form_class=OperatorPasswordForm,
        )

        def perform(data: dict[str, Any]) -> str:
            set_operator_password(operator=operator, password=data["password"])
            self.noted(request, operator, "Password")
            return gettext("The operator has a new password.")

        return ask(self, request, question, perform)
