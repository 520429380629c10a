"""The admin of messages, conversations and participants, to read; of media and sensitive words."""

from __future__ import annotations

from apps.messaging.admin import avatars as avatars
from apps.messaging.admin import compose as compose
from apps.messaging.admin import home as home
from apps.messaging.admin.conversations import ConversationAdmin, ParticipantAdmin
from apps.messaging.admin.media import MediaAdmin
from apps.messaging.admin.messages import MessageAdmin
from apps.messaging.admin.sensitive_words import SensitiveWordAdmin

__all__ = [
    "ConversationAdmin",
    "MediaAdmin",
    "MessageAdmin",
    "ParticipantAdmin",
    "SensitiveWordAdmin",
]
