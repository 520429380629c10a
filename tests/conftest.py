"""The cast: two apps with people of the same names, and clients that speak for each app."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services.sessions import open_session
from apps.accounts.services.users import Registration, register_user
from apps.core import rate_limit
from apps.core.errors import ErrorCode, ImError
from apps.core.models import ApiVersion, App
from apps.core.services.apps import Credentials, create_app
from apps.groups.models import Chatroom, Group
from apps.groups.services.chatrooms import NewChatroom, create_chatroom
from apps.groups.services.groups import NewGroup, create_group
from apps.messaging import bells
from tests import documented

PASSWORD = "correct horse"


def basic(app_key: str, master_secret: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{app_key}:{master_secret}".encode()).decode()


class ApiClient(Client):
    """Django's client, speaking JSON for one app; without credentials, for nobody.

    Whatever it is answered has to be what docs/openapi.yaml says.
    """

    def __init__(self, credentials: Credentials | None = None) -> None:
        super().__init__(raise_request_exception=False)
        self.credentials = credentials
        if credentials is not None:
            authorization = basic(credentials.app.app_key, credentials.master_secret)
            self.defaults["HTTP_AUTHORIZATION"] = authorization

    def call(self, method: str, path: str, body: Any = None, **extra: Any) -> Any:
        """Send the body as JSON, where there is one."""
        raw = b"" if body is None else json.dumps(body).encode()
        extra.setdefault("content_type", "application/json")
        return self.generic(method.upper(), path, raw, **extra)

    def raw(self, method: str, path: str, body: bytes, **extra: Any) -> Any:
        """Send bytes as they are, said to be JSON unless told otherwise."""
        extra.setdefault("content_type", "application/json")
        return self.generic(method.upper(), path, body, **extra)

    def generic(self, *arguments: Any, **named: Any) -> Any:
        """Every call comes through here, the method and the path first."""
        reply = super().generic(*arguments, **named)
        method, path = arguments[:2]
        if not f"{path}/".startswith(settings.IM_PAGE_PREFIXES):
            documented.check(self.dialect_of(reply.wsgi_request), method, path, reply)
        return reply

    def dialect_of(self, request: HttpRequest) -> str:
        """That of the app whose key was sent, or the server's own for a key that is not known."""
        if self.credentials is not None:
            key = base64.b64encode(self.credentials.app.app_key.encode()).decode()
            if key in request.headers.get("Authorization", ""):
                return self.credentials.app.api_version
        default: str = settings.IM_DEFAULT_API_VERSION
        return default


@pytest.fixture(scope="session", autouse=True)
def bell_at_rest(django_db_setup: None) -> Iterator[None]:
    """The bell's connections are closed before the test database is dropped."""
    yield
    bells.get().stop()


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    """Each test starts as a new process would: no call leased."""
    rate_limit.forget()


@pytest.fixture
def credentials(db: None) -> Credentials:
    """The draft app's key and secret."""
    return create_app(name="Acme")


@pytest.fixture
def app(credentials: Credentials) -> App:
    """A tenant that speaks the 2015-02 draft."""
    return credentials.app


@pytest.fixture
def final_credentials(db: None) -> Credentials:
    """The final-API app's key and secret."""
    return create_app(name="Finally", api_version=ApiVersion.V1)


@pytest.fixture
def final_app(final_credentials: Credentials) -> App:
    """A tenant that speaks v1."""
    return final_credentials.app


@pytest.fixture
def other_credentials(db: None) -> Credentials:
    """Another tenant's key and secret."""
    return create_app(name="Rival")


@pytest.fixture
def other_app(other_credentials: Credentials) -> App:
    """Another tenant, with people of the same names."""
    return other_credentials.app


@pytest.fixture
def api(credentials: Credentials) -> ApiClient:
    """Speaks for the draft app."""
    return ApiClient(credentials)


@pytest.fixture
def final_api(final_credentials: Credentials) -> ApiClient:
    """Speaks for the v1 app."""
    return ApiClient(final_credentials)


@pytest.fixture
def stranger_api(other_credentials: Credentials) -> ApiClient:
    """Speaks for the other tenant."""
    return ApiClient(other_credentials)


@pytest.fixture
def nobody_api() -> ApiClient:
    """Speaks for no app."""
    return ApiClient()


def person(app: App, username: str, **more: Any) -> User:
    """Register someone, with the password of everyone in the tests."""
    registration = Registration(username=username, password=PASSWORD, **more)
    return register_user(app=app, registration=registration)


@pytest.fixture
def alice(app: App) -> User:
    """Who owns the group; an API admin."""
    return person(app, "alice", is_admin=True)


@pytest.fixture
def bobby(app: App) -> User:
    """Who is in the group."""
    return person(app, "bobby")


@pytest.fixture
def carol(app: App) -> User:
    """Who is not in the group."""
    return person(app, "carol")


@pytest.fixture
def mallory(other_app: App) -> User:
    """Who is of another tenant."""
    return person(other_app, "mallory")


def refused(call: Callable[..., object], **named: Any) -> ErrorCode:
    """The code of the error that the call raises."""
    with pytest.raises(ImError) as caught:
        call(**named)
    return caught.value.code


def session_of(user: User, device_id: str = "") -> ApiClient:
    """Speaks for a user, in a session of theirs."""
    opened = open_session(app=user.app, user=user, platform="j", device_id=device_id)
    client = ApiClient()
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
    return client


@pytest.fixture
def room(app: App, alice: User, bobby: User) -> Chatroom:
    """Alice's chatroom, with bobby in it."""
    new = NewChatroom(owner_username="alice", name="square", members_username=["bobby"])
    return create_chatroom(app=app, new=new)


@pytest.fixture
def group(app: App, alice: User, bobby: User) -> Group:
    """Alice's group, with bobby in it."""
    return create_group(
        app=app, new=NewGroup(owner_username="alice", name="friends", members_username=["bobby"])
    )
