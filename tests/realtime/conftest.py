"""Tests of real time are coroutines; each runs on an event loop of its own."""

import asyncio
import contextlib
import inspect
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import User
from apps.accounts.services.sessions import open_session
from apps.core.models import App
from apps.messaging.drafts import Draft
from apps.messaging.log import Appended
from apps.messaging.services.messages import send_message
from tests.realtime.clients import hang_up
from tests.realtime.people import People
from tests.realtime.servers import Database, Served, serving

#: What opens a session for a user and returns its token.
Token = Callable[..., str]
#: What sends a text: `say(alice, bobby, "hello")`; in a thread of the gateway, `gateway.run(say, ...)`.
Say = Callable[..., Appended]

#: Seconds that a test may take before it is told where it hangs.
TEST_WITHIN = 180.0


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    test = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    names = inspect.signature(test).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}

    async def in_time() -> None:
        try:
            async with asyncio.timeout(TEST_WITHIN):
                await test(**arguments)
        finally:
            await hang_up()

    asyncio.run(in_time())
    return True


@pytest.fixture
def token() -> Token:
    """Logs a user in."""

    def log_in(user: User, platform: str = "j", **more: Any) -> str:
        return open_session(app=user.app, user=user, platform=platform, **more).token

    return log_in


@pytest.fixture
def say(app: App) -> Say:
    """Sends a text from one user to another, or to a group."""

    def send(sender: User, target: Any, said: str, **more: Any) -> Appended:
        to_group = not isinstance(target, User)
        draft = Draft(
            target_type="group" if to_group else "single",
            target_id=str(target.pk) if to_group else target.username,
            from_type="user",
            from_id=sender.username,
            msg_type="text",
            body={"text": said},
            **more,
        )
        return send_message(app=sender.app, draft=draft)

    return send


#: For servers under test: nobody is held back, and what takes long by default is over in a moment.
QUICK = {
    "IM_CLIENT_SENDS_PER_MINUTE": "1000000",
    "IM_CONNECTIONS_PER_USER": "100",
    "IM_SLOW_READER_SECONDS": "2",
    "IM_PRESENCE_SECONDS": "3",
}


@contextlib.contextmanager
def a_home() -> Iterator[Path]:
    """A short directory that PostgreSQL's user may enter."""
    directory = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def a_database() -> Iterator[Database]:
    with a_home() as directory:
        database = Database(directory)
        try:
            database.start()
            yield database
        finally:
            database.stop()


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """One for all tests that let it live."""
    with a_database() as made:
        yield made


@pytest.fixture(scope="session")
def served(database: Database) -> Iterator[Served]:
    """A server with two gateways behind one port."""
    with serving(database, workers=2, **QUICK) as made:
        yield made


@pytest.fixture(scope="session")
def other_served(database: Database) -> Iterator[Served]:
    """Another server over the same database, with one gateway."""
    with serving(database, workers=1, **QUICK) as made:
        yield made


@pytest.fixture
def people(database: Database, served: Served) -> People:
    """Made anew for each test, which has an event loop of its own."""
    return People(database, served)


@pytest.fixture
def alices(alice: User, token: Token) -> str:
    """Alice's token."""
    return token(alice)


@pytest.fixture
def bobbys(bobby: User, token: Token) -> str:
    """Bobby's token."""
    return token(bobby)
