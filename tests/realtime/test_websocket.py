"""The protocol over a WebSocket, frame by frame, without a server around it."""

import asyncio
import json
from typing import Any

import pytest
from django.db import OperationalError

from apps.accounts.models import ClientSession
from apps.accounts.services.sessions import end_sessions_of
from apps.accounts.services.users import disable_users
from apps.core.services.apps import start_log_epoch, suspend_app
from apps.messaging.models import Message
from apps.messaging.sync import Place, cursor_at, place_of
from apps.realtime.transports import websocket
from tests.realtime.in_process import Socket, a_gateway, ask, texts

pytestmark = pytest.mark.django_db(transaction=True)

HELLO = {
    "target_type": "single",
    "target_id": "bobby",
    "msg_type": "text",
    "msg_body": {"text": "hi"},
}


# --- reading --------------------------------------------------------------------------------------


async def test_it_reads_from_the_beginning_from_a_cursor_or_from_now(
    app, alice, bobby, say, bobbys
) -> None:
    first = await ask(say, alice, bobby, "one")
    await ask(say, alice, bobby, "two")
    heard: dict[str | None, list[str]] = {}
    async with a_gateway() as gateway:
        for after in (None, cursor_at(app, Place.at(first.msg_id)), "now"):
            async with Socket(gateway) as socket:
                await socket.start(bobbys, after)
                if after != "now":
                    heard[after] = texts((await socket.hear())["messages"])
                else:
                    assert await socket.silent()
    assert list(heard.values()) == [["one", "two"], ["two"]]


async def test_each_frame_of_messages_has_the_cursor_to_resume_from(
    app, alice, bobby, say, bobbys
) -> None:
    async with a_gateway() as gateway:
        async with Socket(gateway) as socket:
            await socket.start(bobbys)
            await ask(say, alice, bobby, "one")
            frame = await socket.hear()
            assert texts(frame["messages"]) == ["one"]
        await ask(say, alice, bobby, "two")
        async with Socket(gateway) as socket:
            ready = await socket.start(bobbys, frame["cursor"])
            places = [await ask(place_of, app, told["cursor"]) for told in (frame, ready)]
            assert places[0] == places[1]
            assert texts((await socket.hear())["messages"]) == ["two"]


async def test_ones_own_messages_come_on_ones_other_devices(alice, bobby, say, token) -> None:
    here, there = await ask(token, alice, "j"), await ask(token, alice, "a")
    async with a_gateway() as gateway, Socket(gateway) as one, Socket(gateway) as other:
        await one.start(here)
        await other.start(there)
        one.say(type="send", id=1, message=HELLO)
        sent = await one.hear_of("sent")
        frame = await other.hear()
        assert [row["msgid"] for row in frame["messages"]] == [sent["msg_id"]]


async def test_a_cursor_from_before_a_backup_is_closed_with_its_own_code(
    app, alice, bobby, say, bobbys
) -> None:
    first = await ask(say, alice, bobby, "one")
    before, beyond = (
        cursor_at(app, Place.at(first.msg_id)),
        cursor_at(app, Place.at(first.msg_id + 1000)),
    )
    async with a_gateway() as gateway:
        async with Socket(gateway) as socket:
            await socket.start(bobbys, beyond)
            assert (await socket.closing())[0] == 4410
        await ask(start_log_epoch, app=app)
        async with Socket(gateway) as socket:
            assert (await socket.start(bobbys, before))["error"]["code"] == 890002
            assert (await socket.closing())[0] == 4410


async def test_a_database_that_fails_while_it_reads_closes_for_now(bobbys, monkeypatch) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:

        async def away(*arguments: Any) -> Any:
            raise OperationalError("away")

        monkeypatch.setattr(gateway, "_read", away)
        await socket.start(bobbys)
        assert (await socket.hear_of("error"))["error"]["code"] == 899030
        assert (await socket.closing())[0] == 1013


# --- speaking -------------------------------------------------------------------------------------


async def test_a_message_is_answered_and_repeated_it_is_answered_the_same(alices, bobby) -> None:
    message = {**HELLO, "client_msg_id": "once"}
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(alices)
        answers = []
        for place in range(3):
            socket.say(type="send", id=place, message=message)
            answers.append(await socket.hear_of("sent"))
        assert [answer["id"] for answer in answers] == [0, 1, 2]
        assert len({(answer["msg_id"], answer["msg_ctime"]) for answer in answers}) == 1
    assert await ask(Message.objects.count) == 1


async def test_the_same_key_for_another_message_is_refused(alices, bobby) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(alices)
        for said in ("one", "two"):
            message = {**HELLO, "msg_body": {"text": said}, "client_msg_id": "once"}
            socket.say(type="send", id=said, message=message)
        refused = await socket.hear_of("error")
        assert (refused["id"], refused["error"]["code"]) == ("two", 890003)


async def test_a_user_speaks_as_nobody_else(alices, alice, bobby) -> None:
    disguise = {"from_id": "bobby", "from_type": "admin", "version": 9}
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(alices)
        socket.say(type="send", id=1, message={**HELLO, **disguise})
        await socket.hear_of("sent")
        (row,) = (await socket.hear_of("messages"))["messages"]
    assert (row["from_id"], row["from_type"], row["version"]) == ("alice", "user", 1)


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"type": "send"}, 899003),
    ({"type": "send", "message": []}, 899003),
    ({"type": "send", "message": {**HELLO, "msg_type": "nonsense"}}, 899003),
    ({"type": "send", "message": {**HELLO, "msg_body": {"text": 7}}}, 899003),
    ({"type": "send", "message": {**HELLO, "target_id": "nobody"}}, 899002),
    ({"type": "send", "message": {**HELLO, "target_type": "group", "target_id": "7"}}, 899006),
    ({"type": "send", "message": {**HELLO, "target_type": "chatroom"}}, 899003),
    ({"type": "send", "message": {**HELLO, "target_appkey": "x" * 24}}, 899009),
    ({"type": "typing"}, 899003),
    ({"type": "typing", "conversation_id": "7"}, 899003),
    ({"type": "typing", "conversation_id": True}, 899003),
    ({"type": "typing", "conversation_id": -1}, 890006),
    ({"type": "read", "conversation_id": 2**62, "msg_id": 1}, 890006),
    ({"type": "read", "conversation_id": 1}, 899003),
    ({"type": "nonsense"}, 899003),
    ({"type": 7}, 899003),
    ({"type": {"send": 1}}, 899003),
    ({}, 899003),
]


async def test_a_refused_frame_is_answered_and_the_connection_goes_on(alices) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(alices)
        for frame, number in REFUSED:
            socket.say(id="mine", **frame)
            refused = await socket.hear()
            assert (refused["type"], refused["id"]) == ("error", "mine"), frame
            assert refused["error"]["code"] == number, frame
        socket.say(type="ping", id=2)
        assert await socket.hear() == {"type": "pong", "id": 2}


NO_FRAMES: list[dict[str, Any]] = [
    {"text": "nonsense"},
    {"text": ""},
    {"text": "[]"},
    {"text": "null"},
    {"text": '{"type":"ping","type":"ping"}'},
    {"text": '{"id":NaN}'},
    {"text": '{"id":1e999}'},
    {"text": '{"id":"\\ud800"}'},
    {"text": '{"id":"\\u0000"}'},
    {"text": "[" * 5000},
    {"text": json.dumps({"type": "ping", "id": "x" * 65536})},
    {"text": json.dumps({"type": "ping", "id": "é" * 40000}, ensure_ascii=False)},
    {"bytes": b'{"type":"ping"}'},
]


async def test_what_is_no_frame_is_told_so_and_closed(alices) -> None:
    async with a_gateway() as gateway:
        for message in NO_FRAMES:
            async with Socket(gateway) as socket:
                await socket.start(alices)
                socket.say_raw({"type": "websocket.receive", **message})
                assert (await socket.hear())["error"]["code"] == 899003, message
                assert (await socket.closing())[0] == 4400
                await socket.over()


async def test_frames_may_follow_the_first_at_once(alices, bobby) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        socket.say(type="auth", token=alices, after="now")
        for place in range(5):
            message = {**HELLO, "msg_body": {"text": str(place)}}
            socket.say(type="send", id=place, message=message)
        answered = [(await socket.hear_of("sent")) for _ in range(5)]
        assert [answer["id"] for answer in answered] == list(range(5))
        ids = [answer["msg_id"] for answer in answered]
        assert ids == sorted(ids)


async def test_a_database_that_is_away_is_told_and_the_connection_goes_on(
    alices, bobby, monkeypatch
) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(alices)
        assert await socket.silent()
        run = gateway.run

        async def away(*arguments: Any, **named: Any) -> Any:
            raise OperationalError("away")

        monkeypatch.setattr(gateway, "run", away)
        socket.say(type="send", id=1, message=HELLO)
        assert (await socket.hear())["error"]["code"] == 899030
        monkeypatch.setattr(gateway, "run", run)
        socket.say(type="send", id=2, message=HELLO)
        assert (await socket.hear_of("sent"))["id"] == 2


async def test_an_add_on_that_fails_ends_that_connection_alone(
    alices, bobby, bobbys, monkeypatch
) -> None:
    def fail(*arguments: object, **named: object) -> None:
        raise ValueError("a filter of an add-on")

    monkeypatch.setattr("apps.messaging.filters.apply", fail)
    async with a_gateway() as gateway, Socket(gateway) as other:
        await other.start(bobbys)
        socket = await Socket(gateway).__aenter__()
        await socket.start(alices)
        socket.say(type="send", id=1, message=HELLO)
        with pytest.raises(ValueError, match="a filter"):
            await socket.over()
        other.say(type="ping", id=1)
        assert (await other.hear())["type"] == "pong"
        assert gateway._count == 1


# --- sessions -------------------------------------------------------------------------------------


async def test_an_ended_session_is_closed_at_once(app, alice, alices) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(alices)
        await ask(disable_users, app=app, users=app.users.filter(pk=alice.pk))
        assert await socket.closing() == (4401, "the session has ended")


async def test_an_ended_session_sends_nothing_even_before_it_hears_of_its_end(
    app, alice, bobby, alices
) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(alices)
        await ask(ClientSession.objects.all().delete)  # no bell rings
        for frame in (
            {"type": "send", "message": HELLO},
            {"type": "typing", "conversation_id": 1},
            {"type": "read", "conversation_id": 1, "msg_id": 1},
        ):
            socket.say(**frame)
            assert (await socket.hear())["error"]["code"] == 898008
    assert not await ask(Message.objects.exists)


async def test_a_suspended_app_sends_nothing_over_sockets_that_are_open(app, alices, bobby) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(alices)
        await ask(suspend_app, app=app)
        socket.say(type="send", message=HELLO)
        assert (await socket.hear())["error"]["code"] == 898008


# --- slow readers ---------------------------------------------------------------------------------


async def test_who_reads_nothing_is_cut_off_and_resumes_without_a_gap(
    alice, bobby, say, bobbys, settings
) -> None:
    settings.IM_SLOW_READER_SECONDS = 0.1
    async with a_gateway() as gateway:
        async with Socket(gateway) as socket:
            cursor = (await socket.start(bobbys))["cursor"]
            socket.stop_reading()
            for place in range(5):
                await ask(say, alice, bobby, str(place))
            await socket.over()
            assert socket.cut_off
        assert gateway._count == 0
        async with Socket(gateway) as socket:
            await socket.start(bobbys, cursor)
            assert texts((await socket.hear())["messages"]) == list("01234")


async def test_who_reads_nothing_but_asks_is_cut_off_too(bobbys, settings) -> None:
    settings.IM_SLOW_READER_SECONDS = 0.1
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(bobbys)
        socket.stop_reading()
        socket.say(type="ping", id=1)
        await socket.over()
        assert socket.cut_off


async def test_who_reads_nothing_does_not_hold_up_the_end_of_its_session(
    app, alice, bobby, say, bobbys, settings
) -> None:
    settings.IM_SLOW_READER_SECONDS = 60
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(bobbys)
        socket.stop_reading()
        await ask(say, alice, bobby, "unread")
        await asyncio.sleep(0.1)
        await ask(end_sessions_of, app=app, user_ids=[bobby.pk])
        await socket.over()
        assert socket.cut_off


async def test_who_acknowledges_nothing_is_closed_with_the_cursor_to_resume_from(
    alice, bobby, say, bobbys, settings, monkeypatch
) -> None:
    settings.IM_SLOW_READER_SECONDS = 0.2
    monkeypatch.setattr(websocket, "_UNACKNOWLEDGED_AT_MOST", 3)
    for place in range(7):
        await ask(say, alice, bobby, str(place))
    monkeypatch.setattr("apps.realtime.follower.CATCH_UP", 2)
    async with a_gateway() as gateway:
        heard: list[str] = []
        async with Socket(gateway) as socket:
            await socket.start(bobbys, None)
            for _ in range(2):
                frame = await socket.hear()
                heard += texts(frame["messages"])
            code, reason = await socket.closing()
        assert (code, heard) == (4408, list("0123"))
        async with Socket(gateway) as socket:
            await socket.start(bobbys, reason)
            while len(heard) < 7:
                frame = await socket.hear()
                heard += texts(frame["messages"])
                socket.say(type="ack", cursor="nonsense")
                socket.say(type="ack", cursor=frame["cursor"])
    assert heard == list("0123456")
