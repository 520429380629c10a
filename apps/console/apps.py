"""The Django app `console`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    """What an operator needs around the domain: the first start, the server process."""

    name = "apps.console"
    verbose_name = _("Console")
