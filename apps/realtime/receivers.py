"""What delivery does about the news from below."""

from functools import partial

import msgspec
from django.db import transaction
from django.dispatch import receiver

from apps.accounts.signals import SessionsEnded, sessions_ended
from apps.messaging import bells
from apps.messaging.signals import Whisper, whispered

SESSIONS = 0
"""Rung like an app's number when sessions have ended: gateways then look which of theirs still stand."""


class Said(msgspec.Struct, array_like=True, frozen=True):
    """A whisper as it travels between processes: a JSON array."""

    app_id: int
    conversation_id: int
    user_id: int
    username: str
    kind: str
    read_up_to: int | None
    app_key: str = ""  # last: a process of the version before neither tells nor knows it


@receiver(sessions_ended)
def ring_for_sessions(*, event: SessionsEnded, **kwargs: object) -> None:
    """After the commit: earlier, the gateways would find the sessions still there."""
    transaction.on_commit(partial(bells.get().ring, SESSIONS))


@receiver(whispered)
def pass_on(*, whisper: Whisper, **kwargs: object) -> None:
    """To the gateways of all processes."""
    said = Said(
        whisper.app_id,
        whisper.conversation_id,
        whisper.user_id,
        whisper.username,
        whisper.kind,
        whisper.read_up_to,
        whisper.app_key,
    )
    bells.get().whisper(msgspec.json.encode(said).decode())
