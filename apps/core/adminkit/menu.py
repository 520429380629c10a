"""The sidebar: the project lists its own entries (`settings.UNFOLD`), and Django apps put theirs beside them.

An add-on calls `menu_entry` where it registers its admin; it need not know who else is in the section.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
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
    return whole


def _item(entry: MenuEntry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "title": entry.title,
        "icon": entry.icon,
        "link": reverse_lazy(entry.view),
    }
    if entry.permission is not None:
        item["permission"] = entry.permission
    return item
