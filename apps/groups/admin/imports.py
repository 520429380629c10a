"""Importing groups with their members."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.imports import Import, serve_samples
from apps.groups.jobs import IMPORT_GROUPS

SAMPLES = {
    "csv": (
        "gid,name,desc,flag,owner_username,members_username,MaxMemberCount,silenced,ctime\n"
        "22818120,周末徒步,每周六出发,2,zhangwei,lina@example.com helpdesk,500,,2015-02-13 10:00:00\n"
        "22818121,客服,,1,helpdesk,zhangwei,,zhangwei,\n"
    ),
    "jsonl": (
        '{"gid": 22818120, "name": "周末徒步", "desc": "每周六出发", "flag": 2, '
        '"owner_username": "zhangwei", "members_username": ["lina@example.com", "helpdesk"], '
        '"MaxMemberCount": 500, "ctime": "2015-02-13 10:00:00"}\n'
        '{"gid": 22818121, "name": "客服", "owner_username": "helpdesk", '
        '"members_username": ["zhangwei"], "silenced": ["zhangwei"]}\n'
    ),
}
GROUPS_IMPORT = Import(
    job=IMPORT_GROUPS,
    title=_("Import groups"),
    text=_(
        "A group comes with all of its members or not at all: numbers that are taken, users who are not in "
        "the app and rows with mistakes are refused, and a file tells what became of each. Import the users "
        "first. Nobody is told."
    ),
    command="import_groups",
    samples=SAMPLES,
)
serve_samples(GROUPS_IMPORT, permission="groups.add_group")
