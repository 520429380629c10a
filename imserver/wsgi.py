"""The WSGI application: API, admin and documentation."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from imserver import streams

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imserver.settings.prod")

_django = get_wsgi_application()
_patterns = get_resolver().url_patterns  # so the views are loaded, before the first request
# All that lives as long as the process. The collector passes it over: 30 ms of a request each time, else.
gc.collect()
gc.freeze()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request. What is sent and asked is UTF-8, whatever charset the body is said to have.

    Django would read the query in that charset, and fail before anything of ours runs where it is a codec
    that reads no text.
    """
    content_type = environ.get("CONTENT_TYPE", "")
    if "charset" in content_type.lower():
        environ["CONTENT_TYPE"] = content_type.partition(";")[0]
    if streams.in_parts(environ):
        return streams.answer(_django, environ, start_response)
    return _django(environ, start_response)
