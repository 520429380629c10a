"""Users: found, registered, edited, disabled, deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.accounts.admin.forms import (
    PROFILE,
    BlockedNamesForm,
    NewPasswordForm,
    ProfileForm,
    RegistrationForm,
)
from apps.accounts.admin.imports import USERS_IMPORT
from apps.accounts.admin.user_filters import RegisteredFilter, RoleFilter, StateFilter
from apps.accounts.admin.wholes import EXPORTED, WHOLES
from apps.accounts.models import User
from apps.accounts.services.blocks import block_users
from apps.accounts.services.sessions import end_sessions_of
from apps.accounts.services.users import (
    Registration,
    delete_users,
    disable_users,
    enable_users,
    register_user,
    set_password,
    update_user,
)
from apps.core.adminkit.audit_entries import audit_of
from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import AppFilter
from apps.core.adminkit.imports import import_page
from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    list_action,
    list_url,
    page_action,
    ticked,
)
from apps.core.adminkit.panels import panel
from apps.core.adminkit.scoped import AnyModelForm
from apps.core.models import App


@admin.register(User)
class UserAdmin(BigTableAdmin):
    """Users of the operator's apps."""

    form = ProfileForm
    grants = ("view", "add", "change", "delete")
    list_display = ("username", "nickname", "app", "role", "status", "created_at")
    list_select_related = ("app",)
    list_filter = (AppFilter, StateFilter, RoleFilter, RegisteredFilter)
    search_fields = ("username",)
    found_by = "username"
    by_days = RegisteredFilter
    search_help_text = _("How a username begins")
    readonly_fields = ("username", "app", "role", "status", "created_at", "updated_at")
    add_fieldsets = (
        (None, {"fields": ("app", "username", "password", "is_admin")}),
        (_("Profile"), {"fields": PROFILE}),
    )
    fieldsets = (
        (None, {"fields": ("username", "app", "role", "status")}),
        (_("Profile"), {"fields": PROFILE}),
        (_("Record"), {"fields": ("created_at", "updated_at")}),
    )
    actions = ("disable_selected", "enable_selected", "log_out_selected", "delete_these")
    actions_list = ("import_users",)
    wholes = WHOLES
    actions_detail = ("new_password", "log_out", "block", "enable", "disable")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever has the permission for it: there is a service."""
        return bool(request.user.has_perm("accounts.delete_user"))

    def has_block_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add blocks."""
        return bool(request.user.has_perm("accounts.add_block"))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """A name and an app are given once."""
        return self.readonly_fields if obj is not None else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[AnyModelForm]:
        """Registration has fields of its own."""
        if obj is None:
            kwargs["form"] = RegistrationForm
        form: type[AnyModelForm] = super().get_form(request, obj, change=change, **kwargs)
        return form

    def named_by_hand(self, row: User) -> tuple[str, str]:
        """The username; the nickname beside it."""
        return row.username, row.nickname

    @admin.display(description=_("role"))
    def role(self, user: User) -> SafeString | str:
        """Whether they are an API admin."""
        return badge(_("API admin"), "primary") if user.is_admin else gettext("user")

    @admin.display(description=_("status"))
    def status(self, user: User) -> SafeString:
        """Whether they may log in and send."""
        if user.disabled_at is None:
            return badge(_("enabled"), "success")
        return badge(_("disabled"), "danger")

    def senseless(self, row: User) -> set[str]:
        """Disable the enabled, enable the disabled."""
        return {"enable"} if row.disabled_at is None else {"disable"}

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Register the user, or update their profile."""
        if change:
            update_user(app=obj.app, username=obj.username, changes=form.changes)
            return
        profile = {name: form.cleaned_data[name] for name in PROFILE}
        registration = Registration(
            username=obj.username,
            password=form.cleaned_data["password"],
            is_admin=obj.is_admin,
            **profile,
        )
        vars(obj).update(vars(register_user(app=obj.app, registration=registration)))

    def exported(self, request: HttpRequest) -> Mapping[str, Callable[[User], Any]]:
        """As an import takes them; without passwords."""
        return EXPORTED

    def has_import_users_permission(self, request: HttpRequest) -> bool:
        """Whoever may add users, and begin jobs."""
        return bool(request.user.has_perms(("accounts.add_user", "core.add_job")))

    @list_action(description=_("Import users"), permission="import_users", icon="upload")
    def import_users(self, request: HttpRequest) -> HttpResponse:
        """From a file."""
        return import_page(self, request, USERS_IMPORT)

    # Of one user

    @page_action(description=_("New password"), permission="change", icon="password")
    def new_password(self, request: HttpRequest, user: User) -> HttpResponse:
        """Give the user a password in place of theirs."""
        question = Question(
            title=_("New password"),
            text=_(
                "It replaces the user's own, and logs them out everywhere. Tell it to them in a safe way."
            ),
            button=_("Set the password"),
            back=change_url(user),
            about=[user],
            form_class=NewPasswordForm,
        )

        def perform(data: dict[str, Any]) -> str:
            set_password(app=user.app, username=user.username, password=data["password"])
            self.noted(request, user, "Password")
            return gettext("The user has a new password.")

        return ask(self, request, question, perform)

    @page_action(description=_("Block users"), permission="block", icon="front_hand")
    def block(self, request: HttpRequest, user: User) -> HttpResponse:
        """Put others on the user's blacklist."""
        question = Question(
            title=_("Block users"),
            text=_("Whom the user blocks can't send them single messages any more."),
            button=_("Block"),
            back=change_url(user),
            about=[user],
            form_class=BlockedNamesForm,
        )

        def perform(data: dict[str, Any]) -> str:
            block_users(app=user.app, owner=user, usernames=data["usernames"])
            self.noted(request, user, "blocks")
            return gettext("Blocked.")

        return ask(self, request, question, perform)

    @page_action(
        description=_("Disable"),
        permission="change",
        icon="person_off",
        variant=ActionVariant.DANGER,
    )
    def disable(self, request: HttpRequest, user: User) -> HttpResponse:
        """Bar one user."""
        return self._ask_disable(request, [user], back=change_url(user))

    @page_action(
        description=_("Enable"), permission="change", icon="person", variant=ActionVariant.PRIMARY
    )
    def enable(self, request: HttpRequest, user: User) -> HttpResponse:
        """Let one user in again."""
        return self._ask_enable(request, [user], back=change_url(user))

    @page_action(description=_("Delete"), permission="delete")
    def delete_view(self, request: HttpRequest, user: User) -> HttpResponse:
        """Delete one user."""
        return self._ask_delete(request, [user])

    @page_action(description=_("Log out"), permission="change", icon="logout")
    def log_out(self, request: HttpRequest, user: User) -> HttpResponse:
        """End all sessions of one user."""
        return self._ask_log_out(request, [user], back=change_url(user))

    # Of those ticked in the list

    @admin.action(description=_("Disable selected users"), permissions=["change"])
    def disable_selected(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse:
        """Bar them."""
        return self._ask_disable(request, list(users), action="disable_selected")

    @admin.action(description=_("Enable selected users"), permissions=["change"])
    def enable_selected(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse:
        """Let them in again."""
        return self._ask_enable(request, list(users), action="enable_selected")

    @admin.action(description=_("Log selected users out"), permissions=["change"])
    def log_out_selected(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse:
        """End all of their sessions."""
        return self._ask_log_out(request, list(users), action="log_out_selected")

    @admin.action(description=_("Delete selected users"), permissions=["delete"])
    def delete_these(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse:
        """Delete them."""
        return self._ask_delete(request, list(users), action="delete_these")

    # Both ways

    def _ask_disable(
        self, request: HttpRequest, users: list[User], *, back: str = "", action: str = ""
    ) -> HttpResponse:
        question = Question(
            title=_("Disable users"),
            text=_("They can neither log in nor send until they are enabled. Nothing is deleted."),
            button=_("Disable"),
            back=back or list_url(User),
            danger=True,
            about=users,
            hidden=ticked(action, users),
        )

        def perform(data: dict[str, Any]) -> str:
            count = self._by_app(users, disable_users)
            for user in users:
                self.noted(request, user, "disabled at")
            text = ngettext("%(count)d user disabled.", "%(count)d users disabled.", count)
            return text % {"count": count}

        return ask(self, request, question, perform)

    def _ask_enable(
        self, request: HttpRequest, users: list[User], *, back: str = "", action: str = ""
    ) -> HttpResponse:
        question = Question(
            title=_("Enable users"),
            text=_("They can log in and send again."),
            button=_("Enable"),
            back=back or list_url(User),
            about=users,
            hidden=ticked(action, users),
        )

        def perform(data: dict[str, Any]) -> str:
            count = self._by_app(users, enable_users)
            for user in users:
                self.noted(request, user, "disabled at")
            text = ngettext("%(count)d user enabled.", "%(count)d users enabled.", count)
            return text % {"count": count}

        return ask(self, request, question, perform)

    def _ask_log_out(
        self, request: HttpRequest, users: list[User], *, back: str = "", action: str = ""
    ) -> HttpResponse:
        question = Question(
            title=_("Log out everywhere"),
            text=_("Their devices are cut off, and have to log in again."),
            button=_("Log out"),
            back=back or list_url(User),
            about=users,
            hidden=ticked(action, users),
        )

        def perform(data: dict[str, Any]) -> str:
            with transaction.atomic():
                count = sum(
                    end_sessions_of(app=app, user_ids=[user.pk for user in theirs])
                    for app, theirs in _of_apps(users)
                )
            for user in users:
                self.noted(request, user, "sessions")
            text = ngettext("%(count)d session ended.", "%(count)d sessions ended.", count)
            return text % {"count": count}

        return ask(self, request, question, perform)

    def _ask_delete(
        self, request: HttpRequest, users: list[User], *, action: str = ""
    ) -> HttpResponse:
        question = Question(
            title=_("Delete users"),
            text=_(
                "This can't be undone. They leave their groups; a group they own passes to its oldest "
                "member, or is dissolved if it is empty. What they sent stays in the log under their name."
            ),
            button=_("Delete"),
            back=list_url(User),
            danger=True,
            about=users,
            hidden=ticked(action, users),
        )

        def perform(data: dict[str, Any]) -> str:
            self.log_deletions(request, users)
            with transaction.atomic():
                for app, theirs in _of_apps(users):
                    delete_users(app=app, usernames=[user.username for user in theirs])
            text = ngettext("%(count)d user deleted.", "%(count)d users deleted.", len(users))
            return text % {"count": len(users)}

        return ask(self, request, question, perform)

    def _by_app(self, users: list[User], service: Callable[..., int]) -> int:
        """Call a service that takes users of one app for each of the apps; all or nothing."""
        with transaction.atomic():
            return sum(
                service(app=app, users=app.users.filter(pk__in=[user.pk for user in theirs]))
                for app, theirs in _of_apps(users)
            )


def _of_apps(users: list[User]) -> list[tuple[App, list[User]]]:
    """The users of each app, the apps in the order of their ids: always the same, so that locks are too."""
    apps = {user.app_id: user.app for user in users}
    return [(apps[pk], [user for user in users if user.app_id == pk]) for pk in sorted(apps)]


panel(User, place=1000)(audit_of)
