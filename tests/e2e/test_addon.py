"""The add-on, installed as its readers would: by settings of their own, in a process of its own."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from imserver.env import CHECKOUT

SETTINGS = "tests.addon_example.project.settings"


@pytest.mark.slow
def test_the_addon_works_where_it_is_installed():
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "DJANGO_", "COV_"))
    }
    url = urlsplit(os.environ["DATABASE_URL"])
    own = url._replace(path=f"{url.path}_addon").geturl()

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--ds", SETTINGS, "tests/addon_example"],
        cwd=CHECKOUT,
        env={**kept, "DATABASE_URL": own},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout
    assert "skipped" not in run.stdout
