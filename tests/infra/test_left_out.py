"""Tests that need a program of the system are left out without it, aloud; in CI they fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from imserver.env import CHECKOUT

pytestmark = pytest.mark.slow

TESTS = """
import pytest

@pytest.mark.needs("chromium")
def test_a_page():
    pass

@pytest.mark.needs("chromium")
def test_another_page():
    pass

def test_the_rest():
    pass
"""


def run(directory: Path, programs: Path, ci: str) -> subprocess.CompletedProcess[str]:
    (directory / "test_pages.py").write_text(TESTS)
    (directory / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-ptests.plugins.system"],
        cwd=directory,
        env={
            **os.environ,
            "PATH": str(programs),
            "CI": ci,
            "PYTHONPATH": str(CHECKOUT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_what_is_left_out_is_said_in_one_line_with_the_remedy(tmp_path: Path) -> None:
    result = run(tmp_path, tmp_path, ci="")
    assert result.returncode == 0, result.stdout
    assert "1 passed, 2 skipped" in result.stdout
    line = "Tests left out: 2 without chromium (apt-get install chromium)"
    assert result.stdout.count(line) == 1


def test_in_ci_nothing_is_left_out(tmp_path: Path) -> None:
    result = run(tmp_path, tmp_path, ci="true")
    assert result.returncode == 1
    assert "chromium is missing: apt-get install chromium" in result.stdout
    assert "1 passed, 2 errors" in result.stdout


def test_with_the_program_all_run(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("")
    program.chmod(0o755)
    result = run(tmp_path, tmp_path, ci="true")
    assert result.returncode == 0, result.stdout
    assert "3 passed" in result.stdout
    assert "left out" not in result.stdout
