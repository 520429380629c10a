"""What happens in the tests of statistics."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from apps.console.services import rollup
from apps.core.models import App
from apps.groups.models import Group
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message

Say = Callable[..., int]
BODIES: dict[str, dict[str, Any]] = {
    "text": {"text": "hello"},
    "image": {
        "media_id": "j/1",
        "media_crc32": 1,
        "width": 1,
        "height": 1,
        "format": "png",
        "fsize": 1,
    },
    "voice": {"media_id": "j/2", "media_crc32": 1, "duration": 1, "fsize": 1},
    "custom": {"any": "thing"},
}


def say(app: App, sender: str, to: str | Group, *, msg_type: str = "text") -> int:
    """Send a message to a user or a group; its id."""
    draft = Draft(
        target_type="group" if isinstance(to, Group) else "single",
        target_id=str(to.pk) if isinstance(to, Group) else to,
        from_type="user",
        from_id=sender,
        msg_type=msg_type,
        body=BODIES[msg_type],
    )
    return send_message(app=app, draft=draft).msg_id


@pytest.fixture
def said_at(app: App) -> Say:
    """Say something as if it had been at another time."""

    def saying(moment: datetime, sender: str, to: str | Group, *, msg_type: str = "text") -> int:
        msg_id = say(app, sender, to, msg_type=msg_type)
        app.messages.filter(pk=msg_id).update(sent_at=moment)
        return msg_id

    return saying


def roll_up() -> None:
    """Count all there is to count."""
    while rollup.step():
        pass
