"""Pages of the console that belong to no model: a Django app registers them, the site serves them.

They are under the site's own rules: for operators alone, in their language and time zone, never cached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise

View = Callable[..., HttpResponse]
Permission = Callable[[HttpRequest], bool]


@dataclass(frozen=True, kw_only=True)
class SitePage:
    """A page, its place below `/admin/`, and who may open it."""

    route: str
    name: str
    permission: Permission
    view: View


_pages: dict[str, SitePage] = {}


def site_page(*, route: str, name: str, permission: str | Permission) -> Callable[[View], View]:
    """Serve a view at `/admin/<route>`, as `admin:<name>`.

    `permission` is the name of one, or a function of the request; others are refused. Register it where the
    app registers its admin: later, the addresses are made.
    """

    def register(view: View) -> View:
        may = (
            (lambda request: bool(request.user.has_perm(permission)))
            if isinstance(permission, str)
            else permission
        )
        _pages[name] = SitePage(route=route, name=name, permission=may, view=view)
        return view

    return register


def site_pages() -> list[SitePage]:
    """All pages that were registered."""
    return list(_pages.values())


def urls_of_pages(wrap: Callable[[View], View]) -> list[URLPattern]:
    """Their addresses; `wrap` is the site's own `admin_view`."""
    return [path(page.route, wrap(_guarded(page)), name=page.name) for page in site_pages()]


def shown(
    request: HttpRequest, template: str, title: str | Promise, context: dict[str, Any]
) -> TemplateResponse:
    """The page made of a template, with what every page of the site knows."""
    request.current_app = admin.site.name
    whole = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, template, whole)


def _guarded(page: SitePage) -> View:
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not page.permission(request):
            raise PermissionDenied
        return page.view(request, **kwargs)

    return view
