"""The base of every API viewset: the tenant, the dialect, the body, the reply."""

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from apps.core.api import json_body
from apps.core.api.dialects import Dialect, Difference
from apps.core.api.exceptions import dialect_of_request
from apps.core.errors import NO_SUCH_PATH, PARAMETER_INVALID, ImError
from apps.core.models import App
from apps.core.rate_limit import Allowance


class ImViewSet(ViewSet):
    """Actions parse, call one service or QuerySet method, and reply. They start from `self.app`."""

    operation_group: ClassVar[str]
    http_method_names = ["get", "post", "put", "delete", "head"]

    @property
    def app(self) -> App:
        """The tenant that asks: where every query starts."""
        app: App = getattr(self.request.user, "app")  # noqa: B009 both principals have one
        return app

    @property
    def dialect(self) -> Dialect:
        """The API version the app pins. For `parse`, `reply` and errors alone."""
        return dialect_of_request(self.request)

    @property
    def _operation(self) -> str:
        return f"{self.operation_group}.{self.action}"

    @property
    def _difference(self) -> Difference:
        return self.dialect.difference(self._operation)

    @property
    def query(self) -> Mapping[str, str]:
        """The query string. NUL is refused, since no value that is looked up can hold one."""
        query = self.request.query_params
        for name in query:
            if "\0" in name or "\0" in query[name]:
                raise ImError(PARAMETER_INVALID, f"{name!r}: must not contain NUL")
        return query

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, authorise and count the call, as DRF does; then ask whether the dialect has it."""
        super().initial(request, *args, **kwargs)
        if self._operation in self.dialect.lacks:
            self._refuse_what_the_dialect_lacks()

    def _refuse_what_the_dialect_lacks(self) -> NoReturn:
        allowed = [
            method.upper()
            for method, action in self.action_map.items()
            if f"{self.operation_group}.{action}" not in self.dialect.lacks
        ]
        if not allowed:
            raise ImError(NO_SUCH_PATH)
        self.headers["Allow"] = ", ".join(allowed)
        raise MethodNotAllowed(str(self.request.method))

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the three rate-limit headers, to refusals as well."""
        allowance: Allowance | None = getattr(request, "im_allowance", None)
        if allowance is not None:
            response["X-Rate-Limit-Limit"] = str(allowance.limit)
            response["X-Rate-Limit-Remaining"] = str(allowance.remaining)
            response["X-Rate-Limit-Reset"] = str(allowance.reset)
            if allowance.exceeded:
                response["Retry-After"] = str(allowance.reset)
        finalized: Response = super().finalize_response(request, response, *args, **kwargs)
        return finalized

    def body(self) -> Any:
        """The JSON body in v1 shape; `json_body.ABSENT` without one. Raises PARAMETER_INVALID."""
        raw: HttpRequest = self.request._request
        body = json_body.read(raw)
        if body is json_body.ABSENT:
            return body
        return self._difference.inbound(body)

    def parse(self, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The body as that serializer reads it; PARAMETER_INVALID names the first field that is wrong."""
        body = self.body()
        if body is json_body.ABSENT:
            raise ImError(PARAMETER_INVALID, "body: is required")
        return self.check(shape, body)

    def check(
        self, shape: type[serializers.Serializer[Any]], value: Any, place: str = ""
    ) -> dict[str, Any]:
        """One value as that serializer reads it. A `null` member counts as absent: some clients send them.

        `place` is where it stands, if it is not the body itself: `body[3]`.
        """
        if not isinstance(value, dict):
            raise ImError(PARAMETER_INVALID, f"{place or 'body'}: must be an object")
        present = {name: member for name, member in value.items() if member is not None}
        serializer = shape(data=present)
        if not serializer.is_valid():
            raise ImError(PARAMETER_INVALID, first_message(serializer.errors, place))
        checked: dict[str, Any] = serializer.validated_data
        return checked

    def parse_list(self, *, of: str, at_most: int) -> list[Any]:
        """The body as an array of 1 to `at_most` values; PARAMETER_INVALID says of what it should be."""
        body = self.body()
        if not isinstance(body, list) or not body:
            raise ImError(PARAMETER_INVALID, f"body: must be an array of {of}")
        if len(body) > at_most:
            raise ImError(PARAMETER_INVALID, f"body: must have at most {at_most} {of}")
        return body

    def parse_usernames(self, *, at_most: int) -> list[str]:
        """The body as an array of user names, each once, in their order."""
        return usernames(self.parse_list(of="usernames", at_most=at_most), "body")

    def reply(self, body: Any = None, *, status: int = 200) -> Response:
        """Answer in the app's dialect. `status` is that of v1."""
        difference = self._difference
        return Response(difference.outbound(body), status=difference.status or status)


def usernames(value: Any, name: str) -> list[str]:
    """A JSON array of strings, each once, in their order; PARAMETER_INVALID names the place."""
    if not isinstance(value, list):
        raise ImError(PARAMETER_INVALID, f"{name}: must be an array of usernames")
    for place, username in enumerate(value):
        if not isinstance(username, str):
            raise ImError(PARAMETER_INVALID, f"{name}[{place}]: must be a string")
    if len(set(value)) != len(value):
        raise ImError(PARAMETER_INVALID, f"{name}: names a user twice")
    return value


def first_message(errors: Any, path: str = "") -> str:
    """`field: what is wrong`, for the first of a serializer's errors."""
    if isinstance(errors, dict):
        name, inner = next(iter(errors.items()))
        step = "" if name == "non_field_errors" else str(name)
        return first_message(inner, f"{path}.{step}".strip("."))
    if isinstance(errors, list):
        for place, inner in enumerate(errors):
            if isinstance(inner, dict | list):
                if inner:
                    return first_message(inner, f"{path}[{place}]")
            else:
                return f"{path}: {inner}" if path else str(inner)
    return f"{path}: {errors}"
