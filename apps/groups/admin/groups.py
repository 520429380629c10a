"""Groups: created, imported, edited, handed on, dissolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.audit_entries import audit_of
from apps.core.adminkit.filters import AppFilter, DaysFilter
from apps.core.adminkit.imports import import_page
from apps.core.adminkit.operations import list_action
from apps.core.adminkit.panels import panel
from apps.groups.admin.forms import GroupForm, NewGroupForm
from apps.groups.admin.gathering_admin import GatheringAdmin, StandingFilter
from apps.groups.admin.gatherings import GROUPS
from apps.groups.admin.imports import GROUPS_IMPORT
from apps.groups.models import Group
from apps.groups.services.groups import NewGroup, create_group, update_group


class CreatedFilter(DaysFilter):
    """Created from a day to a day."""

    title = _("day of creation")
    field = "created_at"


EXPORTED: Mapping[str, Callable[[Group], Any]] = {
    "gid": lambda group: group.pk,
    "name": lambda group: group.name,
    "desc": lambda group: group.description,
    "avatar": lambda group: group.avatar,
    "flag": lambda group: group.kind,
    "owner_username": lambda group: group.owner.username if group.owner else "",
    "MaxMemberCount": lambda group: group.max_members,
    "ctime": lambda group: group.created_at,
    "mtime": lambda group: group.updated_at,
}


@admin.register(Group)
class GroupAdmin(GatheringAdmin):
    """Groups of the operator's apps."""

    gathering = GROUPS
    form = GroupForm
    add_form = NewGroupForm
    actions_list = ("import_groups",)
    list_display = ("name", "number", "app", "owner", "kind", "status", "created_at")
    list_filter = (AppFilter, StandingFilter, CreatedFilter)
    by_days = CreatedFilter
    search_help_text = _("How a name begins, or a group's number")
    readonly_fields = (
        "number",
        "app",
        "owner",
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
        (None, {"fields": ("number", "app", "status", "name", "description", "avatar", "kind")}),
        (_("People"), {"fields": ("owner", "max_members")}),
        (_("Record"), {"fields": ("created_at", "updated_at", "dissolved_at")}),
    )

    def exported(self, request: HttpRequest) -> Mapping[str, Callable[[Group], Any]]:
        """As an import takes them; without members."""
        return EXPORTED

    def has_import_groups_permission(self, request: HttpRequest) -> bool:
        """Whoever may add groups, and begin jobs."""
        return bool(request.user.has_perms(("groups.add_group", "core.add_job")))

    @list_action(description=_("Import groups"), permission="import_groups", icon="upload")
    def import_groups(self, request: HttpRequest) -> HttpResponse:
        """From a file."""
        return import_page(self, request, GROUPS_IMPORT)

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        """Create the group, or change it."""
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


panel(Group, place=1000)(audit_of)
