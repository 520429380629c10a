"""Finding reads that do not start from a tenant, in the syntax tree."""

import ast
from collections.abc import Iterator
from pathlib import Path

MARK = "# tenant-free"


def unscoped_reads(source: str) -> Iterator[int]:
    """The lines on which a model's own manager is used without a word on why that is right.

    `App.objects`, `User._default_manager` and the like; `self.app.users` and `user.sessions` are what they
    should be. The mark may stand on any line of the statement.
    """
    lines = source.splitlines()
    tree = ast.parse(source)
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
            around = _innermost(statements, node.lineno)
            if not any(MARK in line for line in lines[around.lineno - 1 : around.end_lineno]):
                yield node.lineno


def _innermost(statements: list[ast.stmt], line: int) -> ast.stmt:
    within = [
        statement
        for statement in statements
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno)
    ]
    return max(within, key=lambda statement: statement.lineno)


def guarded_files(root: Path) -> list[Path]:
    """Where queries are written: every module of the apps but models, admin, migrations and commands."""
    left_out = {"models", "migrations", "management", "admin", "adminkit"}
    return [
        path
        for path in sorted(root.glob("apps/**/*.py"))
        if not left_out & {part.removesuffix(".py") for part in path.relative_to(root).parts}
    ]
