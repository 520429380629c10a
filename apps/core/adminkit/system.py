"""The system page: tables about the server itself, for superusers. Django apps put theirs there."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from apps.core.adminkit.panels import Panel

Maker = Callable[[HttpRequest], Panel | None]
_makers: list[tuple[int, Maker]] = []


def system_panel(*, place: int = 100) -> Callable[[Maker], Maker]:
    """Register a maker of a table for the system page; they are in the order of `place`.

    It is called whenever the page is opened, by a superuser alone. None: nothing to show.
    """

    def register(maker: Maker) -> Maker:
        _makers.append((place, maker))
        _makers.sort(key=lambda placed: placed[0])
        return maker

    return register


def system_panels(request: HttpRequest) -> list[Panel]:
    """All tables."""
    made = (maker(request) for _place, maker in _makers)
    return [found for found in made if found is not None]
