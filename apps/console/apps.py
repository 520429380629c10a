"""The Django app `console`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.chores import Chore, register


class ConsoleConfig(AppConfig):
    """What an operator needs around the domain: the first start, the server process, figures."""

    name = "apps.console"
    label = "console"
    verbose_name = _("Console")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the news that figures are made of, and have them made."""
        from apps.console import receivers  # noqa: F401
        from apps.console.services import rollup

        register(Chore(name="statistics", step=rollup.step, every=5))
        register(Chore(name="online-statistics", step=rollup.count_online, every=60))
        register(Chore(name="statistics-tidying", step=rollup.tidy_up, every=3600))
