"""What Django itself refuses, and what fails: a page for people, JSON for callers of the API.

The page is made without the database, a session or an operator: they may be what is away.
"""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.api import exceptions
from apps.core.middleware import is_page

# Nothing but the page itself, and its own style.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: an unknown host, a form too large, a filter that there is not."""
    if not is_page(request):
        return exceptions.bad_request(request, exception)
    return _page(
        HTTPStatus.BAD_REQUEST,
        _("This can't be understood"),
        _("The address or the form is not one of the console's, or larger than it takes."),
    )


def internal_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: nothing of the exception goes out, but that the database is away."""
    if not is_page(request):
        return exceptions.internal_error(request)
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return _page(
            HTTPStatus.SERVICE_UNAVAILABLE,
            _("The database does not answer"),
            _("Try again in a moment. What you sent was not stored."),
        )
    return _page(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        _("Something went wrong"),
        _("What you sent was not stored. The server's log tells more."),
    )


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: a form of another site, or one that was opened before the log-in."""
    return _page(
        HTTPStatus.FORBIDDEN,
        _("The form is not good any more"),
        _(
            "It was opened before you logged in, or cookies are off. Open the page anew, and send it."
        ),
    )


def _page(status: HTTPStatus, title: str | Promise, text: str | Promise) -> HttpResponse:
    response = HttpResponse(
        render_to_string("admin/failure.html", {"title": title, "text": text}), status=status
    )
    add_never_cache_headers(response)
    response.headers["Content-Security-Policy"] = _POLICY
    return response
