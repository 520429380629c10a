"""The blacklist: whose messages a user refuses."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from apps.accounts.models import Block, User
from apps.accounts.services.holding import check_length, held_with
from apps.core.errors import ADMIN_NOT_BLOCKABLE, ALREADY_BLOCKED, NOT_BLOCKED, ImError
from apps.core.models import App


@transaction.atomic
def block_users(*, app: App, owner: User, usernames: Sequence[str], of: App | None = None) -> None:
    """Let none of them send single messages to the owner any more: all or none.

    `of` is their app where it is another. Raises NO_SUCH_USER, ALREADY_BLOCKED, ADMIN_NOT_BLOCKABLE, and
    PARAMETER_INVALID for more than `settings.IM_RELATIONS_PER_USER` in all.
    """
    users = held_with(app=app, owner=owner, usernames=usernames, of=of)
    if any(user.is_admin for user in users):
        raise ImError(ADMIN_NOT_BLOCKABLE)
    try:
        with transaction.atomic():
            owner.blocks.bulk_create(Block(owner=owner, blocked=user) for user in users)
    except IntegrityError:
        raise ImError(ALREADY_BLOCKED) from None
    check_length(owner.blocks.count(), "blocked users")


@transaction.atomic
def unblock_users(
    *, app: App, owner: User, usernames: Sequence[str], of: App | None = None
) -> None:
    """Undo `block_users`: all or none. Raises NO_SUCH_USER, NOT_BLOCKED."""
    users = held_with(app=app, owner=owner, usernames=usernames, of=of)
    removed, _ = owner.blocks.filter(blocked__in=users).delete()
    if removed != len(users):
        raise ImError(NOT_BLOCKED)
