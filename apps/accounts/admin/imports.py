"""Importing users."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.accounts.jobs import IMPORT_USERS
from apps.core.adminkit.imports import Import, serve_samples

SAMPLES = {
    "csv": (
        "username,password,password_md5,nickname,gender,birthday,region,extras,is_admin\n"
        'zhangwei,a good password,,张伟,1,1990-05-17,深圳,"{""level"": 3}",\n'
        "lina@example.com,,5f4dcc3b5aa765d61d8327deb882cf99,李娜,2,,,,\n"
        "helpdesk,another password,,客服,,,,,true\n"
    ),
    "jsonl": (
        '{"username": "zhangwei", "password": "a good password", "nickname": "张伟", "gender": 1, '
        '"birthday": "1990-05-17", "region": "深圳", "extras": {"level": 3}}\n'
        '{"username": "lina@example.com", "password_md5": "5f4dcc3b5aa765d61d8327deb882cf99", '
        '"nickname": "李娜", "gender": 2}\n'
        '{"username": "helpdesk", "password": "another password", "nickname": "客服", "is_admin": true}\n'
    ),
}
USERS_IMPORT = Import(
    job=IMPORT_USERS,
    title=_("Import users"),
    text=_(
        "Every row is tried by itself: names that are taken and rows with mistakes are refused, and a file "
        "tells what became of each."
    ),
    command="import_users",
    samples=SAMPLES,
)
serve_samples(USERS_IMPORT, permission="accounts.add_user")
