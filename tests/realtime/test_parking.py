"""Long-polls on the event loop: parked without a thread, and taken up again."""

import asyncio
import json
import time
from typing import Any

import pytest
from django.db import OperationalError

from apps.accounts.services.sessions import end_sessions_of
from apps.realtime import gateway as gateways
from apps.realtime.asgi import in_front_of
from imserver.bodies import BODY_LIMIT
from imserver.bridge import Bridge
from imserver.wsgi import application as wsgi_application
from tests.realtime.in_process import PATIENCE, ask, texts

pytestmark = pytest.mark.django_db(transaction=True)

LONG = 50  # seconds that a poll is told to wait: far longer than anything here takes
SOON = 10.0


class Site:
    """The whole application, and one request after another to it."""

    def __init__(self) -> None:
        self.bridge = Bridge(wsgi_application)
        self.application = in_front_of(self.bridge)
        self.runs = 0

    async def ask(
        self, path: str, query: str = "", *, go: asyncio.Event | None = None, **more: Any
    ) -> Any:
        """GET it: status and body. None when the client has gone, which `go` has it do."""
        replies: list[dict[str, Any]] = []
        asked = [{"type": "http.request", "body": more.pop("body", b"")}]

        async def receive() -> dict[str, Any]:
            if asked:
                return asked.pop()
            await (go or asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            replies.append(message)

        headers = [(b"host", b"localhost"), (b"authorization", more.pop("token", "").encode())]
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
        }
        scope |= {"http_version": "1.1", "scheme": "http", "headers": headers, "extensions": {}}
        async with asyncio.timeout(PATIENCE):
            await self.application(scope, receive, send)
        if not replies:
            return None
        return replies[0]["status"], json.loads(b"".join(part["body"] for part in replies[1:]))


@pytest.fixture
def site(monkeypatch) -> Any:
    """The process's gateway and threads are the test's own."""
    monkeypatch.setattr(gateways, "_gateway", None)
    monkeypatch.setattr(gateways, "_process_ends", False)
    made = Site()
    run = made.bridge._run

    def counted(*arguments: Any) -> Any:
        made.runs += 1
        from django.db import connections

        try:
            return run(*arguments)
        finally:
            connections.close_all()

    monkeypatch.setattr(made.bridge, "_run", counted)
    return made


@pytest.fixture
def bobbys(bobby, token) -> str:
    return f"Bearer {token(bobby)}"


async def parked(site: Site) -> None:
    """A poll waits on the loop."""
    async with asyncio.timeout(PATIENCE):
        while True:
            made = gateways.made()
            tailers = made._tailers.values() if made else []
            if any(
                follower._live
                for tailer in tailers
                for followers in tailer.followers.values()
                for follower in followers
            ):
                return
            await asyncio.sleep(0.01)


async def end(site: Site) -> None:
    made = gateways.made()
    if made is not None:
        await made.close()


SYNC = "/client/v1/sync"


async def test_a_parked_poll_is_answered_when_a_row_comes(site, alice, bobby, say, bobbys) -> None:
    poll = asyncio.ensure_future(site.ask(SYNC, f"wait={LONG}", token=bobbys))
    await parked(site)
    assert site.runs == 1
    began = time.monotonic()
    await ask(say, alice, bobby, "hello")
    status, page = await poll
    assert (status, texts(page["messages"])) == (200, ["hello"])
    assert time.monotonic() - began < SOON
    assert site.runs == 2
    await end(site)


async def test_a_poll_whose_time_is_up_is_answered_with_nothing(site, bobbys) -> None:
    status, page = await site.ask(SYNC, "wait=1", token=bobbys)
    assert (status, page["messages"]) == (200, [])
    assert site.runs == 2
    await end(site)


async def test_a_poll_beyond_the_limit_is_answered_soon_and_once(site, bobbys, settings) -> None:
    settings.IM_CONNECTIONS_PER_USER = 1
    first = asyncio.ensure_future(site.ask(SYNC, f"wait={LONG}", token=bobbys))
    await parked(site)
    began = time.monotonic()
    status, page = await site.ask(SYNC, f"wait={LONG}", token=bobbys)
    assert (status, page["messages"]) == (200, [])
    assert 1 <= time.monotonic() - began < SOON
    assert site.runs == 3  # the first poll's one, and two of the second: no spinning
    first.cancel()
    await end(site)


async def test_the_end_of_the_process_answers_parked_polls(site, bobbys) -> None:
    poll = asyncio.ensure_future(site.ask(SYNC, f"wait={LONG}", token=bobbys))
    await parked(site)
    gateways.end_here()
    status, page = await poll
    assert (status, page["messages"]) == (200, [])
    assert site.runs == 2
    await end(site)


async def test_the_end_of_the_session_refuses_parked_polls_at_once(
    site, app, bobby, bobbys
) -> None:
    poll = asyncio.ensure_future(site.ask(SYNC, f"wait={LONG}", token=bobbys))
    await parked(site)
    await ask(end_sessions_of, app=app, user_ids=[bobby.pk])
    status, refused = await poll
    assert (status, refused["error"]["code"]) == (401, 898008)
    await end(site)


async def test_a_client_that_goes_while_parked_is_not_answered(site, bobbys) -> None:
    go = asyncio.Event()
    poll = asyncio.ensure_future(site.ask(SYNC, f"wait={LONG}", token=bobbys, go=go))
    await parked(site)
    go.set()
    assert await poll is None
    made = gateways.made()
    assert made is not None
    assert made._count == 0
    assert site.runs == 1
    await end(site)


async def test_a_database_that_goes_away_while_parked_is_asked_once_more(
    site, bobbys, monkeypatch
) -> None:
    made = gateways.here()

    async def away(*arguments: Any) -> Any:
        raise OperationalError("away")

    monkeypatch.setattr(made, "_read", away)
    status, page = await site.ask(SYNC, f"wait={LONG}", token=bobbys)
    assert (status, page["messages"]) == (200, [])  # by now it is there again
    assert site.runs == 2
    await end(site)


async def test_a_hundred_polls_wait_in_four_threads(
    site, alice, bobby, say, token, settings
) -> None:
    settings.IM_CONNECTIONS_PER_USER = 1000
    bobbys = f"Bearer {await ask(token, bobby)}"
    polls = [
        asyncio.ensure_future(site.ask(SYNC, f"wait={LONG}", token=bobbys)) for _ in range(100)
    ]
    made = gateways.here()
    async with asyncio.timeout(PATIENCE):
        while made._count < 100:
            await asyncio.sleep(0.01)
    await ask(say, alice, bobby, "hello")
    answers = await asyncio.gather(*polls)
    assert {(status, *texts(page["messages"])) for status, page in answers} == {(200, "hello")}
    await end(site)


async def test_a_body_that_is_too_large_is_refused_unread(site) -> None:
    status, refused = await site.ask(SYNC, body=b" " * (BODY_LIMIT + 1))
    assert (status, refused["error"]["code"]) == (400, 899003)


async def test_sockets_elsewhere_are_turned_away(site) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/client/v1/elsewhere"}
    await site.application(scope, asyncio.Event().wait, send)
    assert [message["type"] for message in sent] == ["websocket.close"]
