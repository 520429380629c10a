"""The official Python SDK, pointed at a real server, as an application that moves here would point it."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jmessage
import pytest
from jmessage import group, im, message, resource, room, user

from tests.realtime.servers import Database, serving

#: Where the SDK has its host written down.
CLASSES_AND_CONSTANTS: list[tuple[Any, str]] = [
    (user.User, "URI"),
    (user.User, "ADMIN_URI"),
    (group.Group, "URI"),
    (message.Message, "URI"),
    (message.Resource, "URI"),
    (resource.Resource, "URI"),
    (room.Room, "URI"),
    (im.IM, "SDK_URI"),
    (im.IM, "WORD_URI"),
]
OFFICIAL = "https://api.im.jpush.cn"


@dataclass(frozen=True)
class Moved:
    """A server, and an app on it that speaks v1."""

    host: str
    app_key: str
    master_secret: str
    linked: "Moved | None" = None  # another app, each with a grant for the other

    @property
    def address(self) -> tuple[str, int]:
        name, _, port = self.host.removeprefix("http://").partition(":")
        return name, int(port)


class Mended(jmessage.JMessage):  # type: ignore[misc]  # it has no types
    """The SDK with its own fault mended: PUT and DELETE with a body fail in it before anything is sent."""

    def put(self, uri: str, params: Any = None, data: Any = None) -> Any:
        return self._session.put(uri, params=params, json=data)

    def delete(self, uri: str, params: Any = None, data: Any = None) -> Any:
        return self._session.delete(uri, params=params, json=data)


class Sdk:
    """All of the SDK's parts, over one connection."""

    def __init__(self, client: jmessage.JMessage) -> None:
        self.client = client
        self.users = user.User(client)
        self.groups = group.Group(client)
        self.messages = message.Message(client)
        self.media = resource.Resource(client)
        self.rooms = room.Room(client)
        self.im = im.IM(client)


@pytest.fixture(scope="session")
def moved() -> Iterator[Moved]:
    """One server for all tests of SDKs; they use names of their own."""
    home = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    home.chmod(0o755)
    database = Database(home)
    database.start()
    options = ("--api-version", "v1", "--calls-per-minute", "1000000", "--json")
    made, other = (json.loads(database.manage("create_app", "Moved", *options)) for _ in range(2))
    database.manage("grant_cross_app", made["app_key"], other["app_key"], "--both-ways")
    with serving(database, workers=1, IM_DEFAULT_API_VERSION="v1") as served:
        name, port = served.address
        host = f"http://{name}:{port}"
        linked = Moved(host, other["app_key"], other["master_secret"])
        yield Moved(host, made["app_key"], made["master_secret"], linked)
    database.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def pointed(moved: Moved) -> Iterator[Moved]:
    """The SDK's constants, set to the server: all that changes in an application that moves."""
    before = [(kind, name, getattr(kind, name)) for kind, name in CLASSES_AND_CONSTANTS]
    for kind, name, value in before:
        assert value.startswith(OFFICIAL)
        setattr(kind, name, value.replace(OFFICIAL, moved.host))
    yield moved
    for kind, name, value in before:
        setattr(kind, name, value)


@pytest.fixture
def sdk(pointed: Moved) -> Iterator[Sdk]:
    """The SDK as it is."""
    client = jmessage.JMessage(pointed.app_key, pointed.master_secret)
    yield Sdk(client)
    client._session.close()


@pytest.fixture
def mended(pointed: Moved) -> Iterator[Sdk]:
    """The SDK with its PUT and DELETE mended."""
    client = Mended(pointed.app_key, pointed.master_secret)
    yield Sdk(client)
    client._session.close()


@pytest.fixture
def people(sdk: Sdk, request: pytest.FixtureRequest) -> list[str]:
    """Four users and an API admin, named after the test."""
    stem = f"{abs(hash(request.node.nodeid)) % 10**10:010}"
    names = [f"{role}{stem}" for role in ("tom", "dick", "harry", "jane")]
    reply = sdk.users.register([{"username": name, "password": "secret"} for name in names])
    assert reply.status_code == 201
    admin = f"admin{stem}"
    assert sdk.users.create(admin, "secret", admin=True).status_code == 201
    return [*names, admin]
