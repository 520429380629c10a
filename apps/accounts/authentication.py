"""Who asks in the client API: a user, by the bearer token of a session."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.accounts.models import ClientSession, User
from apps.accounts.services.sessions import session_of_token
from apps.core.errors import APP_SUSPENDED, MISSING_AUTHENTICATION, TOKEN_INVALID, ImError
from apps.core.models import App

if TYPE_CHECKING:  # DRF imports such modules while it defines APIView
    from rest_framework.views import APIView


@dataclass(frozen=True)
class UserPrincipal:
    """A user, speaking for themselves."""

    session: ClientSession
    is_authenticated: ClassVar[bool] = True

    @property
    def user(self) -> User:
        """Who."""
        return self.session.user

    @property
    def app(self) -> App:
        """Of which app."""
        return self.session.user.app


def principal_of(token: str) -> UserPrincipal:
    """Who the token stands for. Raises TOKEN_INVALID, TOKEN_EXPIRED, USER_DISABLED, APP_SUSPENDED."""
    session = session_of_token(token)
    if session.user.app.suspended_at is not None:
        raise ImError(APP_SUSPENDED)
    return UserPrincipal(session)


def token_of(header: bytes) -> str:
    """The token of `Authorization: Bearer …`. Raises MISSING_AUTHENTICATION, TOKEN_INVALID."""
    if not header:
        raise ImError(MISSING_AUTHENTICATION)
    scheme, _, token = header.partition(b" ")
    token = token.strip()
    if scheme.lower() != b"bearer" or not token.isascii():
        raise ImError(TOKEN_INVALID)
    return token.decode()


class SessionTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[UserPrincipal, None]:
        """Name the user, or raise as `principal_of` does."""
        return principal_of(token_of(get_authorization_header(request))), None

    def authenticate_header(self, request: Request) -> str:
        """The challenge that goes with a 401."""
        return 'Bearer realm="imserver"'


class IsUser(BasePermission):
    """Only a user with a session: an app's key and secret are no session."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the request came with a session's token."""
        return isinstance(request.user, UserPrincipal)
