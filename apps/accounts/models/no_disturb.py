"""NoDisturb: a user hears another, but does not want to be disturbed by them."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.user import User


class NoDisturbQuerySet(models.QuerySet["NoDisturb"]):
    """Reads of whose messages shall not disturb a user. Start from the user: `user.no_disturbs`."""

    def in_list_order(self) -> "NoDisturbQuerySet":
        """In the order in which they were set, with the other users loaded."""
        return self.select_related("peer__app").order_by("pk")


class NoDisturb(models.Model):
    """`owner` gets the single messages of `peer`, but no notification of them is pushed."""

    owner = models.ForeignKey(
        User, models.CASCADE, related_name="no_disturbs", verbose_name=_("owner")
    )
    peer = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("other user"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = NoDisturbQuerySet.as_manager()

    class Meta:
        verbose_name = _("do-not-disturb setting")
        verbose_name_plural = _("do-not-disturb settings")
        constraints = [
            models.UniqueConstraint(fields=("owner", "peer"), name="accounts_no_disturb_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} → {self.peer_id}"
