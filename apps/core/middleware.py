"""What happens to every request before its path is looked up."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_SLASHES = re.compile(r"/{2,}")


class LenientPath:
    """Serve `/users`, `/users/` and `//users` alike, without a redirect, which would lose a POST's body.

    Only for API paths: pages for people (`settings.IM_PAGE_PREFIXES`) keep Django's own rules.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Rewrite the path in place."""
        path = request.path_info
        if not path.startswith(settings.IM_PAGE_PREFIXES):
            if "//" in path:
                path = _SLASHES.sub("/", path)
            if path.endswith("/") and path != "/":
                path = path[:-1]
            request.path_info = path
        return self.get_response(request)
