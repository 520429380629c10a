"""The Django app of who may speak: operators in the console, users over the API."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """accounts: stands on core alone."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = _("Users")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to its own news of users, on behalf of their sessions; take up background work."""
        from apps.accounts import jobs, receivers  # noqa: F401
        from apps.accounts.services.importing import wrap_imported_passwords
        from apps.core import chores

        step = wrap_imported_passwords
        chores.register(chores.Chore(name="wrap-passwords", step=step, every=60))
