"""CrossAppGrant: which app may operate on which other one."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.models.app import App


class CrossAppGrantQuerySet(models.QuerySet["CrossAppGrant"]):
    """Reads of grants. Start from an app: `app.cross_grants`."""

    def either_way(self, app: App) -> "CrossAppGrantQuerySet":
        """What the app may operate on, and what may operate on it."""
        return self.filter(models.Q(app=app) | models.Q(target=app))

    def in_list_order(self) -> "CrossAppGrantQuerySet":
        """As they were given, with both apps."""
        return self.select_related("app", "target").order_by("pk")


class CrossAppGrant(models.Model):
    """`app` may name users, groups and chatrooms of `target` in its cross-app calls.

    It holds one way, and for what is done from now on: what was done under it stays when it is revoked.
    """

    app = models.ForeignKey(App, models.CASCADE, related_name="cross_grants", verbose_name=_("app"))
    target = models.ForeignKey(
        App,
        models.CASCADE,
        related_name="cross_grants_received",
        verbose_name=_("may operate on"),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = CrossAppGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("cross-app grant")
        verbose_name_plural = _("cross-app grants")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("app", "target"), name="core_grant_once"),
            models.CheckConstraint(
                condition=~models.Q(app=models.F("target")),
                name="core_grant_of_another",
                violation_error_message=_("An app needs no grant for itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.app} → {self.target}"
