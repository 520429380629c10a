"""What a principal may open."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.core.authentication import AppPrincipal

if TYPE_CHECKING:  # DRF imports this module while it defines APIView
    from rest_framework.views import APIView


class IsAppServer(BasePermission):
    """The default: only an app's own server. A chat user's session is no key to the server API."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the request came with an app's key and secret."""
        return isinstance(request.user, AppPrincipal)
