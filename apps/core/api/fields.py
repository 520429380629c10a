"""Serializer fields of the protocol."""

from contextlib import suppress
from datetime import date, datetime
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

_TOO_SHORT = "must be at least {limit} bytes in UTF-8"


class ByteLengthField(serializers.CharField):
    """Text limited by the length of its UTF-8 encoding: `Byte(4~128)` in the protocol.

    A Chinese character counts as three bytes, so `max_length`, which counts characters, must not be used
    for these limits. Only a JSON string is text: numbers and booleans are refused.
    """

    pattern: ClassVar[str] = ""  # a regular expression for the documentation
    ascii_only: ClassVar[bool] = False  # whether a character is always a byte

    default_error_messages = {
        "too_short": _TOO_SHORT,
        "too_long": "must be at most {limit} bytes in UTF-8",
        "line_break": "must be a single line",
    }

    def __init__(
        self, *, min_bytes: int = 0, max_bytes: int, single_line: bool = False, **kwargs: Any
    ) -> None:
        # DRF looks at an empty text before we do.
        kwargs.setdefault("allow_blank", min_bytes == 0)
        kwargs.setdefault("error_messages", {})
        kwargs["error_messages"].setdefault("blank", _TOO_SHORT.format(limit=min_bytes))
        kwargs.setdefault("trim_whitespace", False)
        limits = f"{min_bytes} to {max_bytes} bytes of UTF-8."
        kwargs["help_text"] = f"{kwargs.get('help_text', '')} {limits}".strip()
        super().__init__(**kwargs)
        self.min_bytes = min_bytes
        self.max_bytes = max_bytes
        self.single_line = single_line

    def to_internal_value(self, data: Any) -> str:
        """Check the type, the bytes and the lines."""
        if not isinstance(data, str):
            self.fail("invalid")
        text: str = super().to_internal_value(data)
        size = len(text.encode())
        if size < self.min_bytes:
            self.fail("too_short", limit=self.min_bytes)
        if size > self.max_bytes:
            self.fail("too_long", limit=self.max_bytes)
        if self.single_line and ("\n" in text or "\r" in text):
            self.fail("line_break")
        return text


@extend_schema_field({"type": "array", "items": {"type": "string"}, "maxItems": 500})
class UsernamesField(serializers.JSONField):
    """An array of user names, checked by `apps.core.api.viewsets.usernames`."""


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer: not a string that looks like one, not a boolean, not 1.0."""

    def to_internal_value(self, data: Any) -> int:
        """Check the type before the range."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        number: int = super().to_internal_value(data)
        return number


@extend_schema_field(
    {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$",
        "description": "`yyyy-MM-dd`; a time of day after it is dropped.",
        "examples": ["1990-01-24"],
    }
)
class DayField(serializers.Field[date, Any, str, Any]):
    """A day, `yyyy-MM-dd`; the form `yyyy-MM-dd HH:mm:ss` that replies use is taken as well."""

    default_error_messages = {"invalid": "must be a day as yyyy-MM-dd"}

    def to_internal_value(self, data: Any) -> date:
        """Parse either form; the time of day is dropped."""
        if isinstance(data, str) and data.isascii():
            for form, length in (("%Y-%m-%d", 10), ("%Y-%m-%d %H:%M:%S", 19)):
                if len(data) == length:
                    with suppress(ValueError):
                        return datetime.strptime(data, form).date()  # noqa: DTZ007 a day has no zone
        raise serializers.ValidationError(self.error_messages["invalid"], "invalid")

    def to_representation(self, value: date) -> str:
        """`yyyy-MM-dd 00:00:00`."""
        return f"{value.isoformat()} 00:00:00"
