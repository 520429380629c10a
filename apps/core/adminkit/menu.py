"""The sidebar: the project lists its own entries (`settings.UNFOLD`), and Django apps put theirs beside them.

An add-on calls `menu_entry` where it registers its admin; it need not know who else is in the section.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.functional import Promise

Permission = Callable[[HttpRequest], bool]


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """A link. `section` is the key of a section, or the title of a new one at the end."""

    section: str | Promise
    title: str | Promise
    icon: str
    view: str
    permission: Permission | None


_entries: list[MenuEntry] = []
_PLACE = "place_in_menu"


def menu_entry(
    *,
    section: str | Promise,
    title: str | Promise,
    icon: str,
    view: str,
    permission: str | Permission | None = None,
) -> None:
    """Put a link into the sidebar, for whoever has the permission.

    `section` is `home`, `people`, `log`, `server`, or a title of one's own: then a section of that title
    follows the others. `icon` is a name of Material Symbols, `view` the name of a URL without arguments, and
    `permission` the name of one (`diary.view_entry`), or a function of the request.
    """
    may = (
        (lambda request: bool(request.user.has_perm(permission)))
        if isinstance(permission, str)
        else permission
    )
    entry = MenuEntry(section=section, title=title, icon=icon, view=view, permission=may)
    if entry.view not in {known.view for known in _entries}:
        _entries.append(entry)


def sections_with_entries(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The project's sections, each with the entries that were put into it, and new ones behind them."""
    whole = [{**section, "items": list(section["items"])} for section in sections]
    known: dict[object, dict[str, Any]] = {
        section["key"]: section for section in whole if "key" in section
    }
    for entry in _entries:
        section = known.get(entry.section)
        if section is None:
            section = {"title": entry.section, "separator": True, "items": []}
            known[entry.section] = section
            whole.append(section)
        section["items"].append(_item(entry))
    for section in whole:
        section["items"] = [
            {**item, "active": _is_here(item["link"])} if "link" in item else item
            for item in section["items"]
        ]
    return whole


def _is_here(link: object) -> Permission:
    """Whether a page is below the link: that of a row, too, that is reached from another row's page."""

    def active(request: HttpRequest) -> bool:
        address, here = str(link), _place_of(request)
        return here == address if address == reverse("admin:index") else here.startswith(address)

    return active


def _place_of(request: HttpRequest) -> str:
    """Where the page is, found once for all entries of its menu."""
    remembered = vars(request)
    if _PLACE not in remembered:
        remembered[_PLACE] = _find_place(request)
    found: str = remembered[_PLACE]
    return found


def _find_place(request: HttpRequest) -> str:
    # The settings, which name the sections, are read before the models.
    from django.contrib import admin

    from apps.core.adminkit.operations import list_url

    match = request.resolver_match
    name = (match.url_name if match is not None else None) or ""
    for model, model_admin in admin.site._registry.items():
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            parents = getattr(model_admin, "parents", {})
            asked = [above for parameter, above in parents.items() if request.GET.get(parameter)]
            above = next(iter([*asked, *parents.values()]), None)
            return request.path if above is None else list_url(above)
    return request.path


def _item(entry: MenuEntry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "title": entry.title,
        "icon": entry.icon,
        "link": reverse_lazy(entry.view),
    }
    if entry.permission is not None:
        item["permission"] = entry.permission
    return item
