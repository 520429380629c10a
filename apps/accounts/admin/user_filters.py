"""Filters of the list of users. Each is served by an index, or by a table that is small."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.filters import ChoiceFilter, DaysFilter


class StateFilter(ChoiceFilter):
    """Enabled, disabled, or online."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Each."""
        return [("enabled", _("enabled")), ("disabled", _("disabled")), ("online", _("online"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those in that state. Who is online is found from the connections: they are few."""
        if self.value() == "online":
            return queryset.filter(pk__in=User.objects.connected().values("pk"))
        if self.value() not in ("enabled", "disabled"):
            return queryset
        return queryset.filter(disabled_at__isnull=self.value() == "enabled")


class RoleFilter(ChoiceFilter):
    """API admins, or everyone."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those who are admins."""
        return [("admin", _("API admin"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those who are."""
        return queryset.filter(is_admin=True) if self.value() == "admin" else queryset


class RegisteredFilter(DaysFilter):
    """Registered from a day to a day."""

    title = _("day of registration")
    field = "created_at"
