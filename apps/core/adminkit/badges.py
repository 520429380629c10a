"""Badges: a word about a row's state, in a colour."""

from __future__ import annotations

from typing import Literal

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString

Colour = Literal["default", "primary", "info", "success", "warning", "danger"]


def badge(text: str | Promise, colour: Colour = "default") -> SafeString:
    """The badge, for a list, a form or a panel."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "variant": colour})
