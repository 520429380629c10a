"""The admin writes nothing itself: services do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITES = {
    "save", "delete", "create", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "set", "add", "remove", "clear", "execute",
}  # fmt: skip
MODULES = sorted(
    path
    for pattern in ("apps/*/admin.py", "apps/*/admin/*.py", "apps/core/adminkit/*.py")
    for path in ROOT.glob(pattern)
)


def writes_in(source: str) -> list[str]:
    """Calls that look like a write to the database: `row.save()`, `rows.update(...)`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            target = ast.unparse(node.func.value)
            on_a_dict = target.startswith(("vars(", "context", "told"))
            if node.func.attr in WRITES and not on_a_dict:
                found.append(f"{target}.{node.func.attr}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_of_the_admin_writes(path):
    assert writes_in(path.read_text(encoding="utf-8")) == []


def test_a_write_would_be_found():
    source = "user.save()\napp.users.update(name='x')\nvars(user).update(vars(other))"

    assert writes_in(source) == ["user.save", "app.users.update"]


def test_there_is_something_to_look_at():
    assert len(MODULES) > 20
