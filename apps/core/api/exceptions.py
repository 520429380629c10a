"""Any refusal -> `{"error": {"code": int, "message": str}}`, in the caller's dialect."""

import errno
import logging
from typing import Any, TypedDict

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException, MethodNotAllowed
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.core.api.dialects import Dialect, dialect_of
from apps.core.api.renderers import CONTENT_TYPE, JsonRenderer
from apps.core.errors import (
    BUSY,
    INTERNAL_ERROR,
    MISSING_AUTHENTICATION,
    NO_SUCH_METHOD,
    NO_SUCH_PATH,
    PARAMETER_INVALID,
    ErrorCode,
    ImError,
)
from apps.core.models import App

logger = logging.getLogger(__name__)


class ErrorBody(TypedDict):
    """What a refusal says: the number of the code, and a text that names the field."""

    code: int
    message: str


class ErrorReply(TypedDict):
    """The envelope of every refusal."""

    error: ErrorBody


def dialect_of_request(request: Any) -> Dialect:
    """The dialect of the app that asks, as far as it is known."""
    fixed: Dialect | None = getattr(request, "im_dialect", None)
    if fixed is not None:
        return fixed
    app: App | None = getattr(request, "im_app", None)
    return dialect_of(app.api_version if app else settings.IM_DEFAULT_API_VERSION)


def error_body(error: ImError, dialect: Dialect) -> ErrorBody:
    """The inner object, for the envelope and for the rows of a batch."""
    return {"code": dialect.number(error.code), "message": str(error)}


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Render what a view raised; None lets the unexpected become a logged 500."""
    dialect = dialect_of_request(context["request"])
    error = _as_im_error(exc)
    if error is None:
        return None
    headers = {}
    challenge = context["view"].get_authenticate_header(context["request"])
    if challenge and dialect.status(error.code) == MISSING_AUTHENTICATION.status:
        headers["WWW-Authenticate"] = challenge
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(exc, APIException) and (response := exception_handler(exc, context)):
        headers.update(response.headers)  # Allow
    return Response(
        {"error": error_body(error, dialect)}, status=dialect.status(error.code), headers=headers
    )


def _as_im_error(exc: Exception) -> ImError | None:
    """The refusal that it is, or comes to: while the database or the disk has no room, one may try again."""
    match exc:
        case ImError():
            return exc
        case MethodNotAllowed():
            return ImError(NO_SUCH_METHOD)
        case APIException():
            return ImError(PARAMETER_INVALID, str(exc.detail))
        case OperationalError() | InterfaceError():
            logger.error("the database did not answer: %s", exc)
            return ImError(BUSY)
        case OSError(errno=errno.ENOSPC) | OSError(errno=errno.EDQUOT):
            logger.error("there is no room on the disk: %s", exc)
            return ImError(BUSY)
    return None


def refusal(error: ImError, dialect: Dialect) -> HttpResponse:
    """A refusal by what is no view of DRF's."""
    reply: ErrorReply = {"error": error_body(error, dialect)}
    return HttpResponse(
        JsonRenderer().render(reply), content_type=CONTENT_TYPE, status=dialect.status(error.code)
    )


def _page(request: HttpRequest, code: ErrorCode) -> HttpResponse:
    return refusal(ImError(code), dialect_of_request(request))


def no_such_path(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return _page(request, NO_SUCH_PATH)


def internal_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: nothing of the exception goes out."""
    return _page(request, INTERNAL_ERROR)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: a request Django itself refuses, such as an unknown Host."""
    return _page(request, PARAMETER_INVALID)
