"""Draft: a message not yet stored."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

TargetType = Literal["single", "group", "chatroom"]
TARGET_TYPES: Mapping[str, TargetType] = {kind: kind for kind in get_args(TargetType)}

IN_OWN_NAME = frozenset({"user", "admin"})
"""The types of senders who speak for themselves: what silences them, silences their message."""


def body_bytes(body: Mapping[str, Any]) -> int:
    """The size of a msg_body: UTF-8 bytes of its compact JSON."""
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be said to whom, in the terms of the final API's message protocol.

    `from_type` "user" speaks for themselves: as a member of the group or the chatroom. "admin" must be an
    API admin of the app. Both speak in their own name, and neither in a group where they are silenced.
    "robot", "api" and "console" are the app's own voice under the name of any of its users.
    """

    target_type: TargetType
    target_id: str  # a username, or the number of a group or a chatroom in digits
    target_app_key: str = ""  # of the app whose user or group it is; empty for the sender's own
    from_type: str
    from_id: str  # a username
    msg_type: str
    body: Mapping[str, Any]
    target_name: str = ""
    from_name: str = ""
    from_platform: str = ""  # that of the client's session; empty for the app's server
    create_time: str | float | None = None  # as the client told it; the server's own time counts
    options: Mapping[str, Any] = field(
        default_factory=dict
    )  # no_offline, no_notification, notification
    idempotency_key: str | None = None  # unique per app and sender

    @property
    def digest(self) -> bytes:
        """32 bytes that are equal for equal messages: what an idempotency key is held to."""
        said = [
            self.target_type,
            self.target_id,
            self.from_type,
            self.msg_type,
            self.body,
            self.options,
        ]
        if self.target_app_key:
            said.append(self.target_app_key)
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


@dataclass(frozen=True, kw_only=True)
class Event:
    """A change of state that is told in the conversation it happened in."""

    conversation_id: int
    target_type: str  # "single", "group", or "notices" for what one user alone is told
    target_id: str
    event_type: str
    from_username: str = ""  # empty where the app's server or an operator did it
    to_username_list: tuple[str, ...] = ()
    # Where the event is told in several apps: whose names these are. Empty keys are the row's own app's.
    to_appkey_list: tuple[str, ...] = ()
    from_app_key: str = ""
    target_app_key: str = ""
    msg_id: int | None = None  # the message it is about
    gid: int | None = None  # the group it is about, where it is not told in the group

    @property
    def body(self) -> dict[str, Any]:
        """The event object of the final API, without the time, which the row has."""
        told: dict[str, Any] = {
            "event_type": self.event_type,
            "from_username": self.from_username,
            "to_username_list": list(self.to_username_list),
            "description": "",
        }
        if self.to_appkey_list:
            told["to_appkey_list"] = list(self.to_appkey_list)
        if self.target_type == "group":
            told["gid"] = int(self.target_id)
        elif self.target_type == "chatroom":
            told["chatroom_id"] = int(self.target_id)
        elif self.gid is not None:
            told["gid"] = self.gid
        if self.msg_id is not None:
            told["msg_id"] = self.msg_id
        return told
