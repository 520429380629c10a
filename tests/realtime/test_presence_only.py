"""What only those present are told, over every way of following: chatrooms, and `no_offline`."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from apps.groups.services.chatroom_members import leave_chatroom, remove_chatroom_members
from apps.groups.services.chatrooms import delete_chatroom, update_chatroom
from apps.messaging import sync
from apps.messaging.drafts import Draft
from apps.messaging.models import Message
from apps.messaging.services import chatrooms
from apps.messaging.services.messages import send_message
from apps.messaging.services.reading import mark_read, tell_typing
from apps.messaging.sync import NOW, cursor_at, place_of
from apps.realtime import follower as followers
from apps.realtime.follower import WAITING_AT_MOST
from tests.realtime.in_process import Socket, Stream, a_gateway, ask, texts
from tests.realtime.test_parking import LONG, Site, end, parked
from tests.realtime.test_parking import site as site

pytestmark = pytest.mark.django_db(transaction=True)

QUIET = {"no_offline": True}


@pytest.fixture
def bobbys(bobby, token) -> str:
    return f"Bearer {token(bobby)}"


@pytest.fixture
def speak(app, room) -> Any:
    """Says something in the room, as alice."""

    def send(said: str) -> int:
        draft = Draft(
            target_type="chatroom",
            target_id=str(room.pk),
            from_type="user",
            from_id="alice",
            msg_type="text",
            body={"text": said},
        )
        return send_message(app=app, draft=draft).msg_id

    return send


def kinds(rows: list[dict[str, Any]]) -> list[str]:
    return [row["msg_body"].get("event_type") or row["msg_body"]["text"] for row in rows]


async def test_a_socket_gets_what_is_said_while_it_is_open_and_nothing_of_before(
    app, alice, bobby, room, say, speak, token
) -> None:
    await ask(speak, "before")
    await ask(say, alice, bobby, "quiet before", options=QUIET)
    await ask(say, alice, bobby, "owed")
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(await ask(token, bobby), None)
        assert texts((await socket.hear())["messages"]) == ["owed"]
        await ask(speak, "live")
        assert texts((await socket.hear())["messages"]) == ["live"]
        await ask(say, alice, bobby, "quiet", options=QUIET)
        assert texts((await socket.hear())["messages"]) == ["quiet"]


async def test_a_stream_of_events_does_likewise(alice, bobby, room, say, speak, bobbys) -> None:
    await ask(speak, "before")
    async with a_gateway() as gateway, Stream(gateway, authorization=bobbys) as stream:
        await ask(speak, "live")
        assert texts((await stream.event())[1]["messages"]) == ["live"]
        await ask(say, alice, bobby, "quiet", options=QUIET)
        assert texts((await stream.event())[1]["messages"]) == ["quiet"]


@pytest.mark.parametrize("kind", ["chatroom", "no_offline"])
async def test_a_long_poll_that_waits_gets_it_however_old_its_cursor(
    kind, app, alice, bobby, room, say, speak, bobbys, site: Site, settings, monkeypatch
) -> None:
    cursor = await ask(lambda: cursor_at(app, place_of(app, NOW)))
    settings.IM_ABSENCE_SECONDS = 0
    monkeypatch.setattr(sync, "time", SimpleNamespace(time=lambda: 2e9))  # by which it has aged
    poll = asyncio.ensure_future(
        site.ask("/client/v1/sync", f"after={cursor}&wait={LONG}", token=bobbys)
    )
    await parked(site)

    if kind == "chatroom":
        await ask(speak, "live")
    else:
        await ask(say, alice, bobby, "live", options=QUIET)

    status, reply = await poll
    await end(site)
    assert (status, texts(reply["messages"])) == (200, ["live"])


async def test_who_is_back_soon_has_missed_nothing_and_who_is_not_is_owed_nothing(
    alice, bobby, room, say, speak, token, settings
) -> None:
    bobbys = await ask(token, bobby)
    async with a_gateway() as gateway:
        async with Socket(gateway) as socket:
            await socket.start(bobbys, "now")
            await ask(speak, "one")
            cursor = (await socket.hear())["cursor"]
        await ask(speak, "two")
        await ask(say, alice, bobby, "quiet", options=QUIET)
        async with Socket(gateway) as socket:
            await socket.start(bobbys, cursor)
            assert texts((await socket.hear())["messages"]) == ["two", "quiet"]
        settings.IM_ABSENCE_SECONDS = -1
        async with Socket(gateway) as socket:
            await socket.start(bobbys, cursor)
            await ask(say, alice, bobby, "owed")
            assert texts((await socket.hear())["messages"]) == ["owed"]


async def test_a_slow_reader_reads_it_from_the_log(
    app, bobby, room, speak, token, monkeypatch
) -> None:
    """Rows that were dropped for it are read again, those for the present among them."""
    many = 5
    monkeypatch.setattr(followers, "WAITING_AT_MOST", 2)
    assert many < WAITING_AT_MOST
    async with a_gateway() as gateway:
        place = await ask(place_of, app, None)
        async with gateway.following(app, bobby, place) as follower:
            assert await follower.next(0.01) == []
            told = [await ask(speak, f"{number}") for number in range(many)]
            heard: list[int] = []
            async with asyncio.timeout(20):
                while len(heard) < many:
                    heard += [row.msg_id for row in await follower.next(5)]
    assert heard == told


async def test_who_enters_hears_the_room_over_the_connection_they_have(
    app, carol, room, speak, token
) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(await ask(token, carol), "now")
        await ask(speak, "before")
        await ask(chatrooms.enter, app=app, user=carol, room_id=room.pk)
        await ask(speak, "live")
        assert texts((await socket.hear())["messages"]) == ["live"]
        await ask(leave_chatroom, app=app, user=carol, room_id=room.pk)
        await ask(speak, "after")
        assert await socket.silent()


async def test_the_room_is_told_of_what_happens_to_it(app, bobby, carol, room, token) -> None:
    await ask(chatrooms.enter, app=app, user=carol, room_id=room.pk)
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(await ask(token, carol), "now")
        await ask(update_chatroom, app=app, room_id=room.pk, changes={"name": "circle"})
        assert kinds((await socket.hear())["messages"]) == ["update_chatroom"]
        await ask(remove_chatroom_members, app=app, room_id=room.pk, usernames=["bobby"])
        assert kinds((await socket.hear())["messages"]) == ["remove_members"]
        await ask(delete_chatroom, app=app, room_id=room.pk)
        assert kinds((await socket.hear())["messages"]) == ["delete_chatroom"]


async def test_typing_and_reading_in_a_room_are_told_to_nobody(
    app, alice, bobby, room, speak, token
) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(await ask(token, alice), "now")
        pk = await ask(speak, "hello")
        await socket.hear_of("messages")
        talk = await ask(lambda: Message.objects.get(pk=pk).conversation_id)
        await ask(tell_typing, app=app, user=bobby, conversation_id=talk)
        await ask(mark_read, app=app, user=bobby, conversation_id=talk, msg_id=pk)
        assert await socket.silent()
