"""Filters of lists, from the query string, in the app's own time zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import django_filters
from django.db.models import QuerySet

from apps.core.api import wire_time
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App


class MomentFilter(django_filters.CharFilter):
    """A time, `yyyy-MM-dd HH:mm:ss` in the app's zone: documented as such, read by the filter's method."""


class BooleanFilter(django_filters.CharFilter):
    """`true` or `false`: documented as such, read by the filter's method."""


class AppFilterSet(django_filters.FilterSet):
    """A filter set that knows the tenant and refuses what it cannot read."""

    def __init__(self, app: App, query: Mapping[str, str], queryset: QuerySet[Any]) -> None:
        self.app = app
        super().__init__(data=query, queryset=queryset)

    def moment(self, name: str, text: str) -> datetime:
        """The parameter's moment in the app's zone; PARAMETER_INVALID names it."""
        return wire_time.parse(self.app, name, text)

    def rows(self) -> QuerySet[Any]:
        """What passes every filter given. PARAMETER_INVALID names the first that cannot be read."""
        if not self.form.is_valid():
            name, problems = next(iter(self.form.errors.items()))
            raise ImError(PARAMETER_INVALID, f"{name}: {problems[0]}")
        filtered: QuerySet[Any] = self.qs
        return filtered
