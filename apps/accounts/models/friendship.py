"""Friendship: two users who have each other on their list."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.user import User


class FriendshipQuerySet(models.QuerySet["Friendship"]):
    """Reads of a user's friends. Start from the user: `user.friendships`."""

    def in_list_order(self) -> "FriendshipQuerySet":
        """In the order in which they became friends, with the friends and their apps loaded."""
        return self.select_related("friend__app").order_by("pk")


class Friendship(models.Model):
    """One side of a friendship: `owner` has `friend`, under a note that only the owner sees.

    There is always the other side too. Both are written, and both go, in one transaction.
    """

    owner = models.ForeignKey(
        User, models.CASCADE, related_name="friendships", verbose_name=_("owner")
    )
    friend = models.ForeignKey(
        User, models.CASCADE, related_name="befriended_by", verbose_name=_("friend")
    )
    note_name = models.CharField(_("note name"), max_length=64, blank=True, db_default="")
    others = models.CharField(_("other notes"), max_length=250, blank=True, db_default="")
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = FriendshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("friendship")
        verbose_name_plural = _("friendships")
        constraints = [
            models.UniqueConstraint(fields=("owner", "friend"), name="accounts_friendship_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} → {self.friend}"
