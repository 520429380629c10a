"""A gateway: whom it lets in, who is told that it is over, what it notes of who is here."""

import asyncio
import contextlib
import functools
from typing import Any

import pytest
from django.db import OperationalError, connection

from apps.accounts.models import ClientSession, Connection
from apps.accounts.models import Gateway as GatewayRow
from apps.accounts.services import presence
from apps.accounts.services.sessions import end_sessions_of, open_session
from apps.accounts.services.users import disable_users
from apps.core.errors import BUSY, TOKEN_INVALID, TOO_MANY_CONNECTIONS, ImError
from apps.messaging import bells
from apps.messaging.models import Message
from apps.messaging.sync import Place
from apps.messaging.waiting import Parked
from apps.realtime import asgi
from apps.realtime import gateway as gateways
from apps.realtime import tailer as tailers
from apps.realtime.follower import Ending
from tests.realtime.in_process import PATIENCE, Socket, a_gateway, ask, texts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(app, alice) -> ClientSession:
    return open_session(app=app, user=alice, platform="j").session


async def until(question: Any, **named: Any) -> None:
    """Wait until the database answers yes."""
    async with asyncio.timeout(PATIENCE):
        while not await ask(question, **named):
            await asyncio.sleep(0.01)


def noted(*, sessions: int) -> bool:
    return Connection.objects.count() == sessions


async def test_a_connection_is_noted_while_it_lasts(app, alice, session) -> None:
    async with a_gateway() as gateway:
        async with gateway.following(app, alice, Place.at(0), session=session):
            assert await ask(noted, sessions=1)
        await until(noted, sessions=0)
    assert not await ask(GatewayRow.objects.exists)


async def test_a_session_that_ended_a_moment_ago_is_refused(app, alice, session) -> None:
    async with a_gateway() as gateway:
        await ask(end_sessions_of, app=app, user_ids=[alice.pk])
        with pytest.raises(ImError) as refused:
            async with gateway.following(app, alice, Place.at(0), session=session):
                pass
        assert refused.value.code is TOKEN_INVALID
        assert gateway._count == 0
        assert gateway._by_session == {}


async def test_an_end_of_the_session_while_the_connection_is_noted_is_not_missed(
    app, alice, session, monkeypatch
) -> None:
    connect = presence.connect

    def end_first(**named: Any) -> Any:
        end_sessions_of(app=app, user_ids=[alice.pk])
        return connect(**named)

    monkeypatch.setattr(presence, "connect", end_first)
    async with a_gateway() as gateway:
        with pytest.raises(ImError):
            async with gateway.following(app, alice, Place.at(0), session=session):
                pass


async def test_a_connection_that_cannot_be_noted_now_is_noted_with_the_next_beat(
    app, alice, session, monkeypatch, settings
) -> None:
    settings.IM_PRESENCE_SECONDS = 0.06
    connect = presence.connect
    tries: list[int] = []

    def fail_once(**named: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("away")
        return connect(**named)

    monkeypatch.setattr(presence, "connect", fail_once)
    async with a_gateway() as gateway, gateway.following(app, alice, Place.at(0), session=session):
        await until(noted, sessions=1)


async def test_a_gateway_that_was_taken_for_dead_notes_its_connections_anew(
    app, alice, session, settings
) -> None:
    settings.IM_PRESENCE_SECONDS = 0.06
    async with a_gateway() as gateway, gateway.following(app, alice, Place.at(0), session=session):
        await ask(GatewayRow.objects.all().delete)
        await until(noted, sessions=1)
        await asyncio.sleep(0.1)
        assert await ask(noted, sessions=1)


async def test_many_connections_at_once_start_one_heart(app, alice, session) -> None:
    async with a_gateway() as gateway, contextlib.AsyncExitStack() as stack:
        opened = [gateway.following(app, alice, Place.at(0), session=session) for _ in range(8)]
        await asyncio.gather(*(stack.enter_async_context(one) for one in opened))
        assert await ask(noted, sessions=8)
        assert len(gateway._tasks) == 2  # the beat, and the watch over sessions


async def test_one_who_goes_while_being_noted_is_forgotten(
    app, alice, session, monkeypatch
) -> None:
    connect = presence.connect
    here = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(**named: Any) -> Any:
        loop.call_soon_threadsafe(here.set)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.1)")
        return connect(**named)

    monkeypatch.setattr(presence, "connect", slowly)
    async with a_gateway() as gateway:

        async def follow() -> None:
            async with gateway.following(app, alice, Place.at(0), session=session):
                pass

        following = asyncio.ensure_future(follow())
        await here.wait()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await asyncio.sleep(0.2)
        await until(noted, sessions=0)


async def test_ended_sessions_lose_their_connections_at_once(app, alice, bobby, session) -> None:
    bobbys = (await ask(open_session, app=app, user=bobby, platform="j")).session
    async with (
        a_gateway() as gateway,
        gateway.following(app, alice, Place.at(0), session=session) as mine,
        gateway.following(app, alice, Place.at(0), session_id=session.pk) as poll,
        gateway.following(app, bobby, Place.at(0), session=bobbys) as other,
    ):
        await ask(disable_users, app=app, users=app.users.filter(pk=alice.pk))
        assert await mine.next(PATIENCE) == []
        assert await poll.next(PATIENCE) == []
        assert mine.ended is poll.ended is Ending.SESSION
        assert other.ended is None


async def test_expired_sessions_and_suspended_apps_lose_theirs_within_the_interval(
    app, alice, session, monkeypatch
) -> None:
    monkeypatch.setattr(gateways, "_SESSIONS_CHECKED_EVERY", 0.05)
    async with (
        a_gateway() as gateway,
        gateway.following(app, alice, Place.at(0), session=session) as mine,
    ):
        expire = functools.partial(ClientSession.objects.update, expires_at="2020-01-01T00:00Z")
        await ask(expire)
        assert await mine.next(PATIENCE) == []
        assert mine.ended is Ending.SESSION


async def test_the_watch_over_sessions_survives_a_database_that_is_away(
    app, alice, session, monkeypatch
) -> None:
    live_sessions = presence.live_sessions
    tries: list[int] = []

    def fail_once(**named: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("away")
        return live_sessions(**named)

    monkeypatch.setattr(presence, "live_sessions", fail_once)
    async with (
        a_gateway() as gateway,
        gateway.following(app, alice, Place.at(0), session=session) as mine,
    ):
        await ask(end_sessions_of, app=app, user_ids=[alice.pk])
        assert await mine.next(PATIENCE) == []
        assert mine.ended is Ending.SESSION
    assert len(tries) == 2


@pytest.mark.parametrize("limit", ["IM_CONNECTIONS_PER_USER", "IM_CONNECTIONS_PER_PROCESS"])
async def test_connections_have_a_limit_and_give_their_place_back(
    limit: str, app, alice, session, settings
) -> None:
    setattr(settings, limit, 2)
    async with a_gateway() as gateway:
        async with (
            gateway.following(app, alice, Place.at(0), session=session),
            gateway.following(app, alice, Place.at(0)),
        ):
            with pytest.raises(ImError) as refused:
                async with gateway.following(app, alice, Place.at(0), session=session):
                    pass
            assert refused.value.code is TOO_MANY_CONNECTIONS
        async with gateway.following(app, alice, Place.at(0), session=session):
            pass
        assert gateway._by_user == {}
        assert gateway._tailers == {}


async def test_a_process_that_ends_tells_everyone_and_lets_nobody_in(app, alice, session) -> None:
    async with a_gateway() as gateway:
        async with gateway.following(app, alice, Place.at(0), session=session) as mine:
            gateway.end_all()
            assert await mine.next(PATIENCE) == []
            assert mine.ended is Ending.RESTART
        with pytest.raises(ImError) as refused:
            async with gateway.following(app, alice, Place.at(0), session=session):
                pass
        assert refused.value.code is BUSY


async def test_a_database_that_stays_away_refuses_new_connections(
    app, alice, session, monkeypatch
) -> None:
    def away(*arguments: Any) -> Any:
        raise OperationalError("away")

    monkeypatch.setattr(tailers, "state_of_log", away)
    monkeypatch.setattr(gateways, "_READY_WITHIN", 0.05)
    async with a_gateway() as gateway:
        with pytest.raises(ImError) as refused:
            async with gateway.following(app, alice, Place.at(0), session=session):
                pass
        assert refused.value.code is BUSY
        assert gateway._tailers == {}


async def test_a_whisper_that_is_none_disturbs_nobody(app, alice, token, caplog) -> None:
    bell = bells.get()
    alices = await ask(token, alice)
    async with a_gateway() as gateway, Socket(gateway) as socket:
        await socket.start(alices)
        for garbage in ("", "{", "[]", "[1,2]", f'[{app.pk},"x",1,"a","typing",null]', "\0"[:0]):
            gateway._whisper(garbage)
        bell.whisper("nonsense")
        socket.say(type="ping", id=1)
        assert (await socket.hear())["type"] == "pong"
    assert caplog.text == ""


async def test_whispers_that_come_too_fast_are_dropped(app, alice, session, monkeypatch) -> None:
    monkeypatch.setattr(gateways, "_WHISPERS_AT_MOST", 3)
    async with a_gateway() as gateway, gateway.following(app, alice, Place.at(0), session=session):
        tasks = len(gateway._tasks)
        for _ in range(10):
            gateway._whisper(f'[{app.pk},1,{alice.pk},"alice","typing",null]')
        assert len(gateway._tasks) == tasks + 3
        await asyncio.sleep(0.2)
        assert gateway._whispering == 0


async def test_a_gateway_that_has_closed_hears_no_bell(app, alice, session) -> None:
    async with a_gateway() as gateway:
        pass
    gateway._hear(0)
    gateway._hear_whisper("[]")


async def test_a_long_poll_is_not_woken_by_whispers(app, alice, session) -> None:
    async with (
        a_gateway() as gateway,
        gateway.following(app, alice, Place.at(0), session_id=session.pk) as poll,
    ):
        poll.whisper("typing", b"{}")
        assert not poll.whispers


@pytest.fixture
def process_gateway(monkeypatch) -> None:
    """The gateway of the process, made anew for the test."""
    monkeypatch.setattr(gateways, "_gateway", None)
    monkeypatch.setattr(gateways, "_process_ends", False)


async def test_a_gateway_made_while_the_process_ends_lets_nobody_in(
    process_gateway, app, alice
) -> None:
    gateways.end_here()
    made = gateways.here()
    with pytest.raises(ImError):
        async with made.following(app, alice, Place.at(0)):
            pass
    await made.close()


async def test_a_poll_that_may_not_wait_is_told_so(process_gateway, app, alice, settings) -> None:
    settings.IM_CONNECTIONS_PER_USER = 1
    made = gateways.here()
    parked = Parked(app, alice, Place.at(0), deadline=1e12)
    async with made.following(app, alice, Place.at(0)):
        assert await asgi.row_for(parked) is False
    gateways.end_here()
    assert await asgi.row_for(parked) is False
    await made.close()


async def test_a_row_that_the_api_would_not_have_taken_stops_nobody(
    app, alice, bobby, token, say
) -> None:
    """An add-on stored a number of more than 64 bits."""
    mine = await ask(token, bobby)
    odd = await ask(say, alice, bobby, "odd")
    await ask(Message.objects.update, body={"number": 2**70})
    async with a_gateway() as gateway, Socket(gateway) as reading, Socket(gateway) as live:
        await reading.start(mine, None)
        (row,) = (await reading.hear())["messages"]
        assert (row["msgid"], row["msg_body"]) == (odd.msg_id, {"number": 2**70})
        await live.start(mine)
        await ask(say, alice, bobby, "next")
        assert texts((await live.hear())["messages"]) == ["next"]


async def test_a_database_that_is_away_at_the_end_of_a_connection_or_gateway_is_told_in_the_log(
    app, alice, session, monkeypatch, caplog
) -> None:
    def away(**named: Any) -> Any:
        raise OperationalError("away")

    async with a_gateway() as gateway:
        async with gateway.following(app, alice, Place.at(0), session=session):
            monkeypatch.setattr(presence, "disconnect", away)
            monkeypatch.setattr(presence, "leave", away)
        async with asyncio.timeout(PATIENCE):
            while "could not be noted: away" not in caplog.text:
                await asyncio.sleep(0.01)
    assert "could not say that it ends: away" in caplog.text


async def test_a_heart_that_misses_a_beat_beats_on(
    app, alice, session, monkeypatch, settings
) -> None:
    settings.IM_PRESENCE_SECONDS = 0.06
    beat = presence.beat
    beats: list[int] = []

    def miss_some(**named: Any) -> int:
        beats.append(1)
        if len(beats) in (2, 3):
            raise OperationalError("away")
        return beat(**named)

    monkeypatch.setattr(presence, "beat", miss_some)
    async with a_gateway() as gateway, gateway.following(app, alice, Place.at(0), session=session):
        async with asyncio.timeout(PATIENCE):
            while len(beats) < 5:
                await asyncio.sleep(0.01)
        assert await ask(noted, sessions=1)
