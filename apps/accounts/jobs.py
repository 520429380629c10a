"""Long work on users."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.accounts.services.importing import USERS
from apps.accounts.services.sessions import end_sessions_of
from apps.core.erasing import farewell
from apps.core.importing.job import register_import
from apps.core.models import App

_LOGGED_OUT_AT_ONCE = 200

IMPORT_USERS = register_import(
    importer=USERS, key="username", title=_("Import of users"), permission="accounts.add_user"
)


@farewell
def end_all_sessions(app: App) -> int:
    """Cut the connections of an app's users off before the app is erased."""
    left = app.users.filter(sessions__isnull=False).order_by("pk")
    users = list(left.values_list("pk", flat=True).distinct()[:_LOGGED_OUT_AT_ONCE])
    end_sessions_of(app=app, user_ids=users)
    return len(users)
