"""Panels: what else there is to know about a row, shown as tables below its form.

An app hangs its panels on the rows of the apps below it: `@panel(User)` in `apps.groups.admin` shows a user's
groups on the user's page, which knows nothing of groups. An add-on may do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import Promise

SHOWN = 10
"""Rows of a panel; `more` leads to the others."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A table. Cells are shown escaped unless they are safe already. `more` is the URL of the whole list."""

    title: str | Promise
    headers: Sequence[str | Promise]
    rows: Sequence[Sequence[object]]
    empty: str | Promise
    note: str | Promise = ""
    more: str = ""


Maker = Callable[[HttpRequest, Any], Panel | None]
_makers: dict[type[Model], list[tuple[int, Maker]]] = {}


def panel(model: type[Model], *, place: int = 100) -> Callable[[Maker], Maker]:
    """Register a maker of panels for the rows of a model. It returns None where there is nothing to show.

    Panels are in the order of `place`, and of their registration. A maker checks the operator's permission
    for what it shows; the row itself is theirs to see.
    """

    def register(maker: Maker) -> Maker:
        makers = _makers.setdefault(model, [])
        makers.append((place, maker))
        makers.sort(key=lambda placed: placed[0])
        return maker

    return register


def panels_of(request: HttpRequest, row: Model) -> list[Panel]:
    """The panels of the row that this operator may see."""
    made = (maker(request, row) for _place, maker in _makers.get(type(row), ()))
    return [found for found in made if found is not None]
