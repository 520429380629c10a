"""A small world in each dialect, and what must hold of every refusal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import connection, transaction

from apps.accounts.services.friends import add_friends
from apps.accounts.services.sessions import open_session
from apps.core.models import ApiVersion, App
from apps.core.services.apps import create_app
from apps.groups.services.chatrooms import NewChatroom, create_chatroom
from apps.groups.services.groups import NewGroup, create_group
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from tests.conftest import ApiClient, person

#: A refused call is counted, too, and so is a wrong password.
_UNCOUNTED = {"core_callwindow", "accounts_loginguard"}
_NOTED = ["last_used_at", "last_seen_at"]  # of a secret and of a session, now and then
_MINE = {"core", "accounts", "groups", "messaging", "webhooks", "console"}


@dataclass(frozen=True)
class World:
    """An app with alice, bobby, carol, a group and a chatroom of the first two; and who speaks for it."""

    app: App
    api: ApiClient
    client: ApiClient  # alice herself, with a session
    values: dict[str, str]  # of the parameters of paths

    def fill(self, path: str, **instead: str) -> str:
        """The path with its parameters filled in, as it goes over the wire."""
        for name, value in {**self.values, **instead}.items():
            for kind in ("str", "int"):
                path = path.replace(f"<{kind}:{name}>", value)
        assert "<" not in path, f"a parameter that the world does not know: {path}"
        return path

    def speaker(self, path: str) -> ApiClient:
        """Who may call that path."""
        return self.client if path.startswith("/client/") else self.api


def _populate(app: App) -> dict[str, str]:
    person(app, "alice", is_admin=True)
    for name in ("bobby", "carol"):
        person(app, name)
    group = create_group(
        app=app, new=NewGroup(owner_username="alice", name="friends", members_username=["bobby"])
    )
    said = Draft(
        target_type="single",
        target_id="bobby",
        from_type="user",
        from_id="alice",
        msg_type="text",
        body={"text": "hi"},
    )
    sent = send_message(app=app, draft=said)
    add_friends(app=app, owner=app.users.by_username("bobby"), usernames=["carol"])
    new = NewChatroom(owner_username="alice", name="room", members_username=["bobby"])
    room = create_chatroom(app=app, new=new)
    return {"gid": str(group.pk), "msg_id": str(sent.msg_id), "room_id": str(room.pk)}


@pytest.fixture(params=ApiVersion.values)
def world(request: pytest.FixtureRequest, db: None) -> World:
    """The same in both dialects. Beside it is another app, with people of the same names and mallory."""
    rival = create_app(name="Rival").app
    person(rival, "mallory")
    others = _populate(rival)
    credentials = create_app(name="Acme", api_version=request.param, calls_per_minute=0)
    app = credentials.app
    own = _populate(app)
    opened = open_session(app=app, user=app.users.by_username("alice"), platform="w")
    client = ApiClient()
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
    api = ApiClient(credentials)
    api.get("/v1/users")  # the first use of a secret is noted
    return World(
        app,
        api,
        client,
        {
            "username": "alice",
            **own,
            "session_id": str(opened.session.pk),
            "conversation_id": str(app.conversations.get(group=int(own["gid"])).pk),
            **{f"others_{name}": value for name, value in others.items()},
        },
    )


def _digest_statement() -> str:
    tables = sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in _MINE and model._meta.db_table not in _UNCOUNTED
    )
    quoted = [connection.ops.quote_name(table) for table in tables]
    digests = [
        f"SELECT {place}, md5(string_agg(row, ';' ORDER BY row)) FROM "  # noqa: S608
        f"(SELECT (to_jsonb(t) - ARRAY{_NOTED})::text AS row FROM {table} AS t) AS rows"
        for place, table in enumerate(quoted)
    ]
    return (
        f"{' UNION ALL '.join(digests)} ORDER BY 1"  # the tables may be read by several processes
    )


@pytest.fixture
def contents() -> Callable[[], list[str]]:
    """A digest of each table: what a refusal must leave as it is."""
    statement = _digest_statement()

    def read() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return [digest for _, digest in cursor.fetchall()]

    return read


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done to the database in here is undone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def attempt(contents: Callable[[], list[str]]) -> Callable[..., Any]:
    """Makes a call and undoes what it did; a refusal must have a code and a text and change nothing."""
    before: list[str] = []

    def attempt(client: ApiClient, method: str, path: str, body: bytes, **headers: Any) -> Any:
        before[:] = before or contents()
        with undone():
            reply = client.raw(method, path, body, **headers)
            what = f"{method} {path} {body[:300]!r} {headers}: {reply.status_code} {reply.content[:300]!r}"
            assert reply.status_code < 500, what
            if reply.status_code >= 400:
                assert reply.content, what
                for error in errors_of(reply.json()):
                    assert set(error) == {"code", "message"}, what
                    assert isinstance(error["code"], int), what
                    assert error["message"], what
                assert contents() == before, f"changed something: {what}"
            return reply

    return attempt


def errors_of(refusal: Any) -> list[Any]:
    """The error of a refusal; or those of all rows of a batch, where every one was refused."""
    rows = refusal if isinstance(refusal, list) else [refusal]
    assert rows
    return [row["error"] for row in rows]


def wire(text: str) -> str:
    """A piece of a path, with everything escaped that can be."""
    return quote(text, safe="")
