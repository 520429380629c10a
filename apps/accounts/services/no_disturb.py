"""Do not disturb: whose single messages, or whose at all, are not pushed to a user.

The part of it that is about users. `apps.groups.services.no_disturb` has the whole, and tells of it.
"""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from apps.accounts.models import NoDisturb, User
from apps.accounts.services.holding import check_length, held_with
from apps.core.errors import (
    NO_DISTURB_GLOBAL_OFF,
    NO_DISTURB_GLOBAL_ON,
    NO_DISTURB_USER_NOT_SET,
    NO_DISTURB_USER_SET,
    NO_SUCH_USER,
    ImError,
)
from apps.core.models import App


@transaction.atomic
def change_quiet_users(
    *,
    app: App,
    owner: User,
    add: Sequence[str],
    remove: Sequence[str],
    of: App | None = None,
) -> None:
    """Let no single message of the first disturb the owner any more, and those of the others again.

    All or nothing; `of` is their app where it is another. The owner is held, whoever is named. Raises
    NO_SUCH_USER, NO_DISTURB_USER_SET, NO_DISTURB_USER_NOT_SET, and PARAMETER_INVALID for more than
    `settings.IM_RELATIONS_PER_USER` in all.
    """
    held = held_with(app=app, owner=owner, usernames=[*add, *remove], of=of)
    users = {user.username: user for user in held}
    if add:
        try:
            with transaction.atomic():
                owner.no_disturbs.bulk_create(
                    NoDisturb(owner=owner, peer=users[name]) for name in add
                )
        except IntegrityError:
            raise ImError(NO_DISTURB_USER_SET) from None
    removed, _ = owner.no_disturbs.filter(peer__in=[users[name] for name in remove]).delete()
    if removed != len(remove):
        raise ImError(NO_DISTURB_USER_NOT_SET)
    if add:
        check_length(owner.no_disturbs.count(), "users who do not disturb them")


def set_global_no_disturb(*, app: App, owner: User, on: bool) -> None:
    """Let nothing disturb the user, or things again. Raises NO_DISTURB_GLOBAL_ON, NO_DISTURB_GLOBAL_OFF.

    NO_SUCH_USER for one deleted meanwhile.
    """
    me = app.users.filter(pk=owner.pk)
    if me.filter(no_disturb=not on).update(no_disturb=on):
        return
    if not me.exists():
        raise ImError(NO_SUCH_USER, f"No such user: {owner.username}")
    raise ImError(NO_DISTURB_GLOBAL_ON if on else NO_DISTURB_GLOBAL_OFF)
