"""Tests that need a program of the system: `@pytest.mark.needs("chromium")`.

Without it they are left out, and the run says so in one line; in CI (CI=true) they fail.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

#: Program -> how a Debian user gets it.
PROGRAMS = {
    "chromium": "apt-get install chromium",
    "curl": "apt-get install curl",
    "msgfmt": "apt-get install gettext",
    "nginx": "apt-get install nginx",
    "openssl": "apt-get install openssl",
    "redis-server": "apt-get install redis-server",
}
LEFT_OUT = "left out, without "


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program): needs a program that the system may lack")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        (program,) = marker.args
        how = PROGRAMS[program]
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
            if os.environ.get("CI"):
                pytest.fail(f"{program} is missing: {how}")
            pytest.skip(f"{LEFT_OUT}{program} ({how})")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        if isinstance(report.longrepr, tuple):
            _, found, what = str(report.longrepr[2]).partition(LEFT_OUT)
            if found:
                counts[what] += 1
    if counts:
        parts = [f"{number} without {what}" for what, number in sorted(counts.items())]
        terminalreporter.write_line(f"Tests left out: {', '.join(parts)}")
