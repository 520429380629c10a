"""What can be done to all users that a list shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.services.sessions import end_sessions_of
from apps.accounts.services.users import delete_users, disable_users, enable_users
from apps.core.adminkit.wholes import WholeAction
from apps.core.models import App


def _among(app: App, users: Sequence[User]) -> Any:
    return app.users.filter(pk__in=[user.pk for user in users])


WHOLES = {
    "disable": WholeAction(
        title=_("Disable"),
        text=_("They can neither log in nor send until they are enabled. Nothing is deleted."),
        run=lambda app, users: disable_users(app=app, users=_among(app, users)),
        permission="change",
        batch=200,
    ),
    "enable": WholeAction(
        title=_("Enable"),
        text=_("They can log in and send again."),
        run=lambda app, users: enable_users(app=app, users=_among(app, users)),
        permission="change",
        batch=200,
        danger=False,
    ),
    "log-out": WholeAction(
        title=_("Log out"),
        text=_("Their devices are cut off, and have to log in again."),
        run=lambda app, users: end_sessions_of(app=app, user_ids=[user.pk for user in users]),
        permission="change",
        batch=200,
    ),
    "delete": WholeAction(
        title=_("Delete"),
        text=_(
            "This can't be undone. They leave their groups; a group they own passes to its oldest "
            "member, or is dissolved if it is empty. What they sent stays in the log under their name."
        ),
        run=lambda app, users: delete_users(app=app, usernames=[user.username for user in users]),
        permission="delete",
        batch=50,
    ),
}

EXPORTED: Mapping[str, Callable[[User], Any]] = {
    "username": lambda user: user.username,
    "nickname": lambda user: user.nickname,
    "avatar": lambda user: user.avatar,
    "birthday": lambda user: user.birthday,
    "gender": lambda user: user.gender,
    "signature": lambda user: user.signature,
    "region": lambda user: user.region,
    "address": lambda user: user.address,
    "star": lambda user: user.star,
    "extras": lambda user: user.extras,
    "is_admin": lambda user: user.is_admin,
    "disabled": lambda user: user.disabled_at is not None,
    "ctime": lambda user: user.created_at,
    "mtime": lambda user: user.updated_at,
}
"""Named as an import names them: what was exported can be imported."""
