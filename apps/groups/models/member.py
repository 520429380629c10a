"""GroupMember: who is in a group now."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.groups.models.group import Group


class Role(models.IntegerChoices):
    """The `flag` of a member list."""

    MEMBER = 0, _("member")
    OWNER = 1, _("owner")


class GroupMemberQuerySet(models.QuerySet["GroupMember"]):
    """Reads of members. Start from a group: `group.members`."""

    def in_list_order(self) -> "GroupMemberQuerySet":
        """The owner first, then as they came, with their users."""
        return self.select_related("user").order_by("-role", "pk")

    def undisturbed(self) -> "GroupMemberQuerySet":
        """Those whom nothing said in the group disturbs."""
        return self.filter(no_disturb=True)

    def shielding(self) -> "GroupMemberQuerySet":
        """Those who are told nothing that is said in the group."""
        return self.filter(shielded=True)


class GroupMember(models.Model):
    """A user in a group. The row goes when they leave; what they may still read is not told here."""

    group = models.ForeignKey(
        Group, models.CASCADE, related_name="members", verbose_name=_("group")
    )
    user = models.ForeignKey(
        User, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.PositiveSmallIntegerField(_("role"), choices=Role, default=Role.MEMBER)
    silenced = models.BooleanField(
        _("silenced"), default=False, db_default=False, help_text=_("May not speak in the group.")
    )
    shielded = models.BooleanField(
        _("shields the group"),
        default=False,
        db_default=False,
        help_text=_("Is told nothing that is said there."),
    )
    no_disturb = models.BooleanField(
        _("do not disturb"),
        default=False,
        db_default=False,
        help_text=_("Whatever is said there, no notification is pushed."),
    )
    joined_at = models.DateTimeField(_("joined at"), db_default=Now())

    objects = GroupMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("group member")
        verbose_name_plural = _("group members")
        constraints = [
            models.UniqueConstraint(fields=("group", "user"), name="groups_member_once"),
            models.UniqueConstraint(
                fields=("group",),
                condition=models.Q(role=Role.OWNER),
                name="groups_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.group}"
