"""Group: where members hear each other."""

from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.errors import NO_SUCH_GROUP, ImError
from apps.core.models import App

LARGEST_GID = 2**53 - 1


class GroupKind(models.IntegerChoices):
    """The `flag` of the final API."""

    PRIVATE = 1, _("private")
    PUBLIC = 2, _("public")


class GroupQuerySet(models.QuerySet["Group"]):
    """Reads of groups. Start from a tenant: `app.groups`."""

    def standing(self) -> "GroupQuerySet":
        """Those that are not dissolved."""
        return self.filter(dissolved_at__isnull=True)

    def by_gid(self, gid: int) -> "Group":
        """The standing group of that number, with its owner; NO_SUCH_GROUP. One query."""
        found = None
        if 0 < gid <= LARGEST_GID:
            found = self.standing().select_related("owner__app").filter(pk=gid).first()
        if found is None:
            raise ImError(NO_SUCH_GROUP)
        return found

    def seen_by(self, user: User, gid: int) -> "Group":
        """The standing group of that number if the user is in it or it is public in their app.

        Raises NO_SUCH_GROUP.
        """
        group = self.by_gid(gid)
        is_public = group.kind == GroupKind.PUBLIC and group.app_id == user.app_id
        if is_public or group.members.filter(user=user).exists():
            return group
        raise ImError(NO_SUCH_GROUP)

    def ever_by_gid(self, gid: int) -> "Group":
        """As `by_gid`, dissolved ones too: their history stays readable."""
        found = self.filter(pk=gid).first() if 0 < gid <= LARGEST_GID else None
        if found is None:
            raise ImError(NO_SUCH_GROUP)
        return found

    def of_member(self, user: User) -> "GroupQuerySet":
        """Those the user is in, by gid, with their owners."""
        mine = self.standing().filter(members__user=user)
        return mine.select_related("owner__app").order_by("pk")

    def named_like(self, prefix: str) -> "GroupQuerySet":
        """Whose name starts with the prefix, case and all: a range of an index."""
        return self.filter(name__startswith=prefix)

    def created_from(self, start: datetime) -> "GroupQuerySet":
        """Created at `start` or later."""
        return self.filter(created_at__gte=start)

    def created_before(self, end: datetime) -> "GroupQuerySet":
        """Created before `end`, `end` itself left out."""
        return self.filter(created_at__lt=end)

    def in_list_order(self) -> "GroupQuerySet":
        """In the order of their creation, with their owners."""
        return self.select_related("owner__app").order_by("pk")


class Group(models.Model):
    """A group of one app. Its primary key is its `gid`, of at least 8 digits."""

    app = models.ForeignKey(App, models.CASCADE, related_name="groups", verbose_name=_("app"))
    name = models.CharField(_("name"), max_length=64, db_collation="C")
    description = models.CharField(_("description"), max_length=250, blank=True)
    avatar = models.CharField(_("avatar"), max_length=255, blank=True)
    kind = models.PositiveSmallIntegerField(_("kind"), choices=GroupKind, default=GroupKind.PRIVATE)
    # Empty only once the group is dissolved and its last owner deleted.
    owner = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        related_name="owned_groups",
        verbose_name=_("owner"),
    )
    max_members = models.PositiveIntegerField(_("members, at most"))
    # Set with the first member from another app, and for good: a send then asks which logs it goes to.
    spans_apps = models.BooleanField(
        _("spans apps"), default=False, db_default=False, editable=False
    )
    dissolved_at = models.DateTimeField(_("dissolved at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    updated_at = models.DateTimeField(_("updated at"), db_default=Now())

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        indexes = [
            models.Index(fields=("app", "id"), name="groups_group_in_order"),
            models.Index(fields=("app", "name", "id"), name="groups_group_by_name"),
            models.Index(fields=("app", "created_at"), name="groups_group_created"),
            models.Index(
                fields=("app", "id"),
                condition=models.Q(dissolved_at__isnull=False),
                name="groups_group_dissolved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"
