"""How a WebSocket opens, and for whom it does not."""

from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import ClientSession
from apps.accounts.services.sessions import end_sessions_of
from apps.accounts.services.users import delete_users
from apps.core.services.apps import suspend_app
from apps.realtime.transports import websocket
from tests.realtime.in_process import Socket, a_gateway, ask

pytestmark = pytest.mark.django_db(transaction=True)


async def test_the_first_frame_may_bring_the_token(alices) -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        ready = await socket.start(alices)
        assert ready == {"type": "ready", "username": "alice", "cursor": ready["cursor"]}


async def test_a_header_may_bring_the_token(alices) -> None:
    async with (
        a_gateway() as gateway,
        Socket(gateway, authorization=f"Bearer {alices}") as socket,
    ):
        socket.say(type="start")
        assert (await socket.hear())["username"] == "alice"


BAD_OPENINGS: list[tuple[dict[str, Any], int, int]] = [
    ({"type": "auth", "token": "nonsense"}, 4401, 898008),
    ({"type": "auth", "token": ""}, 4401, 898008),
    ({"type": "auth", "token": "é"}, 4401, 898008),
    ({"type": "auth"}, 4400, 899003),
    ({"type": "auth", "token": 7}, 4400, 899003),
    ({"type": "auth", "token": "TOKEN", "after": 7}, 4400, 899003),
    ({"type": "auth", "token": "TOKEN", "after": "nonsense"}, 4410, 890001),
    ({"type": "start"}, 4400, 899003),
    ({"type": "send", "message": {}}, 4400, 899003),
    ({"type": ["auth"], "token": "TOKEN"}, 4400, 899003),
    ({}, 4400, 899003),
]


async def test_a_bad_opening_is_told_why_and_closed(alices) -> None:
    async with a_gateway() as gateway:
        for opening, code, number in BAD_OPENINGS:
            frame = {name: alices if value == "TOKEN" else value for name, value in opening.items()}
            async with Socket(gateway) as socket:
                socket.say(**frame)
                refused = await socket.hear()
                assert (refused["type"], refused["error"]["code"]) == ("error", number), opening
                assert (await socket.closing())[0] == code, opening
                await socket.over()


async def test_a_bad_header_is_not_made_up_for_by_the_frame(alices) -> None:
    async with a_gateway() as gateway:
        for bad in ("Basic eDp5", "Bearer", "Bearer nonsense", "nonsense"):
            async with Socket(gateway, authorization=bad) as socket:
                socket.say(type="auth", token=alices)
                assert (await socket.closing())[0] == 4401, bad


async def test_who_says_nothing_is_closed_after_a_while(monkeypatch) -> None:
    monkeypatch.setattr(websocket, "_OPENING_WITHIN", 0.05)
    async with a_gateway() as gateway, Socket(gateway) as socket:
        assert (await socket.hear())["error"]["code"] == 899003
        assert (await socket.closing())[0] == 4400


async def test_who_goes_before_the_first_frame_leaves_nothing() -> None:
    async with a_gateway() as gateway, Socket(gateway) as socket:
        socket.go()
        await socket.over()
        assert socket.sent.empty()


ORIGINS: list[tuple[str, list[str], bool]] = [
    ("https://im.example", [], True),  # the server's own
    ("https://evil.example", [], False),
    ("https://im.example.evil.example", [], False),
    ("null", [], False),
    ("https://chat.example", ["https://chat.example"], True),
    ("http://chat.example", ["https://chat.example"], False),
    ("https://evil.example", ["*"], True),
]


async def test_a_page_of_another_origin_is_turned_away(settings, alices) -> None:
    async with a_gateway() as gateway:
        for origin, allowed, welcome in ORIGINS:
            settings.IM_ALLOWED_ORIGINS = allowed
            socket = Socket(gateway, origin=origin, host="im.example")
            socket.serve(websocket.serve)
            socket.say_raw({"type": "websocket.connect"})
            answer = await socket.next()
            expected = "websocket.accept" if welcome else "websocket.close"
            assert answer["type"] == expected, origin
            socket.go()
            await socket.over()


@pytest.mark.parametrize("end", ["expired", "revoked", "disabled", "deleted", "suspended"])
async def test_a_token_that_is_no_good_any_more_is_refused(end, app, alice, alices) -> None:
    match end:
        case "expired":
            await ask(ClientSession.objects.update, expires_at=timezone.now())
        case "revoked":
            await ask(end_sessions_of, app=app, user_ids=[alice.pk])
        case "disabled":
            await ask(app.users.update, disabled_at=timezone.now())
        case "deleted":
            await ask(delete_users, app=app, usernames=["alice"])
        case "suspended":
            await ask(suspend_app, app=app)
    numbers = {"expired": 898010, "disabled": 801006, "suspended": 2003}
    async with a_gateway() as gateway, Socket(gateway) as socket:
        assert (await socket.start(alices))["error"]["code"] == numbers.get(end, 898008)
        assert (await socket.closing())[0] == 4401


async def test_connections_beyond_the_limit_are_closed(alices, settings) -> None:
    settings.IM_CONNECTIONS_PER_USER = 1
    async with a_gateway() as gateway, Socket(gateway) as first:
        await first.start(alices)
        async with Socket(gateway) as second:
            assert (await second.start(alices))["error"]["code"] == 890007
            assert (await second.closing())[0] == 4429
        assert await first.silent()
