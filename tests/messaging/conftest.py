"""What the tests of messages say, and how they read it back."""

from typing import Any

import pytest

from apps.accounts.models import User
from apps.core.models import App
from apps.messaging.models import EVENT, Message
from apps.messaging.sync import read_since


def say(row: Message) -> str:
    """A row in a word: what was said, or what happened."""
    told: str = row.body["event_type"] if row.msg_type == EVENT else row.body["text"]
    return told


@pytest.fixture
def heard(app: App) -> Any:
    """Everything that a user of the app may read, in words, page by page of the given size."""

    def hear(user: User, limit: int = 3) -> list[str]:
        cursor: str | None = None
        rows: list[str] = []
        while True:
            page = read_since(app=app, user=user, cursor=cursor, limit=limit)
            rows += map(say, page.messages)
            cursor = page.cursor
            if not page.has_more:
                return rows

    return hear
