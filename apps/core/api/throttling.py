"""The rate limit at the door of the API."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.core import rate_limit
from apps.core.authentication import AppPrincipal
from apps.core.errors import RATE_LIMITED, ImError

if TYPE_CHECKING:  # DRF imports this module while it defines APIView
    from rest_framework.views import APIView


class AppThrottle(BaseThrottle):
    """Count the call of the app; `ImViewSet` puts the allowance into the reply's headers."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Let it pass, or raise RATE_LIMITED."""
        principal: object = request.user
        if isinstance(principal, AppPrincipal) and principal.app.call_limit:
            if request.META.get("imserver.taken_up"):  # a long-poll taken up again is one call
                return True
            allowance = rate_limit.take(principal.app)
            setattr(request, "im_allowance", allowance)  # noqa: B010 for the headers
            if allowance.exceeded:
                raise ImError(RATE_LIMITED)
        return True
