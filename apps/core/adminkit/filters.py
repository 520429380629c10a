"""Filters of lists: by app, by a choice, by days, by a number. Each is served by an index of its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RadioFilter, TextFilter
from unfold.contrib.filters.forms import RangeDateForm

from apps.core.adminkit.scope import apps_of

_LARGEST_ID = 2**63 - 1


def is_number(text: str) -> bool:
    """Whether it can be the number of a row."""
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST_ID


class ChoiceFilter(RadioFilter):
    """A few choices, one of which may be taken."""

    @classmethod
    def parameters(cls) -> Iterable[str]:
        """Names in the list's address."""
        return [cls.parameter_name]


class AppFilter(DropdownFilter):
    """One of the operator's apps; not there for who has one alone."""

    title = _("app")
    parameter_name = "app"

    @classmethod
    def parameters(cls) -> Iterable[str]:
        """Names in the list's address."""
        return [cls.parameter_name]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The apps by name."""
        apps = sorted(apps_of(request), key=lambda app: app.name.casefold())
        return [(str(app.pk), app.name) for app in apps]

    def has_output(self) -> bool:
        """Whether there is a choice."""
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of that app; none for an app that is not the operator's."""
        if not self.value():
            return queryset
        chosen = [app.pk for app in chosen_apps(request)]
        return queryset.filter(**{f"{self.app_path}__in": chosen})

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.app_path = model_admin.app_path


def chosen_apps(request: HttpRequest) -> list[Any]:
    """The apps whose rows a list shows: the one that `AppFilter` names, or all of the operator's."""
    return shown_by(request, request.GET)


def shown_by(request: HttpRequest, query: QueryDict) -> list[Any]:
    """The apps whose rows a list of that query shows."""
    apps = apps_of(request)
    chosen = query.get(AppFilter.parameter_name)
    return [app for app in apps if str(app.pk) == chosen] if chosen else list(apps)


class NumberFilter(TextFilter):
    """The number of another row, such as a conversation's."""

    lookup: ClassVar[str]

    @classmethod
    def parameters(cls) -> Iterable[str]:
        """Names in the list's address."""
        return [cls.parameter_name]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that belong to it; with a word about what is not a number."""
        text = (self.value() or "").strip()
        if not text:
            return queryset
        if not is_number(text):
            complaint = gettext("%(filter)s: a number, please.") % {"filter": self.title}
            messages.error(request, complaint)
            return queryset.none()
        return queryset.filter(**{self.lookup: int(text)})


class DaysFilter(admin.ListFilter):
    """From a day to a day, both whole, in the time zone in which times are shown."""

    template = "unfold/filters/filters_date_range.html"
    form_class = RangeDateForm
    field: ClassVar[str]

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.parameters():
            values = params.pop(name, None)
            if values and values[-1]:
                self.used_parameters[name] = values[-1]

    @classmethod
    def parameters(cls) -> Iterable[str]:
        """Names in the list's address."""
        return [f"{cls.field}_from", f"{cls.field}_to"]

    def has_output(self) -> bool:
        """Always."""
        return True

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """The two fields."""
        yield {"form": self.form_class(name=self.field, data=self.used_parameters)}

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """From when, and until before when. Raises ValidationError for what is not a day."""
        first_name, last_name = self.parameters()
        first = _day(self.used_parameters.get(first_name, ""))
        last = _day(self.used_parameters.get(last_name, ""))
        return (
            None if first is None else start_of(first),
            None if last is None or last == date.max else start_of(last + timedelta(days=1)),
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of those days; with a word about what is not a day."""
        try:
            start, end = self.bounds()
        except ValidationError as error:
            complaint = {"filter": self.title, "complaint": " ".join(error.messages)}
            messages.error(request, gettext("%(filter)s: %(complaint)s") % complaint)
            return queryset.none()
        if start is not None:
            queryset = queryset.filter(**{f"{self.field}__gte": start})
        if end is not None:
            queryset = queryset.filter(**{f"{self.field}__lt": end})
        return queryset


def in_words(model_admin: Any, request: HttpRequest) -> list[tuple[str, str]]:
    """The filters that are on in the list asked for, and what is searched for: name and value."""
    given = {name: request.GET.getlist(name) for name in request.GET}
    specs = [
        each(request, given, model_admin.model, model_admin)
        for each in model_admin.get_list_filter(request)
    ]
    told = [(str(capfirst(str(spec.title))), _value_of(spec)) for spec in specs]
    told.append((gettext("Search"), request.GET.get(SEARCH_VAR, "")))
    return [(title, value) for title, value in told if value]


def _value_of(spec: Any) -> str:
    if isinstance(spec, DaysFilter):
        days = [str(spec.used_parameters.get(name, "")) for name in spec.parameters()]
        return " – ".join(day or "…" for day in days) if any(days) else ""  # noqa: RUF001 a dash
    chosen = spec.value() or ""
    offered = {str(value): label for value, label in getattr(spec, "lookup_choices", ())}
    return str(offered.get(chosen, chosen))


def _day(text: object) -> date | None:
    found: date | None = forms.DateField(required=False).clean(text)
    return found


def start_of(day: date) -> datetime:
    """Midnight of that day, in the time zone in which times are shown."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())
