"""The audit: to read, for whoever may. Nobody changes it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from apps.core.adminkit.audit_entries import (
    ABOUT,
    actor_of_entry,
    comparison,
    details_of,
    object_of,
    rows_of,
)
from apps.core.adminkit.big_tables import BigTableAdmin, Reading
from apps.core.adminkit.filters import AppFilter, ChoiceFilter, DaysFilter
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.core.models import AuditEntry
from apps.core.models.audit import AuditEntryQuerySet
from apps.core.services.audit import COMMAND_LINE


class ActionFilter(DropdownFilter):
    """One kind of action."""

    title = _("action")
    parameter_name = "done"

    @classmethod
    def parameters(cls) -> list[str]:
        """Names in the list's address."""
        return [cls.parameter_name]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Whatever was ever done."""
        known = AuditEntry.objects.known_actions()
        return sorted(((name, gettext(name)) for name in known), key=lambda each: each[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The entries of that kind."""
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.none() if "\0" in chosen else queryset.filter(action=chosen)


class AboutFilter(ChoiceFilter):
    """What was done to one row; reached from its page."""

    title = _("object")
    parameter_name = ABOUT

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The one, under the name that it had last."""
        asked = request.GET.get(ABOUT, "")
        if not asked:
            return []
        kind, _dot, pk = asked.rpartition(".")
        entries = self._of(model_admin.get_queryset(request), asked).order_by("-pk")
        own = entries.filter(target_type=kind, target_id=pk)  # not the job that changed it, too
        name = own.values_list("target_name", flat=True).first() if "\0" not in asked else None
        return [(asked, name or asked)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Its entries."""
        return self._of(queryset, self.value() or "")

    def _of(self, entries: QuerySet[Any], asked: str) -> QuerySet[Any]:
        kind, _dot, pk = asked.rpartition(".")
        if "\0" in asked:
            return entries.none()
        return cast("AuditEntryQuerySet", entries).about_what_was(kind, pk)


class DoneFilter(DaysFilter):
    """Done from a day to a day."""

    title = _("day")
    field = "at"


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin, BigTableAdmin):
    """What was done in the operator's apps. What concerns no app, log-ins above all, superusers alone see."""

    list_display = ("time", "actor", "app", "said", "object_said", "address")
    list_display_links = ("time",)
    list_select_related = ("app",)
    list_filter = (AppFilter, ActionFilter, DoneFilter, AboutFilter)
    search_fields = ("operator_name",)
    search_help_text = _("Name of the operator, or “command line”")
    fieldsets = (
        (None, {"fields": ("at", "actor", "address", "app_name", "said", "object_said")}),
        (_("Changes"), {"fields": ("compared", "detailed", "rows_said")}),
    )

    def reading(self, request: HttpRequest) -> Reading:
        """By number, which is by time; a superuser's, together with what concerns no app."""
        everyones = request.user.is_superuser and not request.GET.get(AppFilter.parameter_name)
        return Reading(by_app=not everyones)

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By the operator's name, exactly; "command line" in either language."""
        own = COMMAND_LINE if term == gettext(COMMAND_LINE) else term
        return rows.filter(operator_name=own)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing changes it."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Nothing is done to an entry, so it has no history."""
        context = {**(extra_context or {}), "show_history": False}
        shown: HttpResponse = super().change_view(request, object_id, form_url, context)
        return shown

    def title_of(self, row: AuditEntry) -> str:
        """What was done."""
        return gettext(row.action)

    @admin.display(description=_("time"))
    def time(self, entry: AuditEntry) -> Any:
        """When."""
        return entry.at

    @admin.display(description=_("operator"))
    def actor(self, entry: AuditEntry) -> str:
        """Who."""
        return actor_of_entry(entry)

    @admin.display(description=_("action"))
    def said(self, entry: AuditEntry) -> str:
        """What, in the reader's language."""
        return gettext(entry.action)

    @admin.display(description=_("object"))
    def object_said(self, entry: AuditEntry) -> SafeString | str:
        """To what."""
        return object_of(entry)

    @admin.display(description=_("before and after"))
    def compared(self, entry: AuditEntry) -> SafeString | str:
        """What changed."""
        return comparison(entry) or gettext("No field has changed.")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the rows, for what a job was begun with."""
        if obj is None or obj.target_type != "core.job" or not obj.rows.exists():
            return [self.fieldsets[0], (_("Changes"), {"fields": ("compared", "detailed")})]
        return self.fieldsets

    @admin.display(description=_("rows"))
    def rows_said(self, entry: AuditEntry) -> SafeString | str:
        """What the job has changed."""
        return rows_of(entry) or "-"

    @admin.display(description=_("details"))
    def detailed(self, entry: AuditEntry) -> SafeString | str:
        """What was filled in."""
        return details_of(entry)
