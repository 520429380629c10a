"""Long work on groups."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.accounts.services.users import delete_users
from apps.core.erasing import farewell
from apps.core.importing.job import register_import
from apps.core.models import App
from apps.groups.models import GroupMember
from apps.groups.services.importing import GROUPS

_AT_ONCE = 50  # users

IMPORT_GROUPS = register_import(
    importer=GROUPS, key="gid", title=_("Import of groups"), permission="groups.add_group"
)


@farewell
def leave_other_apps(app: App) -> int:
    """Delete those users in the ordinary way who are in groups of other apps: the members there are told."""
    elsewhere = GroupMember.objects.filter(user__app=app).exclude(
        group__app=app
    )  # tenant-free: by app
    names = list(set(elsewhere.order_by("pk").values_list("user__username", flat=True)[:_AT_ONCE]))
    if names:
        delete_users(app=app, usernames=names)
    return len(names)
