"""The web chat: one page, which speaks the client API from the browser."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from apps.realtime.texts import texts


@require_safe
@cache_control(private=True, no_cache=True)
def chat(request: HttpRequest) -> HttpResponse:
    """`GET /chat/`: the page, in the reader's language. `?appkey=` and `?username=` fill in its form."""
    context = {
        "texts": json.dumps(texts(), ensure_ascii=False),
        "body_limit": settings.IM_MESSAGE_BODY_MAX_BYTES,
        "media_limit": settings.IM_MEDIA_MAX_BYTES,
        "retract_seconds": settings.IM_RETRACT_SECONDS,
    }
    response = render(request, "chat/index.html", context)
    response.headers["Content-Security-Policy"] = content_security_policy(request)
    return response


def content_security_policy(request: HttpRequest) -> str:
    """What the page may do: run and load what this server serves, talk to this server, nothing else.

    Trusted types are refused altogether, so a browser that knows them lets no text become markup,
    whatever the scripts do.
    """
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"connect-src 'self'{_socket_source(request)}",
            "img-src 'self' data:",
            "media-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _socket_source(request: HttpRequest) -> str:
    """This server's WebSockets, for browsers to which 'self' does not mean them.

    The grammar of sources has no IPv6 addresses; there 'self' must do.
    """
    host = request.get_host()
    if host.startswith("["):
        return ""
    return f" {'wss' if request.is_secure() else 'ws'}://{host}"
