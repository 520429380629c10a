"""Server-Sent Events, without a server around them."""

import asyncio
import json
import re
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from apps.accounts.services.sessions import end_sessions_of
from apps.core.services.apps import start_log_epoch
from apps.messaging.sync import Place, cursor_at, place_of
from apps.realtime.follower import Follower
from apps.realtime.reads import Row
from apps.realtime.transports import sse
from tests.realtime.in_process import PATIENCE, Stream, a_gateway, ask, texts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bobbys(bobby, token) -> str:
    return f"Bearer {token(bobby)}"


async def refusal(stream: Stream) -> int:
    number: int = json.loads(await stream.to_its_end())["error"]["code"]
    return number


async def test_rows_come_as_events_with_the_cursor_as_their_id(alice, bobby, say, bobbys) -> None:
    await ask(say, alice, bobby, "one")
    async with a_gateway() as gateway, Stream(gateway, authorization=bobbys) as stream:
        assert stream.status == 200
        kind, first = await stream.event()
        await ask(say, alice, bobby, "two")
        _, second = await stream.event()
    assert kind == "messages"
    assert texts(first["messages"] + second["messages"]) == ["one", "two"]


async def test_it_resumes_after_the_last_event_that_came(alice, bobby, say, bobbys) -> None:
    for said in ("one", "two"):
        await ask(say, alice, bobby, said)
    cursors: list[str] = []
    async with a_gateway() as gateway:
        async with Stream(gateway, authorization=bobbys) as stream:
            cursors.append((await stream.event())[1]["cursor"])
        await ask(say, alice, bobby, "three")
        by_header = {"authorization": bobbys, "last_event_id": cursors[0]}
        async with Stream(gateway, "after=now", **by_header) as stream:
            assert texts((await stream.event())[1]["messages"]) == ["three"]
        async with Stream(gateway, f"after={cursors[0]}", authorization=bobbys) as stream:
            assert texts((await stream.event())[1]["messages"]) == ["three"]


async def test_the_id_of_an_event_is_its_cursor(alice, bobby, say, bobbys) -> None:
    row = await ask(say, alice, bobby, "one")
    async with a_gateway() as gateway, Stream(gateway, authorization=bobbys) as stream:
        told = (await stream.next())["body"].decode()
    found = re.search(r"id: (\S+)\nevent: messages\ndata: (.*)\n", told)
    assert found is not None
    assert json.loads(found[2])["cursor"] == found[1]
    assert await ask(place_of, bobby.app, found[1]) == Place.at(row.msg_id)


async def test_who_comes_at_the_very_end_is_answered_all_the_same(bobbys, monkeypatch) -> None:
    async with a_gateway() as gateway:
        first = Follower.next

        async def next_and_then_the_end(follower: Follower, seconds: float) -> list[Row]:
            rows = await first(follower, seconds)
            asyncio.get_running_loop().call_soon(gateway.end_all)  # before the stream's first step
            return rows

        monkeypatch.setattr(Follower, "next", next_and_then_the_end)
        async with Stream(gateway, authorization=bobbys) as stream:
            assert stream.status == 503
            assert await refusal(stream) == 899030


@pytest.mark.parametrize(
    ("authorization", "status", "number"),
    [("", 401, 899007), ("Bearer nonsense", 401, 898008), ("Basic eDp5", 401, 898008)],
)
async def test_without_a_session_it_is_refused(authorization, status, number) -> None:
    headers = {"authorization": authorization} if authorization else {}
    async with a_gateway() as gateway, Stream(gateway, **headers) as stream:
        assert stream.status == status
        assert await refusal(stream) == number


async def test_a_cursor_that_is_no_good_is_refused_before_the_stream_begins(
    app, alice, bobby, say, bobbys
) -> None:
    row = await ask(say, alice, bobby, "one")
    good, beyond = cursor_at(app, Place.at(row.msg_id)), cursor_at(app, Place.at(row.msg_id + 1000))
    async with a_gateway() as gateway:
        for cursor, status, number in ((beyond, 410, 890002), ("nonsense", 400, 890001)):
            headers = {"authorization": bobbys, "last_event_id": cursor}
            async with Stream(gateway, **headers) as stream:
                assert (stream.status, await refusal(stream)) == (status, number)
        await ask(start_log_epoch, app=app)
        async with Stream(gateway, authorization=bobbys, last_event_id=good) as stream:
            assert (stream.status, await refusal(stream)) == (410, 890002)
        assert gateway._count == 0


async def test_streams_beyond_the_limit_are_refused(bobbys, settings) -> None:
    settings.IM_CONNECTIONS_PER_USER = 1
    async with (
        a_gateway() as gateway,
        Stream(gateway, authorization=bobbys),
        Stream(gateway, authorization=bobbys) as second,
    ):
        assert (second.status, await refusal(second)) == (429, 890007)


@pytest.mark.parametrize("error", [OperationalError("away"), InterfaceError("away")])
async def test_a_database_that_is_away_at_the_start_is_a_refusal(
    error, bobbys, monkeypatch
) -> None:
    async with a_gateway() as gateway:

        async def away(*arguments: Any) -> Any:
            raise error

        monkeypatch.setattr(gateway, "_read", away)
        async with Stream(gateway, authorization=bobbys) as stream:
            assert (stream.status, await refusal(stream)) == (503, 899030)


@pytest.mark.parametrize("error", [OperationalError("away"), InterfaceError("away")])
async def test_a_database_that_goes_away_ends_the_stream(
    error, alice, bobby, say, bobbys, monkeypatch
) -> None:
    await ask(say, alice, bobby, "one")
    async with a_gateway() as gateway:
        read = gateway._read
        times: list[int] = []

        async def once(*arguments: Any) -> Any:
            times.append(1)
            if len(times) > 1:
                raise error
            return await read(*arguments)

        monkeypatch.setattr(gateway, "_read", once)
        async with Stream(gateway, authorization=bobbys) as stream:
            assert texts((await stream.event())[1]["messages"]) == ["one"]
            await stream.to_its_end()
            await stream.over()


async def test_a_silent_stream_has_heartbeats(bobbys, monkeypatch) -> None:
    monkeypatch.setattr(sse, "_HEARTBEAT", 0.05)
    async with a_gateway() as gateway, Stream(gateway, authorization=bobbys) as stream:
        bodies = [(await stream.next())["body"] for _ in range(3)]
    assert bodies == [b": connected\n\n", b": still here\n\n", b": still here\n\n"]


async def test_the_end_of_the_session_ends_the_stream(app, bobby, bobbys) -> None:
    async with a_gateway() as gateway, Stream(gateway, authorization=bobbys) as stream:
        await ask(end_sessions_of, app=app, user_ids=[bobby.pk])
        await stream.to_its_end()
        await stream.over()


async def test_the_end_of_the_process_ends_the_stream(bobbys) -> None:
    async with a_gateway() as gateway, Stream(gateway, authorization=bobbys) as stream:
        gateway.end_all()
        await stream.to_its_end()
        await stream.over()


async def test_who_reads_nothing_is_cut_off_and_resumes_without_a_gap(
    alice, bobby, say, bobbys, settings
) -> None:
    settings.IM_SLOW_READER_SECONDS = 0.1
    async with a_gateway() as gateway:
        async with Stream(gateway, "after=now", authorization=bobbys) as stream:
            assert (await stream.next())["body"] == b": connected\n\n"
            stream.stop_reading()
            for place in range(3):
                await ask(say, alice, bobby, str(place))
            await stream.over()
            assert stream.cut_off
        assert gateway._count == 0
        async with Stream(gateway, authorization=bobbys) as stream:
            assert texts((await stream.event())[1]["messages"]) == list("012")


async def test_who_reads_nothing_does_not_hold_up_the_end_of_its_session(
    app, alice, bobby, say, bobbys, settings
) -> None:
    settings.IM_SLOW_READER_SECONDS = 60
    async with a_gateway() as gateway, Stream(gateway, authorization=bobbys) as stream:
        stream.stop_reading()
        await ask(say, alice, bobby, "unread")
        await asyncio.sleep(0.1)
        await ask(end_sessions_of, app=app, user_ids=[bobby.pk])
        await stream.over()
        assert stream.cut_off


async def test_who_goes_is_forgotten(bobbys) -> None:
    async with a_gateway() as gateway, Stream(gateway, authorization=bobbys) as stream:
        stream.go()
        async with asyncio.timeout(PATIENCE):
            await stream.over()
        assert gateway._count == 0
