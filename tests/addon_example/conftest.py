"""These tests want the add-on installed: test_addon.py in tests/e2e runs them with its settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tests import documented

if "tests.addon_example.diary" not in settings.INSTALLED_APPS:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation of the server and the add-on together."""
    path = tmp_path_factory.mktemp("schema") / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path))
    return path


@pytest.fixture(scope="session", autouse=True)
def replies_as_documented(schema: Path) -> Iterator[None]:
    """What clients are answered is held to that one."""
    before = documented.DOCUMENT
    documented.DOCUMENT = schema
    yield
    documented.DOCUMENT = before
