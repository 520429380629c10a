"""Long work on users."""

from __future__ import annotations

from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from apps.accounts.services.importing import USERS
from apps.accounts.services.sessions import end_sessions_of
from apps.core.erasing import farewell
from apps.core.importing.job import begin_importing, importing_kind
from apps.core.importing.rows import Format
from apps.core.jobs import register_kind
from apps.core.models import App, Job

_LOGGED_OUT_AT_ONCE = 200

IMPORT_USERS = register_kind(
    importing_kind(importer=USERS, title=_("Import of users"), permission="accounts.add_user")
)


def begin_import_of_users(
    *,
    app: App,
    operator_id: int | None,
    file: BinaryIO,
    name: str,
    format: Format,
    encoding: str = "utf-8-sig",
    dry_run: bool = False,
) -> Job:
    """See `begin_importing`."""
    return begin_importing(
        kind=IMPORT_USERS,
        importer=USERS,
        key="username",
        app=app,
        operator_id=operator_id,
        file=file,
        name=name,
        format=format,
        encoding=encoding,
        dry_run=dry_run,
    )


@farewell
def end_all_sessions(app: App) -> int:
    """Cut the connections of an app's users off before the app is erased."""
    left = app.users.filter(sessions__isnull=False).order_by("pk")
    users = list(left.values_list("pk", flat=True).distinct()[:_LOGGED_OUT_AT_ONCE])
    end_sessions_of(app=app, user_ids=users)
    return len(users)
