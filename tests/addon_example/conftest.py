"""These tests want the add-on installed: test_addon.py in tests/e2e runs them with its settings."""

from django.conf import settings

if "tests.addon_example.diary" not in settings.INSTALLED_APPS:
    collect_ignore_glob = ["test_*.py"]
