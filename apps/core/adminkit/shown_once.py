"""The page of what is shown once: a secret that was just made, to be copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_COPIED = _("I have copied it")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A line of the page. One with a `name`, which is its id there, has a button that copies it."""

    label: str | Promise = ""
    value: str
    name: str = ""
    in_lines: bool = False  # as they stand, however long


@dataclass(frozen=True, kw_only=True)
class ShownOnce:
    """What the page says. `way_on` is where one goes from there, and what reloading leads to."""

    title: str | Promise
    warning: str | Promise
    facts: Sequence[Fact]
    way_on: str
    note: str | Promise = ""
    button: str | Promise = _COPIED


def show_once(request: HttpRequest, shown: ShownOnce, opts: Any = None) -> HttpResponse:
    """The page, which is not redirected to: so the secret is stored nowhere, nor cached.

    `opts` are those of the model whose page it is.
    """
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": shown.title,
        "opts": opts,
        "shown": shown,
    }
    return TemplateResponse(request, "admin/shown_once.html", context)
