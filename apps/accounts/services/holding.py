"""Users held while a row between them is written."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Q

from apps.accounts.models import User
from apps.core.errors import NO_SUCH_USER, PARAMETER_INVALID, ImError
from apps.core.models import App


def held_with(
    *, app: App, owner: User, usernames: Sequence[str], of: App | None = None
) -> list[User]:
    """Those named, each once and in their order, held together with the owner. One query.

    `of` is the app of those named where it is not the owner's own. Raises NO_SUCH_USER, for an owner deleted
    meanwhile as well. See `UserQuerySet.held`.
    """
    theirs = of or app
    findable = [name for name in usernames if "\0" not in name]
    wanted = Q(app=app, pk=owner.pk) | Q(app=theirs, username__in=findable)
    held = list(User.objects.filter(wanted).held())  # tenant-free: both tenants are named
    if all(user.pk != owner.pk for user in held):
        raise ImError(NO_SUCH_USER, f"No such user: {owner.username}")
    named = {user.username: user for user in held if user.app_id == theirs.pk}
    peers = []
    for name in dict.fromkeys(usernames):
        if name not in named:
            raise ImError(NO_SUCH_USER, f"No such user: {name}")
        peers.append(named[name])
    return peers


def check_length(count: int, what: str) -> None:
    """Refuse (PARAMETER_INVALID) a list longer than `settings.IM_RELATIONS_PER_USER`."""
    at_most: int = settings.IM_RELATIONS_PER_USER
    if count > at_most:
        raise ImError(PARAMETER_INVALID, f"body: a user has at most {at_most} {what}")
