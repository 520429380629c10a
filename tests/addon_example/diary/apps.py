"""The Django app of the diary."""

from django.apps import AppConfig

from apps.core.chores import Chore, register


class DiaryConfig(AppConfig):
    """Installed by naming the package in INSTALLED_APPS; nothing else has to know of it."""

    name = "tests.addon_example.diary"
    label = "diary"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the server's news."""
        from tests.addon_example.diary import receivers  # noqa: F401

        self.register_jobs()
        self.do_chores()

    def register_jobs(self) -> None:
        """Tell of the diary's long work."""
        from tests.addon_example.diary import jobs  # noqa: F401

    def do_chores(self) -> None:
        """Have `manage.py work` thin the diary out."""
        from tests.addon_example.diary import services

        register(Chore(name="diary", step=services.forget_old, every=3600))
