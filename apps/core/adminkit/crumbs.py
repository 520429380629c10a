"""Where a page is: the crumbs of its heading, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext

from apps.core.adminkit.operations import Question, change_url, list_url

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin


@dataclass(frozen=True)
class Crumb:
    """A page above this one, or, as the last, this one."""

    title: str
    url: str = ""


def crumbs_of(request: HttpRequest, context: Mapping[str, Any]) -> list[Crumb]:
    """From the list to the page. What a page is about, its context tells, as Django's own pages do."""
    title = str(context.get("title") or "")
    question = context.get("question")
    opts = context.get("opts")
    model_admin = admin.site._registry.get(opts.model) if opts is not None else None
    if model_admin is None or (isinstance(question, Question) and question.is_own_page):
        return [Crumb(title)]
    row = next(
        (row for name in ("original", "object") if isinstance(row := context.get(name), Model)),
        None,
    )
    if row is None:
        crumbs = _list(request, model_admin, getattr(context.get("cl"), "parent", None))
        adding = Crumb(gettext("Add %(name)s") % {"name": model_admin.opts.verbose_name})
        return [*crumbs, adding] if context.get("add") else crumbs
    crumbs = _list(request, model_admin, *_parent(model_admin, row))
    crumbs.append(Crumb(_name(model_admin, row), change_url(row)))
    return [*crumbs, Crumb(gettext("History"))] if "entries" in context else crumbs


def back_of(context: Mapping[str, Any], crumbs: list[Crumb]) -> str:
    """The way back from the page; nothing for a page at the top."""
    question = context.get("question")
    if isinstance(question, Question):
        return question.back
    return crumbs[-2].url if len(crumbs) > 1 else ""


def _parent(model_admin: ModelAdmin[Any], row: Model) -> tuple[Model | None, str]:
    """The row from whose page this one is reached, and what it is to this one."""
    for name in getattr(model_admin, "parents", {}):
        parent = getattr(row, name, None)
        if isinstance(parent, Model):
            return parent, name
    return None, ""


def _list(
    request: HttpRequest, model_admin: ModelAdmin[Any], parent: Model | None, name: str = ""
) -> list[Crumb]:
    title = capfirst(str(model_admin.opts.verbose_name_plural))
    if not model_admin.has_view_permission(request):
        return [Crumb(title)]
    url = list_url(model_admin.model)
    if parent is None:
        return [Crumb(title, url)]
    above = admin.site.get_model_admin(type(parent))
    query = f"?{name}={parent.pk}" if name else ""
    return [Crumb(_name(above, parent), change_url(parent)), Crumb(title, url + query)]


def _name(model_admin: ModelAdmin[Any], row: Model) -> str:
    return str(getattr(model_admin, "title_of", str)(row))
