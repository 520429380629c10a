"""The base of the client API: what an app's end users call with a session's token (ours)."""

from typing import Any

from rest_framework.request import Request

from apps.core.api.dialects import Dialect, v1
from apps.core.api.viewsets import ImViewSet


class ClientViewSet(ImViewSet):
    """As `ImViewSet`, for one user of the app. It speaks v1 to all: its clients are new ones."""

    @property
    def dialect(self) -> Dialect:
        """Always v1."""
        return v1

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the rendering of refusals know the dialect too."""
        request._request.im_dialect = v1  # type: ignore[attr-defined]
        super().initial(request, *args, **kwargs)
