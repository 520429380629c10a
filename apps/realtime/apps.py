"""The Django app of delivery at once: connections that follow the log, and the web chat."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RealtimeConfig(AppConfig):
    """realtime: an edge. It holds no truth: what it delivers is read from the log."""

    name = "apps.realtime"
    label = "realtime"
    verbose_name = _("Real time")

    def ready(self) -> None:
        """Listen to the news from below."""
        from apps.realtime import receivers  # noqa: F401
