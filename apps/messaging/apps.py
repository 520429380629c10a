"""The Django app of what was said, and to whom it is owed."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.chores import Chore, register


class MessagingConfig(AppConfig):
    """messaging: stands on groups, accounts and core."""

    name = "apps.messaging"
    label = "messaging"
    verbose_name = _("Messages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the news from below, and look at the settings when Django does."""
        from apps.messaging import checks, jobs, receivers  # noqa: F401
        from apps.messaging.services.media_purge import purge_by_and_by
        from apps.messaging.services.retention import purge_expired

        register(Chore(name="retention", step=lambda: purge_expired() > 0, every=600))
        register(Chore(name="unused-media", step=purge_by_and_by, every=600))
