"""The Django app of webhooks."""

from collections.abc import Callable

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.chores import Chore, register


class WebhooksConfig(AppConfig):
    """webhooks: stands on messaging, and uses what any add-on can use."""

    name = "apps.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Note the news of users, and have everything told in the background."""
        from apps.webhooks import receivers, sending  # noqa: F401
        from apps.webhooks.services import occurrences

        register(Chore(name="webhooks", step=sending.step, every=1, listen=_hear))
        register(Chore(name="webhooks-presence", step=occurrences.note_presence, every=2))
        register(Chore(name="webhooks-tidying", step=_tidy, every=3600))


def _hear(wake: Callable[[], None]) -> Callable[[], None]:
    """Wake the work whenever the log of an app has grown; how to hear no more."""
    from apps.messaging import bells

    bell = bells.get()
    bell.subscribe(lambda _app_id: wake())
    return bell.stop


def _tidy() -> bool:
    from apps.webhooks.services import deliveries, occurrences

    return deliveries.forget_old() | occurrences.forget_old()
