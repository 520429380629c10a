"""OpenAPI: what drf-spectacular cannot see by itself."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import resolve_type_hint

from apps.core.errors import (
    AUTHENTICATION_FAILED,
    BUSY,
    MISSING_AUTHENTICATION,
    PARAMETER_INVALID,
    RATE_LIMITED,
)

_ALWAYS = (
    PARAMETER_INVALID,
    MISSING_AUTHENTICATION,
    AUTHENTICATION_FAILED,
    RATE_LIMITED,
    BUSY,
)


class ImSchema(AutoSchema):
    """Operation ids of the form `group_action`, tagged by group."""

    def get_operation_id(self) -> str:
        """As the dialects name it."""
        return f"{self.view.operation_group}_{self.view.action}"

    def get_tags(self) -> list[str]:
        """By the group of operations."""
        return [self.view.operation_group.replace("_", " ")]


def versioned_paths_only(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """Document `/v1` and `/v2`: the bare paths are the same operations."""
    return [row for row in endpoints if row[0].startswith(("/v1/", "/v2/"))]


def shape_of(reply: Any) -> dict[str, Any]:
    """The JSON schema of a TypedDict."""
    resolved: dict[str, Any] = resolve_type_hint(reply)
    return resolved
