"""News of users. Sent by plain `send()` inside the transaction: a receiver that raises undoes the write."""

from dataclasses import dataclass

from django.dispatch import Signal


@dataclass(frozen=True)
class UsersChanged:
    """Ids only: a receiver that needs more reads it, inside the same transaction."""

    app_id: int
    user_ids: tuple[int, ...]
    but_session: int | None = None  # the one from which users changed their own password
    imported: bool = False  # from another service: they are new to this server, and to nobody else


users_registered = Signal()
"""Provides `event: UsersChanged`, after the rows are there."""

users_disabled = Signal()
"""Provides `event: UsersChanged`: those who were enabled until now."""

users_enabled = Signal()
"""Provides `event: UsersChanged`: those who were disabled until now."""

users_deleted = Signal()
"""Provides `event: UsersChanged`, while the rows are still there, locked: the last chance to read them."""

password_changed = Signal()
"""Provides `event: UsersChanged`."""


@dataclass(frozen=True)
class FriendsChanged:
    """What changed between a user and others, who may be of other apps. `by_owner`: the user did it."""

    app_id: int
    owner_id: int
    friend_ids: tuple[int, ...]
    by_owner: bool


friends_added = Signal()
"""Provides `event: FriendsChanged`, after both sides of each friendship are there."""

friends_removed = Signal()
"""Provides `event: FriendsChanged`, after both sides of each are gone."""

friends_noted = Signal()
"""Provides `event: FriendsChanged`: the friends of whom the owner has written something down."""


@dataclass(frozen=True)
class SessionsEnded:
    """Sessions that are no more, by id."""

    app_id: int
    session_ids: tuple[int, ...]


sessions_ended = Signal()
"""Provides `event: SessionsEnded`, after the rows are gone. Their connections must go as well."""
