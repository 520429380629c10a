"""Form fields that hold an operator to the limits of the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.core.models import App

_EXTRAS_MAX_BYTES = 512


class ByteLengthField(forms.CharField):
    """Text limited by the length of its UTF-8 encoding, as the API limits it; spaces are kept.

    Browsers send a line's end as two characters; it is one.
    """

    default_error_messages = {
        "too_short": _("At least %(limit)d bytes in UTF-8."),
        "too_long": _("At most %(limit)d bytes in UTF-8; these are %(size)d."),
        "line_break": _("A single line, please."),
    }
    widget = UnfoldAdminTextInputWidget

    def __init__(
        self, *, min_bytes: int = 0, max_bytes: int, single_line: bool = False, **kwargs: Any
    ) -> None:
        kwargs.setdefault("strip", False)
        super().__init__(**kwargs)
        self.min_bytes = min_bytes
        self.max_bytes = max_bytes
        self.single_line = single_line

    def clean(self, value: Any) -> str:
        """Check the bytes and the lines."""
        text: str = super().clean(value).replace("\r\n", "\n")
        size = len(text.encode())
        if text and size < self.min_bytes:
            raise ValidationError(
                self.error_messages["too_short"], "too_short", {"limit": self.min_bytes}
            )
        if size > self.max_bytes:
            raise ValidationError(
                self.error_messages["too_long"],
                "too_long",
                {"limit": self.max_bytes, "size": size},
            )
        if self.single_line and ("\n" in text or "\r" in text):
            raise ValidationError(self.error_messages["line_break"], "line_break")
        return text


class AppField(forms.ChoiceField):
    """One of the operator's apps. Of several, none is chosen beforehand: it would often be the wrong one."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("App"))
        kwargs.setdefault("widget", UnfoldAdminSelectWidget)
        super().__init__(**kwargs)

    def offer(self, apps: Iterable[App]) -> None:
        """Let these be chosen, by their names."""
        named = sorted(
            ((str(app.pk), app.name) for app in apps), key=lambda each: each[1].casefold()
        )
        self.choices = named if len(named) == 1 else [("", _("Choose an app")), *named]


class NamesField(forms.CharField):
    """Names parted by spaces, commas or lines: a list, each once, in the order given."""

    default_error_messages = {"too_many": _("At most %(limit)d at once; these are %(count)d.")}

    def __init__(self, *, at_most: int, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 4}))
        super().__init__(**kwargs)
        self.at_most = at_most

    def clean(self, value: Any) -> list[str]:
        """Part the names, and count them."""
        text: str = super().clean(value)
        names = list(dict.fromkeys(text.replace(",", " ").replace("，", " ").split()))  # noqa: RUF001 typed in Chinese
        if self.required and not names:
            raise ValidationError(self.error_messages["required"], "required")
        if len(names) > self.at_most:
            raise ValidationError(
                self.error_messages["too_many"],
                "too_many",
                {"limit": self.at_most, "count": len(names)},
            )
        return names


class JsonObjectField(forms.CharField):
    """A JSON object of at most so many bytes of compact UTF-8, or nothing."""

    default_error_messages = {
        "invalid": _("A JSON object, please."),
        "no_json": _("This is no JSON: look at line %(line)d, character %(column)d."),
        "too_long": _("At most %(limit)d bytes of JSON in UTF-8."),
        "characters": _("Text in JSON can't hold NUL or half of a surrogate pair."),
    }

    def __init__(self, *, max_bytes: int, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 4}))
        # As many characters as the bytes allow, spaces between them included. It also keeps nesting shallow.
        kwargs.setdefault("max_length", 8 * max_bytes)
        super().__init__(**kwargs)
        self.max_bytes = max_bytes

    def prepare_value(self, value: Any) -> Any:
        """Show an object as JSON."""
        if isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False, indent=2)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it means another object, however it is laid out."""
        try:
            return bool(self.clean(data) != initial)
        except ValidationError:
            return True

    def clean(self, value: Any) -> dict[str, Any] | None:
        """Check the type, the size and what the database can't store."""
        text: str = super().clean(value)
        if not text:
            return None
        try:
            found = json.loads(text)
            compact = json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        except json.JSONDecodeError as error:
            where = {"line": error.lineno, "column": error.colno}
            raise ValidationError(self.error_messages["no_json"], "no_json", where) from None
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], "invalid") from None
        if not isinstance(found, dict):
            raise ValidationError(self.error_messages["invalid"], "invalid")
        if any("\0" in part or not _is_whole(part) for part in _texts(found)):
            raise ValidationError(self.error_messages["characters"], "characters")
        if len(compact.encode()) > self.max_bytes:
            raise ValidationError(
                self.error_messages["too_long"], "too_long", {"limit": self.max_bytes}
            )
        return found


class ExtrasField(JsonObjectField):
    """The extras of a user: at most 512 bytes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_bytes=_EXTRAS_MAX_BYTES, **kwargs)


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
