"""What happens to every request before its path is looked up.

An API request has no session, no language and no form, so what serves pages for people is passed over for it:
half of the work that is not the request's own.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

Handler = Callable[[HttpRequest], HttpResponseBase]

_SLASHES = re.compile(r"/{2,}")


def is_page(request: HttpRequest) -> bool:
    """Whether the path is below one of `settings.IM_PAGE_PREFIXES`; all others are the API, `/admins` too."""
    return f"{request.path_info}/".startswith(settings.IM_PAGE_PREFIXES)


class LenientPath:
    """Serve `/users`, `/users/` and `//users` alike, without a redirect, which would lose a POST's body.

    Only for API paths: pages keep Django's own rules.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Rewrite the path in place."""
        if is_page(request):
            return self.get_response(request)
        # A page before, on the same thread, may have left its reader's language behind.
        translation.activate("en")
        path = request.path_info
        if "//" in path:
            path = _SLASHES.sub("/", path)
        if path.endswith("/") and path != "/":
            path = path[:-1]
        request.path_info = path
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and not response.has_header("Content-Length"):
            response.headers["Content-Length"] = str(len(response.content))
        return response


class _ForPages:
    """Mixed into a middleware, passes it over for the API."""

    get_response: Any  # of the middleware it is mixed into

    def __call__(self, request: HttpRequest) -> Any:
        serve = super().__call__ if is_page(request) else self.get_response  # type: ignore[misc]
        return serve(request)


class PageFiles(_ForPages, WhiteNoiseMiddleware):
    """Static files."""


class PageSessions(_ForPages, SessionMiddleware):
    """Sessions."""


class PageLanguage(_ForPages, LocaleMiddleware):
    """The reader's language."""


class PageCommon(_ForPages, CommonMiddleware):
    """The check of the host that links are built from."""


class PageForms(_ForPages, CsrfViewMiddleware):
    """Forged forms are refused. An API request is authenticated by a header, which no form can send."""

    def process_view(
        self, request: HttpRequest, callback: Any, callback_args: Any, callback_kwargs: Any
    ) -> Any:
        """Nothing to check for the API."""
        if is_page(request):
            return super().process_view(request, callback, callback_args, callback_kwargs)
        return None


class PageOperators(_ForPages, AuthenticationMiddleware):
    """Operators."""


class PageMessages(_ForPages, MessageMiddleware):
    """What a page tells after a redirect."""


class PageFrames(_ForPages, XFrameOptionsMiddleware):
    """No page is shown within another site's."""
