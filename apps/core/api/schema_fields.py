"""What drf-spectacular can't see of our serializer fields and of our authentication."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema

from apps.core.api.fields import ByteLengthField

_BYTES_PER_CHARACTER = 4  # at most, in UTF-8


class ByteLengthSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """JSON Schema counts characters: as close to the limits in bytes as that allows."""

    target_class = ByteLengthField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """The schema of one field."""
        field: ByteLengthField = self.target
        shortest = field.min_bytes
        if not field.ascii_only:
            shortest = -(-shortest // _BYTES_PER_CHARACTER)
        schema = {"type": "string", "minLength": shortest, "maxLength": field.max_bytes}
        if not shortest:
            del schema["minLength"]
        if field.pattern:
            schema["pattern"] = field.pattern
        elif field.single_line:
            schema["pattern"] = "^[^\\r\\n]*$"
        return schema


class AppBasicSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The app's key and secret."""

    target_class = "apps.core.authentication.AppBasicAuthentication"
    name = "app"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """HTTP Basic."""
        return {
            "type": "http",
            "scheme": "basic",
            "description": "The app key as the user name, the master secret as the password.",
        }
