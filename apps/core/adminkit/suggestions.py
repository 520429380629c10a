"""Rows that are named by hand, suggested while one types: users by their names, groups by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import reverse_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.core.adminkit.filters import chosen_apps

if TYPE_CHECKING:
    from apps.core.adminkit.big_tables import BigTableAdmin

_AT_MOST = 10  # rows
_LONGEST = 255  # characters typed


class SuggestingInput(UnfoldAdminTextInputWidget):
    """A box for a text that means a row of the form's app; below it, those that fit are offered.

    `model` is the label of one whose admin has `found_by`, such as `"accounts.User"`. Anything may be typed
    all the same, and without JavaScript it is a box like any other.
    """

    def __init__(self, model: str, attrs: dict[str, Any] | None = None) -> None:
        url = reverse_lazy(f"admin:{model.lower().replace('.', '_')}_suggested")
        super().__init__({"data-suggestions": url, "autocomplete": "off", **(attrs or {})})

    class Media:
        js = ("imserver/suggestions.js",)


def suggested(model_admin: BigTableAdmin, request: HttpRequest) -> JsonResponse:
    """The first rows that the list's search finds for `term` in the one app that `app` says.

    Each as what is typed to mean it, and what is said beside that. None before anything is typed, nor while
    the app is not chosen.
    """
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    term, apps = request.GET.get("term", "").strip(), chosen_apps(request)
    if not term or len(term) > _LONGEST or len(apps) != 1:
        return JsonResponse({"results": []})
    rows = model_admin.get_queryset(request).filter(**{model_admin.app_path: apps[0]})
    found, _ = model_admin.get_search_results(request, model_admin.suggestible(rows), term)
    named = [model_admin.named_by_hand(row) for row in found[:_AT_MOST]]
    return JsonResponse({"results": [{"value": value, "label": label} for value, label in named]})
