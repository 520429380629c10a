"""The log of each app, its conversations, and who may read which stretch of them."""

from apps.messaging.models.conversation import (
    Conversation,
    ConversationKind,
    ConversationQuerySet,
    Participant,
    ParticipantQuerySet,
)
from apps.messaging.models.media import (
    Media,
    MediaKind,
    MediaPurge,
    MediaPurgeQuerySet,
    MediaQuerySet,
    stored_name,
)
from apps.messaging.models.message import EVENT, Message, MessageQuerySet, MessageType
from apps.messaging.models.sensitive_word import SensitiveWord, SensitiveWordQuerySet

__all__ = [
    "EVENT",
    "Conversation",
    "ConversationKind",
    "ConversationQuerySet",
    "Media",
    "MediaKind",
    "MediaPurge",
    "MediaPurgeQuerySet",
    "MediaQuerySet",
    "Message",
    "MessageQuerySet",
    "MessageType",
    "Participant",
    "ParticipantQuerySet",
    "SensitiveWord",
    "SensitiveWordQuerySet",
    "stored_name",
]
