"""The frame of the OpenAPI document: which paths are in it, its introduction, its tags."""

from pathlib import Path
from typing import Any

from django.apps import apps

from apps.core.api.operations import SERVER, Route, routes
from apps.core.api.schema import tag

_INTRODUCTION = Path(__file__).with_name("introduction.md")


def versioned_paths_only(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """Document the versioned paths: the bare ones are the same operations."""
    return [row for row in endpoints if row[0].startswith(("/v1/", "/v2/", "/client/v1/"))]


def with_introduction(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the text that stands above the operations, and what each tag is about, lower apps first."""
    result["info"]["description"] = _INTRODUCTION.read_text()
    views = {route.view.operation_group: route.view for route in sorted(routes(), key=_place)}
    result["tags"] = [
        {"name": tag(group), "description": view.about} for group, view in views.items()
    ]
    return result


def _place(route: Route) -> tuple[bool, int]:
    """What an app's server calls, then what its users do; within each, as the Django apps are installed."""
    homes = [config.name for config in apps.get_app_configs()]
    home = next(place for place, name in enumerate(homes) if route.view.__module__.startswith(name))
    return route.operation.caller is not SERVER, home
