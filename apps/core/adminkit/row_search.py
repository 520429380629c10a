"""A field for one row out of many, found by typing: nothing is loaded but what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.widgets import get_select2_language
from django.db.models import Model, QuerySet
from django.http import HttpRequest, JsonResponse
from unfold.widgets import UnfoldAdminAutocompleteModelChoiceFieldWidget

from apps.core.adminkit.filters import is_number

_ANSWERED = 20  # rows


class RowSearchWidget(UnfoldAdminAutocompleteModelChoiceFieldWidget):
    """A box to type in, below which the rows are offered. The page itself has the chosen one alone."""

    def optgroups(
        self, name: str, value: list[str], attrs: dict[str, Any] | None = None
    ) -> list[Any]:
        """The chosen row, if one was chosen before."""
        choices: Any = self.choices
        rows = choices.queryset.filter(pk__in=[pk for pk in value if is_number(pk)])
        options = [
            self.create_option(
                name, str(row.pk), choices.field.label_from_instance(row), True, place, attrs=attrs
            )
            for place, row in enumerate(rows)
        ]
        return [(None, options, 0)]

    @property
    def media(self) -> forms.Media:
        """With the words of the box in the reader's language."""
        language = get_select2_language()
        theirs: forms.Media = super().media
        if not language:
            return theirs
        # Behind the box itself, and before jQuery is put away.
        words = f"admin/js/vendor/select2/i18n/{language}.js"
        box, away = "admin/js/vendor/select2/select2.full.js", "admin/js/jquery.init.js"
        return theirs + forms.Media(js=[box, words, away])


class RowSearchField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the type checker alone
    """One of the rows of a QuerySet; `url` is a view that answers with `rows_found`."""

    widget = RowSearchWidget

    def __init__(self, *, url: str, told: Callable[[Any], str], **kwargs: Any) -> None:
        self.url = url
        self.told = told
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Where what is typed is sent to."""
        return {"data-ajax--url": self.url, "lang": get_select2_language() or "en"}

    def label_from_instance(self, row: Any) -> str:
        """What is said of a row."""
        return self.told(row)


def rows_found(
    request: HttpRequest, rows: QuerySet[Any], *, lookup: str, told: Callable[[Model], str]
) -> JsonResponse:
    """The first of the rows whose field begins with what was typed, as the box takes them."""
    term = request.GET.get("term", "").strip()
    found = rows.none() if "\0" in term else rows.filter(**{f"{lookup}__startswith": term})
    results = [{"id": str(row.pk), "text": told(row)} for row in found[:_ANSWERED]]
    return JsonResponse({"results": results, "pagination": {"more": False}})
