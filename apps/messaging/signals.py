"""News of messages."""

from dataclasses import dataclass

from django.dispatch import Signal


@dataclass(frozen=True)
class MessageSent:
    """Ids only: a receiver that needs more reads it back, inside the same transaction."""

    app_id: int
    msg_id: int


message_sent = Signal()
"""Provides `event: MessageSent`, inside the transaction of the send: a receiver that raises undoes it.

A send without receivers is a single statement that commits by itself. What can wait until after the commit
should follow the log from a cursor instead, as every reader here does, and cost the send nothing.
"""


@dataclass(frozen=True)
class MessageRetracted:
    """A message whose body nobody gets to see any more."""

    app_id: int
    msg_id: int


message_retracted = Signal()
"""Provides `event: MessageRetracted`, inside the transaction: a receiver that raises undoes it."""


@dataclass(frozen=True)
class Whisper:
    """Something that passes between people now and is not stored: lost if nobody hears it.

    `kind` is "typing" or "read"; `read_up_to` goes with the latter. App and conversation are those of the
    hearers; `app_key` is the app of who it is about where that is another one.
    """

    app_id: int
    conversation_id: int
    user_id: int
    username: str
    kind: str
    read_up_to: int | None = None
    app_key: str = ""


whispered = Signal()
"""Provides `whisper: Whisper`, after the commit."""
