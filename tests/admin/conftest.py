"""Operators with a browser, and a world in both apps for them to see, or not to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from apps.accounts.models import ClientSession, Operator, OperatorRole, User
from apps.accounts.services.blocks import block_users
from apps.accounts.services.friends import add_friends
from apps.accounts.services.operators import create_operator, create_superuser, update_operator
from apps.accounts.services.sessions import open_session
from apps.core.models import App
from apps.core.services.apps import create_app
from apps.core.services.audit import Actor, Change, record
from apps.core.services.cross_app_grants import grant_cross_app
from apps.core.services.jobs import submit_job
from apps.groups.models import Chatroom, Group
from apps.groups.services.chatrooms import NewChatroom, create_chatroom
from apps.groups.services.groups import NewGroup, create_group
from apps.messaging.drafts import Draft
from apps.messaging.models import Conversation, Message
from apps.messaging.services.messages import send_message
from apps.messaging.services.sensitive_words import add_words
from apps.webhooks.models import Endpoint
from apps.webhooks.postman import Outcome
from apps.webhooks.services.deliveries import next_delivery
from apps.webhooks.services.deliveries import record as record_delivery
from apps.webhooks.services.endpoints import NewEndpoint, create_endpoint
from tests.conftest import person, session_of
from tests.counting import COUNTING
from tests.messaging.uploads import image, store

SECRET = "a long enough pass phrase"
HOME, LOGIN = "/admin/", "/admin/login/"


class Browser(Client):
    """A client that is logged in as an operator, and reads pages."""

    def __init__(self, operator: Operator, **headers: Any) -> None:
        super().__init__(**headers)
        self.force_login(operator)

    def page(self, url: str, *, status: int = 200, **data: Any) -> str:
        """The page of that address."""
        response = self.get(url, data)
        assert response.status_code == status, (url, response.status_code)
        return response.content.decode()

    def answer(self, url: str, **data: Any) -> Any:
        """Press the button of a page that asks."""
        return self.post(url, {"confirmed": "yes", **data})

    def run(self, url: str, action: str, rows: list[Any], **data: Any) -> Any:
        """Tick rows in a list, and run an action on them."""
        ticked = [str(row.pk) for row in rows]
        return self.post(url, {"action": action, "_selected_action": ticked, **data})

    def said(self, response: Any) -> str:
        """What the page that follows says about what was done."""
        page = self.get(response.url)
        return " ".join(str(message) for message in page.context["messages"])


def list_of(model: Any) -> str:
    """The address of a model's list."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row: Any, action: str = "change") -> str:
    """The address of a row's page, or of one of its actions."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{action}"
    return reverse(name, args=[row.pk])


@pytest.fixture
def root(db: None) -> Browser:
    """A superuser's browser."""
    return Browser(create_superuser(username="root", password=SECRET))


@pytest.fixture
def olga(app: App) -> Operator:
    """The operator of the app."""
    return create_operator(username="olga", password=SECRET, apps=[app])


@pytest.fixture
def browser(olga: Operator) -> Browser:
    """Her browser."""
    return Browser(olga)


def ticked_only(operator: Operator, permissions: Iterable[Permission]) -> Operator:
    """The operator with those permissions and no others, as a new request sees them."""
    update_operator(
        operator=operator,
        is_active=True,
        is_superuser=False,
        role=OperatorRole.CHOSEN,
        apps=operator.apps.all(),
        permissions=permissions,
    )
    return Operator.objects.get(pk=operator.pk)


def given_role(operator: Operator, role: str) -> None:
    """Another role, in the same apps."""
    update_operator(
        operator=operator,
        is_active=True,
        is_superuser=False,
        role=role,
        apps=operator.apps.all(),
        permissions=[],
    )


def looking() -> QuerySet[Permission]:
    """The permissions to see, all of them."""
    return Permission.objects.filter(codename__startswith="view_")


@dataclass(frozen=True)
class World:
    """One of each, in one app."""

    app: App
    user: User
    group: Group
    conversation: Conversation
    message: Message
    session: ClientSession
    endpoint: Endpoint

    @property
    def room(self) -> Chatroom:
        """The chatroom, with the owner and the friend in it."""
        return self.app.chatrooms.get(owner=self.user)

    @property
    def rows(self) -> list[Any]:
        """All of them, and what hangs from them."""
        secret = self.app.secrets.get()
        return [
            self.app,
            secret,
            self.user,
            self.user.blocks.get(),
            self.user.friendships.get(),
            self.room,
            self.room.members.order_by("-pk")[0],
            self.session,
            self.group,
            self.group.members.order_by("-pk")[0],
            self.conversation,
            self.conversation.participants.order_by("-pk")[0],
            self.message,
            self.app.audit_entries.order_by("pk")[0],
            self.app.jobs.get(),
            self.app.cross_grants.get(),
            self.app.sensitive_words.get(),
            self.app.media.get(),
            self.endpoint,
            self.endpoint.deliveries.get(),
        ]


def world_of(app: App, mark: str) -> World:
    """A world whose names all begin with the mark."""
    owner, friend = person(app, f"{mark}-owner"), person(app, f"{mark}-friend")
    block_users(app=app, owner=owner, usernames=[friend.username])
    group = create_group(
        app=app,
        new=NewGroup(
            owner_username=owner.username,
            name=f"{mark}-group",
            members_username=[friend.username],
        ),
    )
    add_friends(app=app, owner=owner, usernames=[friend.username])
    create_chatroom(
        app=app,
        new=NewChatroom(
            owner_username=owner.username,
            name=f"{mark}-group",
            members_username=[friend.username],
        ),
    )
    endpoint = create_endpoint(app=app, new=NewEndpoint(url=f"https://{mark}.example.com/hook"))
    message = say(app, owner.username, group.pk, f"{mark}-text")
    told = next_delivery(endpoint_id=endpoint.pk)
    assert told is not None
    record_delivery(delivery=told[0], outcome=Outcome(12, 500, "refused", "500"))
    opened = open_session(app=app, user=owner, platform="a", device_id=f"{mark}-phone")
    twin = create_app(name=f"{mark}-twin").app
    grant_cross_app(app=app, target=twin)
    add_words(app=app, words=[f"{mark}word"])
    store(app, image(), f"{mark}-cat.png", uploader=owner.username)
    submit_job(kind=COUNTING, app=app, operator_id=None, arguments={}, total=5)
    record(
        actor=Actor(None, f"{mark}-somebody", "192.0.2.1"),
        action="Changed",
        changes=[Change(target=group, app=app, before={"name": "old"}, after={"name": group.name})],
    )
    return World(app, owner, group, message.conversation, message, opened.session, endpoint)


@pytest.fixture
def ours(app: App) -> World:
    """The world that olga sees."""
    return world_of(app, "ours")


@pytest.fixture
def theirs(other_app: App) -> World:
    """The world that she does not see."""
    return world_of(other_app, "theirs")


def say(app, sender, target, text="hello", **more: Any) -> Message:
    """Send a message to a user, or to a group by its number."""
    draft = {"msg_type": "text", "body": {"text": text}, **more}
    stored = send_message(
        app=app,
        draft=Draft(
            target_type="group" if str(target).isdigit() else "single",
            target_id=str(target),
            from_type="user",
            from_id=sender,
            **draft,
        ),
    )
    return Message.objects.get(pk=stored.msg_id)


#: Lists that are opened from a parent's page: the parameter, and how to come by the parent.
CHILDREN = {
    "block": ("owner", "user"),
    "chatroommember": ("chatroom", "room"),
    "clientsession": ("user", "user"),
    "friendship": ("owner", "user"),
    "groupmember": ("group", "group"),
    "participant": ("conversation", "conversation"),
    "delivery": ("endpoint", "endpoint"),
}


def lists_of(world: World) -> list[str]:
    """The addresses of all lists, those with a parent for the world's own."""
    addresses = []
    for row in world.rows:
        address = list_of(type(row))
        name = row._meta.model_name
        if name in CHILDREN:
            parameter, parent = CHILDREN[name]
            address += f"?{parameter}={getattr(world, parent).pk}"
        addresses.append(address)
    return addresses


@pytest.fixture(params=["group", "room"])
def place(request, app, alice, bobby) -> Group | Chatroom:
    """Alice's group, and then her chatroom, with bobby in it."""
    found: Group | Chatroom = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def follow(app) -> Callable[[Any], Callable[[], list[str]]]:
    """A client of a user's that follows from now on; calling it tells the events since the last call."""

    def begin(user: Any) -> Callable[[], list[str]]:
        client = session_of(user)
        cursor = client.call("get", "/client/v1/sync?limit=100").json()["cursor"]

        def events() -> list[str]:
            nonlocal cursor
            told = client.call("get", f"/client/v1/sync?limit=100&after={cursor}").json()
            cursor = told["cursor"]
            return [one["msg_body"].get("event_type", "") for one in told["messages"]]

        return events

    return begin


def member_of(place, user) -> Any:
    """The user's place there."""
    return place.members.get(user=user)


def members_url(place) -> str:
    """The list of who is there."""
    return f"{list_of(place.members.model)}?{place._meta.model_name}={place.pk}"


def enter(client: Client, password: str = SECRET, name: str = "olga", **extra):
    """Send name and password."""
    return client.post(LOGIN, {"username": name, "password": password}, **extra)


def inside(client: Client) -> bool:
    """Whether the console is open."""
    return client.get(HOME).status_code == 200
