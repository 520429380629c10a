from pathlib import Path

import pytest

from tests.architecture.tenant_scope import guarded_files, unscoped_reads

ROOT = Path(__file__).resolve().parents[2]


def test_no_query_starts_from_anything_but_a_tenant():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in guarded_files(ROOT)
        for line in unscoped_reads(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_the_services_and_the_api_are_among_the_guarded_files():
    guarded = {str(path.relative_to(ROOT)) for path in guarded_files(ROOT)}

    assert {
        "apps/accounts/services/users.py",
        "apps/groups/api/views.py",
        "apps/messaging/sync.py",
        "apps/realtime/reads.py",
    } <= guarded


@pytest.mark.parametrize(
    "source",
    [
        "User.objects.filter(username=name)",
        "found = (\n    Message\n    .objects\n    .all()\n)",
        "def f():\n    return type(user)._default_manager.all()",
        "# tenant-free on another statement\nUser.objects.all()",
    ],
)
def test_an_unscoped_read_is_found(source):
    assert list(unscoped_reads(source))


@pytest.mark.parametrize(
    "source",
    [
        "self.app.users.by_username(name)",
        "App.objects.get(pk=1)  # tenant-free: this is the tenant itself",
        "found = (\n    App.objects  # tenant-free: every tenant\n    .all()\n)",
        "objects = UserQuerySet.as_manager()",
    ],
)
def test_a_scoped_or_explained_read_is_not(source):
    assert list(unscoped_reads(source)) == []
