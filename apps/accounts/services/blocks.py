"""The blacklist: whose messages a user refuses."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from apps.accounts.models import Block, User
from apps.core.errors import ADMIN_NOT_BLOCKABLE, ALREADY_BLOCKED, NOT_BLOCKED, ImError
from apps.core.models import App


@transaction.atomic
def block_users(*, app: App, owner: User, usernames: Sequence[str]) -> None:
    """Let none of them send single messages to the owner any more: all or none.

    Raises NO_SUCH_USER, ALREADY_BLOCKED, ADMIN_NOT_BLOCKABLE.
    """
    users = _held(app, owner, usernames)
    if any(user.is_admin for user in users):
        raise ImError(ADMIN_NOT_BLOCKABLE)
    try:
        with transaction.atomic():
            owner.blocks.bulk_create(Block(owner=owner, blocked=user) for user in users)
    except IntegrityError:
        raise ImError(ALREADY_BLOCKED) from None


@transaction.atomic
def unblock_users(*, app: App, owner: User, usernames: Sequence[str]) -> None:
    """Undo `block_users`: all or none. Raises NO_SUCH_USER, NOT_BLOCKED."""
    users = _held(app, owner, usernames)
    removed, _ = owner.blocks.filter(blocked__in=users).delete()
    if removed != len(users):
        raise ImError(NOT_BLOCKED)


def _held(app: App, owner: User, usernames: Sequence[str]) -> list[User]:
    held = app.users.held().by_usernames([owner.username, *usernames])
    return [held[name] for name in dict.fromkeys(usernames)]
