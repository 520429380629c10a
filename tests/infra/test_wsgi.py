"""What a process has loaded before its first request."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_TELL = "import gc, imserver.wsgi, sys; print(gc.get_freeze_count(), 'apps.accounts.api.urls' in sys.modules)"


def test_the_views_are_loaded_and_the_collector_passes_them_over():
    told = subprocess.run(
        [sys.executable, "-c", _TELL],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "imserver.settings.test"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    frozen, loaded = told.split()
    assert int(frozen) > 50_000
    assert loaded == "True"
