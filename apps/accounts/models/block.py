"""Block: one user refuses another's messages."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.user import User


class BlockQuerySet(models.QuerySet["Block"]):
    """Reads of a user's blacklist. Start from the user: `user.blocks`."""

    def in_list_order(self) -> "BlockQuerySet":
        """In the order of blocking, with the blocked users and their apps loaded."""
        return self.select_related("blocked__app").order_by("pk")


class Block(models.Model):
    """`owner` gets no single messages from `blocked`."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="blocks", verbose_name=_("owner"))
    blocked = models.ForeignKey(
        User, models.CASCADE, related_name="blocked_by", verbose_name=_("blocked user")
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(fields=("owner", "blocked"), name="accounts_block_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} → {self.blocked}"
