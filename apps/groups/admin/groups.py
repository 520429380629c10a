"""Groups: created, edited, handed on, dissolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.accounts.models import User
from apps.core.adminkit.audit_entries import audit_of
from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin, Reading, is_searched
from apps.core.adminkit.filters import AppFilter, ChoiceFilter, DaysFilter, is_number
from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    list_url,
    page_action,
    row_link,
)
from apps.core.adminkit.panels import SHOWN, Panel, panel
from apps.core.adminkit.scoped import AnyModelForm
from apps.groups.admin.forms import GroupForm, NewGroupForm, NewMembersForm, NewOwnerForm
from apps.groups.models import Group, GroupMember
from apps.groups.services.groups import (
    NewGroup,
    create_group,
    dissolve_group,
    transfer_group,
    update_group,
)
from apps.groups.services.members import change_members


class StandingFilter(ChoiceFilter):
    """Standing or dissolved."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Either."""
        return [("standing", _("standing")), ("dissolved", _("dissolved"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those in that state."""
        if self.value() not in ("standing", "dissolved"):
            return queryset
        return queryset.filter(dissolved_at__isnull=self.value() == "standing")


class CreatedFilter(DaysFilter):
    """Created from a day to a day."""

    title = _("day of creation")
    field = "created_at"


EXPORTED: Mapping[str, Callable[[Group], Any]] = {
    "gid": lambda group: group.pk,
    "name": lambda group: group.name,
    "desc": lambda group: group.description,
    "avatar": lambda group: group.avatar,
    "owner_username": lambda group: group.owner.username if group.owner else "",
    "ctime": lambda group: group.created_at,
    "mtime": lambda group: group.updated_at,
}


@admin.register(Group)
class GroupAdmin(BigTableAdmin):
    """Groups of the operator's apps. A dissolved one is there to be read."""

    form = GroupForm
    grants = ("view", "add", "change", "delete")
    list_display = ("name", "gid", "app", "owner", "kind", "status", "created_at")
    list_select_related = ("app", "owner")
    list_filter = (AppFilter, StandingFilter, CreatedFilter)
    search_fields = ("name",)
    found_by = "name"
    search_help_text = _("How a name begins, or a group's number")
    readonly_fields = (
        "gid",
        "app",
        "owner",
        "kind",
        "max_members",
        "status",
        "created_at",
        "updated_at",
        "dissolved_at",
    )
    add_fieldsets = (
        (None, {"fields": ("app", "name", "description", "avatar", "kind")}),
        (_("People"), {"fields": ("owner_username", "members_username")}),
    )
    fieldsets = (
        (None, {"fields": ("gid", "app", "status", "name", "description", "avatar")}),
        (_("People"), {"fields": ("owner", "kind", "max_members")}),
        (_("Record"), {"fields": ("created_at", "updated_at", "dissolved_at")}),
    )
    actions_detail = ("add_members", "transfer", "dissolve")

    def exported(self, request: HttpRequest) -> Mapping[str, Callable[[Group], Any]]:
        """As an import takes them; without members."""
        return EXPORTED

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing changes in a dissolved group."""
        if isinstance(obj, Group) and obj.dissolved_at is not None:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_dissolve_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete groups: nothing more can be done to one."""
        return bool(request.user.has_perm("groups.delete_group"))

    def has_add_members_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add members."""
        return bool(request.user.has_perm("groups.add_groupmember"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Group | None = None
    ) -> tuple[str, ...]:
        """Much is given once, or changes in ways of its own."""
        return self.readonly_fields if obj is not None else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[AnyModelForm]:
        """A new group has people."""
        if obj is None:
            kwargs["form"] = NewGroupForm
        form: type[AnyModelForm] = super().get_form(request, obj, change=change, **kwargs)
        return form

    def reading(self, request: HttpRequest) -> Reading:
        """By what finds them: the name that is searched for, the days that are given, or else the number."""
        if is_searched(request) or not any(map(request.GET.get, CreatedFilter.parameters())):
            return super().reading(request)
        return Reading(("created_at", "pk"), by_app=True)

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By the beginning of the name, a range of an index; or by number."""
        named = super().find(request, rows, term)
        return named | rows.filter(pk=int(term)) if is_number(term) else named

    @admin.display(description=_("number"))
    def gid(self, group: Group) -> str:
        """Its gid."""
        return str(group.pk)

    @admin.display(description=_("status"))
    def status(self, group: Group) -> SafeString:
        """Whether it stands."""
        if group.dissolved_at is None:
            return badge(_("standing"), "success")
        return badge(_("dissolved"))

    def senseless(self, row: Group) -> set[str]:
        """Nothing makes sense for a dissolved group."""
        return set() if row.dissolved_at is None else set(self.actions_detail)

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        """Create the group, or change its description."""
        if change:
            update_group(app=obj.app, gid=obj.pk, changes=form.changes)
            return
        new = NewGroup(
            owner_username=form.cleaned_data["owner_username"],
            name=obj.name,
            description=obj.description,
            avatar=obj.avatar,
            kind=obj.kind,
            members_username=form.cleaned_data["members_username"],
        )
        vars(obj).update(vars(create_group(app=obj.app, new=new)))

    @page_action(
        description=_("Add members"),
        permission="add_members",
        icon="group_add",
        variant=ActionVariant.PRIMARY,
    )
    def add_members(self, request: HttpRequest, group: Group) -> HttpResponse:
        """Let users join."""
        question = Question(
            title=_("Add members"),
            text=_("All of them join, or none. They read what is said from now on."),
            button=_("Add"),
            back=change_url(group),
            about=[group],
            form_class=NewMembersForm,
        )

        def perform(data: dict[str, Any]) -> str:
            change_members(app=group.app, gid=group.pk, add=data["usernames"])
            self.noted(request, group, "group members")
            return gettext("Added.")

        return ask(self, request, question, perform)

    @page_action(description=_("Transfer"), permission="change", icon="swap_horiz")
    def transfer(self, request: HttpRequest, group: Group) -> HttpResponse:
        """Make another member the owner."""
        question = Question(
            title=_("Transfer the group"),
            text=_("Another member becomes the owner. The owner before stays a member."),
            button=_("Transfer"),
            back=change_url(group),
            about=[group],
            form_class=NewOwnerForm,
        )

        def perform(data: dict[str, Any]) -> str:
            transfer_group(app=group.app, gid=group.pk, username=data["username"])
            self.noted(request, group, "owner")
            return gettext("The group has a new owner.")

        return ask(self, request, question, perform)

    @page_action(description=_("Dissolve"), permission="dissolve", icon="group_off")
    def dissolve(self, request: HttpRequest, group: Group) -> HttpResponse:
        """Dissolve the group."""
        question = Question(
            title=_("Dissolve the group"),
            text=_(
                "This can't be undone. Its members leave it; what was said stays readable to those who "
                "were there."
            ),
            button=_("Dissolve"),
            back=change_url(group),
            danger=True,
            about=[group],
        )

        def perform(data: dict[str, Any]) -> str:
            dissolve_group(app=group.app, gid=group.pk)
            self.noted(request, group, "dissolved at")
            return gettext("The group is dissolved.")

        return ask(self, request, question, perform)


@panel(User)
def groups_of_user(request: HttpRequest, user: User) -> Panel | None:
    """The groups the user is in."""
    if not request.user.has_perm("groups.view_group"):
        return None
    memberships = user.memberships.select_related("group").order_by("-pk")
    return Panel(
        title=_("Groups"),
        headers=[_("group"), _("role"), _("since")],
        rows=[
            [row_link(member.group), member.get_role_display(), member.joined_at]
            for member in memberships[:SHOWN]
        ],
        empty=_("The user is in no group."),
        more=f"{list_url(GroupMember)}?user={user.pk}",
    )


panel(Group, place=1000)(audit_of)
