"""The Django app of the tenant and of what every request needs."""

from django.apps import AppConfig
from django.core.signals import request_started
from django.utils.translation import gettext_lazy as _

from apps.core.database import drop_dead_connections


class CoreConfig(AppConfig):
    """core: imports nothing of the other six."""

    name = "apps.core"
    label = "core"
    verbose_name = _("Apps")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the signals of Django's that core listens to, and look at the settings when Django does."""
        from apps.core import checks, erasing  # noqa: F401
        from apps.core.chores import Chore, register
        from apps.core.services.jobs import forget_parts, work_on_jobs

        register(Chore(name="jobs", step=work_on_jobs, every=1.0))
        register(Chore(name="old-job-files", step=forget_parts, every=600.0))

        request_started.connect(drop_dead_connections)
