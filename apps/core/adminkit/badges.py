"""Badges: a word about a row's state, in a colour."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString

Colour = Literal["default", "primary", "info", "success", "warning", "danger"]


def badge(text: str | Promise, colour: Colour = "default") -> SafeString:
    """The badge, for a list, a form or a panel."""
    return _rendered(str(text), colour)


@lru_cache(maxsize=512, typed=True)  # what is escaped already is of another type
def _rendered(text: str, colour: Colour) -> SafeString:
    """Kept, since a list shows the same few in each of its rows."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "variant": colour})
