"""Sessions, oneself and one's blacklist, over the client API."""

from datetime import datetime
from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.client_schemas import (
    client_blocks_schema,
    client_me_schema,
    client_sessions_schema,
    client_users_schema,
)
from apps.accounts.api.serializers import ProfileIn, SeenUserReply, user_reply
from apps.accounts.api.session_serializers import (
    ClientRegistrationIn,
    LoginIn,
    OpenedSessionReply,
    OwnPasswordIn,
    SessionReply,
)
from apps.accounts.authentication import IsUser, SessionTokenAuthentication, UserPrincipal
from apps.accounts.models import ClientSession, User
from apps.accounts.services.blocks import block_users, unblock_users
from apps.accounts.services.sessions import (
    OpenedSession,
    change_password,
    end_session,
    log_in,
    renew_session,
)
from apps.accounts.services.users import (
    Registration,
    register_user,
    update_user,
)
from apps.core import app_cache
from apps.core.api import json_body, wire_time
from apps.core.api.clients import ClientViewSet
from apps.core.client_address import client_address
from apps.core.errors import (
    APP_SUSPENDED,
    NO_SUCH_APP,
    PARAMETER_INVALID,
    REGISTRATION_CLOSED,
    ImError,
)
from apps.core.models import App


class UserClientViewSet(ClientViewSet):
    """Base of what a user does with a session."""

    authentication_classes = [SessionTokenAuthentication]
    permission_classes = [IsUser]

    @property
    def principal(self) -> UserPrincipal:
        """Who asks, with the session."""
        principal: object = self.request.user
        if not isinstance(principal, UserPrincipal):
            raise TypeError("a client viewset must not be open to others than users")
        return principal

    @property
    def user(self) -> User:
        """Who asks."""
        return self.principal.user


def _open_app(app_key: str) -> App:
    app = app_cache.get(app_key) if "\0" not in app_key else None
    if app is None:
        raise ImError(NO_SUCH_APP)
    if app.suspended_at is not None:
        raise ImError(APP_SUSPENDED)
    return app


def parse_session_id(text: str) -> int:
    """The number in a path; PARAMETER_INVALID for anything else than digits."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ImError(PARAMETER_INVALID, "session_id: must be a number")
    return int(text)


def opened_reply(app: App, opened: OpenedSession) -> OpenedSessionReply:
    """A session just opened, with its token."""
    return {
        "token": opened.token,
        "session_id": opened.session.pk,
        "expires_at": wire_time.milliseconds(opened.session.expires_at),
        "user": client_user(app, opened.session.user),
    }


def client_user(app: App, user: User) -> SeenUserReply:
    """A user as clients of `app` see them: without what only the draft had, with the key of another app."""
    shown: dict[str, Any] = dict(user_reply(app, user))
    del shown["star"]
    if user.app_id != app.pk:
        shown["appkey"] = user.app.app_key
    return cast("SeenUserReply", shown)


def session_reply(session: ClientSession, *, current: int | None, online: bool) -> SessionReply:
    """A session without its token. Times in milliseconds since 1970."""

    def moment(at: datetime) -> int:
        return wire_time.milliseconds(at)

    return {
        "session_id": session.pk,
        "platform": session.platform,
        "device_id": session.device_id,
        "created_at": moment(session.created_at),
        "last_seen_at": moment(session.last_seen_at),
        "expires_at": moment(session.expires_at),
        "current": session.pk == current,
        "online": online,
    }


@client_users_schema
class ClientRegistrationViewSet(ClientViewSet):
    """`POST /client/v1/users`: open to whoever knows the app's key, where the app lets clients register."""

    operation_group = "client_users"
    authentication_classes = []
    permission_classes = []

    def register(self, request: Request) -> Response:
        """Register oneself."""
        data = self.parse(ClientRegistrationIn)
        app = _open_app(data.pop("appkey"))
        if not app.sdk_registration:
            raise ImError(REGISTRATION_CLOSED)
        user = register_user(app=app, registration=Registration(**data))
        return self.reply(client_user(app, user), status=201)


@client_sessions_schema
class SessionViewSet(UserClientViewSet):
    """`/client/v1/sessions`: one's own. Opening one is open to whoever knows the app's key."""

    operation_group = "client_sessions"

    @property
    def _is_entrance(self) -> bool:
        method = getattr(self.request, "method", "")  # none yet when the API is documented
        return self.action_map.get(str(method).lower()) == "log_in"

    def get_authenticators(self) -> list[Any]:
        """None for who is about to log in."""
        return [] if self._is_entrance else super().get_authenticators()

    def get_permissions(self) -> Any:
        """None for who is about to log in."""
        return [] if self._is_entrance else super().get_permissions()

    def log_in(self, request: Request) -> Response:
        """Open a session by a password."""
        data = self.parse(LoginIn)
        app = _open_app(data.pop("appkey"))
        opened = log_in(app=app, address=client_address(request.META), **data)
        return self.reply(opened_reply(app, opened), status=201)

    def list(self, request: Request) -> Response:
        """All of one's log-ins, the newest first."""
        sessions = self.user.sessions.with_presence().newest_first()
        current = self.principal.session.pk
        rows = [
            session_reply(row, current=current, online=getattr(row, "connections_now", 0) > 0)
            for row in sessions
        ]
        return self.reply({"sessions": rows})

    def end(self, request: Request, session_id: str) -> Response:
        """Log a device out; `current` is the one that asks."""
        mine = session_id == "current"
        number = self.principal.session.pk if mine else parse_session_id(session_id)
        end_session(app=self.app, user=self.user, session_id=number)
        return self.reply(status=204)

    def renew(self, request: Request) -> Response:
        """A new token for the session that asks; the old one ends."""
        opened = renew_session(app=self.app, session=self.principal.session)
        return self.reply(opened_reply(self.app, opened))


@client_me_schema
class MeViewSet(UserClientViewSet):
    """`/client/v1/me`."""

    operation_group = "client_me"

    def retrieve(self, request: Request) -> Response:
        """Oneself."""
        return self.reply(client_user(self.app, self.user))

    def update(self, request: Request) -> Response:
        """Set the fields given."""
        body = self.body()
        changes = self.check(ProfileIn, {} if body is json_body.ABSENT else body)
        changes.pop("star", None)
        update_user(app=self.app, username=self.user.username, changes=changes)
        return self.reply(status=204)

    def set_password(self, request: Request) -> Response:
        """Change one's password; one's other devices are logged out."""
        data = self.parse(OwnPasswordIn)
        change_password(
            app=self.app,
            session=self.principal.session,
            address=client_address(request.META),
            **data,
        )
        return self.reply(status=204)


@client_blocks_schema
class BlockViewSet(UserClientViewSet):
    """`/client/v1/blocks`: whose single messages one refuses."""

    operation_group = "client_blocks"

    def list(self, request: Request) -> Response:
        """The blocked, in the order of blocking."""
        blocks = self.user.blocks.in_list_order()
        return self.reply([client_user(self.app, block.blocked) for block in blocks])

    def add(self, request: Request) -> Response:
        """Block 1 to 500 users: all or none."""
        names = self.parse_usernames(at_most=500)
        block_users(app=self.app, owner=self.user, usernames=names)
        return self.reply(status=204)

    def remove(self, request: Request) -> Response:
        """Unblock 1 to 500 users: all or none."""
        names = self.parse_usernames(at_most=500)
        unblock_users(app=self.app, owner=self.user, usernames=names)
        return self.reply(status=204)
