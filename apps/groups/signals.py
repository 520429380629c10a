"""News of groups and chatrooms, sent by plain `send()` inside the transaction: who raises undoes the write.

Whoever listens may take the app's log lock, so a service sends its news last, after its own rows are locked.
"""

from dataclasses import dataclass

from django.dispatch import Signal


@dataclass(frozen=True)
class GroupEvent:
    """A group that was created, changed or dissolved."""

    app_id: int
    group_id: int


@dataclass(frozen=True)
class MembersChanged:
    """Who came and who went, by id, in one step. `left` is for those who went by themselves."""

    app_id: int
    group_id: int
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    left: bool = False


@dataclass(frozen=True)
class OwnerChanged:
    """A group that passed to another owner."""

    app_id: int
    group_id: int
    owner_id: int


@dataclass(frozen=True)
class GroupsImported:
    """Groups that came from another service, with their members: new to this server, and to nobody else."""

    app_id: int
    group_ids: tuple[int, ...]


@dataclass(frozen=True)
class MembersSilenced:
    """Members who may not speak in their group from now on, or may again; those alone of whom it is news."""

    app_id: int
    group_id: int
    user_ids: tuple[int, ...]
    silenced: bool


@dataclass(frozen=True)
class ShieldsChanged:
    """Groups that a user shields from now on, and those they no longer do."""

    user_id: int
    shielded: tuple[int, ...]
    unshielded: tuple[int, ...]


@dataclass(frozen=True)
class NoDisturbChanged:
    """A user who changed by whom or by what they want to be disturbed."""

    user_id: int


@dataclass(frozen=True)
class ChatroomEvent:
    """A chatroom that was created, changed or deleted."""

    app_id: int
    chatroom_id: int


@dataclass(frozen=True)
class ChatroomMembersChanged:
    """Who is in a chatroom now and who no longer, by id. `left` is for those who went by themselves."""

    app_id: int
    chatroom_id: int
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    left: bool = False


@dataclass(frozen=True)
class ChatroomOwnerChanged:
    """A chatroom that passed to another owner."""

    app_id: int
    chatroom_id: int
    owner_id: int


@dataclass(frozen=True)
class ChatroomMuteChanged:
    """A member who may not speak in a chatroom any more, or may again."""

    app_id: int
    chatroom_id: int
    user_id: int
    muted: bool


@dataclass(frozen=True)
class GroupsHeld:
    """Groups and chatrooms that are locked, of which news follows, and users who leave for good."""

    group_ids: tuple[int, ...]
    leaving: tuple[int, ...] = ()
    chatroom_ids: tuple[int, ...] = ()


groups_held = Signal()
"""Provides `event: GroupsHeld`, before news that concerns several apps: who locks more for it does it now."""

group_created = Signal()
"""Provides `event: GroupEvent`, with the first members in place."""

group_updated = Signal()
"""Provides `event: GroupEvent`."""

group_dissolved = Signal()
"""Provides `event: GroupEvent`, after its members are gone."""

members_changed = Signal()
"""Provides `events: tuple[MembersChanged, ...]`: all that one transaction changed, by group."""

owner_changed = Signal()
"""Provides `event: OwnerChanged`."""

members_silenced = Signal()
"""Provides `event: MembersSilenced`."""

shields_changed = Signal()
"""Provides `event: ShieldsChanged`."""

no_disturb_changed = Signal()
"""Provides `event: NoDisturbChanged`."""

groups_imported = Signal()
"""Provides `event: GroupsImported`, with their members in place. `group_created` is not sent for them."""

chatroom_created = Signal()
"""Provides `event: ChatroomEvent`, with the first members in place."""

chatroom_updated = Signal()
"""Provides `event: ChatroomEvent`: another name or description."""

chatroom_deleted = Signal()
"""Provides `event: ChatroomEvent`, after its members are gone."""

chatroom_members_changed = Signal()
"""Provides `event: ChatroomMembersChanged`. Who is deleted as a user goes without it."""

chatroom_owner_changed = Signal()
"""Provides `event: ChatroomOwnerChanged`."""

chatroom_mute_changed = Signal()
"""Provides `event: ChatroomMuteChanged`."""
