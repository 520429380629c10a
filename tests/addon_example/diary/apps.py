"""The Django app of the diary."""

from django.apps import AppConfig


class DiaryConfig(AppConfig):
    """Installed by naming the package in INSTALLED_APPS; nothing else has to know of it."""

    name = "tests.addon_example.diary"
    label = "diary"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the server's news."""
        from tests.addon_example.diary import receivers  # noqa: F401
