"""Tests of real time are coroutines; each runs on an event loop of its own."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import User
from apps.accounts.services.sessions import open_session
from apps.core.models import App
from apps.messaging.drafts import Draft
from apps.messaging.log import Appended
from apps.messaging.services.messages import send_message

#: What opens a session for a user and returns its token.
Token = Callable[..., str]
#: What sends a text: `say(alice, bobby, "hello")`; in a thread of the gateway, `gateway.run(say, ...)`.
Say = Callable[..., Appended]

#: Seconds that a test may take before it is told where it hangs.
TEST_WITHIN = 60.0


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    test = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    names = inspect.signature(test).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}

    async def in_time() -> None:
        async with asyncio.timeout(TEST_WITHIN):
            await test(**arguments)

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
