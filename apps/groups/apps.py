"""The Django app of where many users meet."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GroupsConfig(AppConfig):
    """groups: stands on accounts and core."""

    name = "apps.groups"
    label = "groups"
    verbose_name = _("Groups")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the news from below."""
        from apps.groups import jobs, receivers  # noqa: F401
