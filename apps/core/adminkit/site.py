"""ConsoleSite: Django's admin site, as unfold dresses it, with our own home, times and refusals."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from http import HTTPStatus
from typing import Any, cast

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from unfold.sites import UnfoldAdminSite

from apps.core.adminkit.audited import note
from apps.core.adminkit.filters import AppFilter, chosen_apps
from apps.core.adminkit.home import cards_of, charts_of
from apps.core.adminkit.pages import urls_of_pages
from apps.core.adminkit.scope import apps_of
from apps.core.adminkit.time_zone import zone_of
from apps.core.database import planned_for_its_values
from apps.core.models import App, AuditEntry

_APPS_SHOWN = 12
_RECENT = 10

# Nothing comes from elsewhere, and no script stands in a page. Alpine, which unfold is written in, evaluates
# expressions in attributes: 'unsafe-eval' (docs/adr/0026).
_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

View = Callable[..., HttpResponse]
Gate = Callable[[HttpRequest], HttpResponse | None]


class _Choices(AutocompleteJsonView):
    """What a field may refer to, while one types."""

    def process_request(self, request: HttpRequest) -> Any:
        """As Django's, but for names of relations that are another model's fields: those have no choices."""
        found: Any = super().process_request(request)
        if not found[2].concrete:
            raise PermissionDenied
        return found


class ConsoleSite(UnfoldAdminSite):
    """The operator's site. Whatever page it answers with is rendered in the operator's time zone."""

    index_title = _("Home")
    login_view: type[LoginView] = LoginView
    """What logs operators in."""
    gates: list[Gate] = []
    """Asked before every page for whoever is logged in: an answer of one goes in the page's place."""

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """A page for operators: a refusal, and what does not exist, are pages too."""
        inner: View = super().admin_view(view, cacheable)

        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with timezone.override(zone_of(request)), planned_for_its_values():
                try:
                    response = self._turned_away(request) or inner(request, *args, **kwargs)
                except Http404:
                    response = self.notice(request, "admin/absent.html", _("Not found"), 404)
                except PermissionDenied:
                    response = self.notice(request, "admin/refused.html", _("Not allowed"), 403)
                return self.dressed(response, cacheable=cacheable)

        return update_wrapper(page, view)

    def _turned_away(self, request: HttpRequest) -> HttpResponse | None:
        answers = (gate(request) for gate in self.gates if request.user.is_authenticated)
        return next((answer for answer in answers if answer is not None), None)

    def extra_urls(self) -> list[URLPattern]:
        """Pages that Django apps registered (`apps.core.adminkit.pages`)."""
        return urls_of_pages(self.admin_view)

    def notice(self, request: HttpRequest, template: str, title: Any, status: int) -> HttpResponse:
        """A page that says why there is no other."""
        context = {**self.each_context(request), "title": title}
        request.current_app = self.name
        return TemplateResponse(request, template, context, status=status)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The log-in, under the same policy."""
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        request.current_app = self.name
        view = self.login_view.as_view(
            extra_context=context,
            authentication_form=self.login_form,
            template_name="admin/login.html",
            next_page="admin:index",
        )
        return self.dressed(cast("HttpResponse", view(request)))

    def dressed(self, response: HttpResponse, *, cacheable: bool = False) -> HttpResponse:
        """The page, rendered, with the headers of all pages."""
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        if not cacheable:
            add_never_cache_headers(response)
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One's own password; the change is noted."""
        with transaction.atomic():
            response: HttpResponse = super().password_change(request, extra_context)
            if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
                note(request, gettext_noop("Own password changed"))
        return response

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page knows: the time zone of its times, too."""
        context: dict[str, Any] = super().each_context(request)
        context["time_zone"] = str(zone_of(request))
        return context

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Home: figures of the operator's apps, or of one of them; the apps; what was done last."""
        apps = apps_of(request)
        chosen = chosen_apps(request)
        one = request.GET.get(AppFilter.parameter_name, "")
        context = {
            "apps": apps[:_APPS_SHOWN],
            "apps_not_shown": len(apps[_APPS_SHOWN:]),
            "app_choices": [(str(app.pk), app.name) for app in _by_name(apps)],
            "app_chosen": one,
            "cards": cards_of(request, chosen) if chosen else [],
            "charts": charts_of(request, chosen) if chosen else [],
            "recent": AuditEntry.objects.by_operator(request.user.pk or 0)[:_RECENT],
            **(extra_context or {}),
        }
        response: HttpResponse = super().index(request, context)
        return response

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """The choices of a field."""
        return cast("HttpResponse", _Choices.as_view(admin_site=self)(request))

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is no search over everything: unfold's would keep one language's answers for the other."""
        raise Http404


def _by_name(apps: list[App]) -> list[App]:
    return sorted(apps, key=lambda app: app.name.casefold())
