"""The columns of exported messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps.messaging.models import Message

COLUMNS: Mapping[str, Callable[[Message], Any]] = {
    "msg_id": lambda message: message.pk,
    "sent_at": lambda message: message.sent_at,
    "from_type": lambda message: message.from_type,
    "from_id": lambda message: message.from_id,
    "target_type": lambda message: message.target_type,
    "target_id": lambda message: message.target_id,
    "msg_type": lambda message: message.msg_type,
    "retracted_at": lambda message: message.retracted_at,
}
WITH_BODIES: Mapping[str, Callable[[Message], Any]] = {
    **COLUMNS,
    "msg_body": lambda message: None if message.retracted_at else message.body,
}
"""What was retracted stays unread."""
