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
