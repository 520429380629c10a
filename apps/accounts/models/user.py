"""User: whoever an app registered to send and receive."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.database import Written
from apps.core.errors import NO_SUCH_USER, ImError
from apps.core.models import App

if TYPE_CHECKING:
    from collections.abc import Iterable


class Gender(models.IntegerChoices):
    """As the final API numbers them."""

    UNKNOWN = 0, _("unknown")
    MALE = 1, _("male")
    FEMALE = 2, _("female")


_KEYED_MD5 = models.Q(password_hash__startswith="keyed_md5$")  # noqa: S106 the name of an algorithm


class UserQuerySet(models.QuerySet["User"]):
    """Reads of users. Start from a tenant: `app.users`."""

    def by_username(self, username: str) -> "User":
        """The user of that name; NO_SUCH_USER if there is none. Names differ by case. One query."""
        found = self.filter(username=username).first() if "\0" not in username else None
        if found is None:
            raise ImError(NO_SUCH_USER, f"No such user: {username}")
        return found

    def by_usernames(self, usernames: "Iterable[str]") -> dict[str, "User"]:
        """The users of those names, in that order; NO_SUCH_USER names the first missing. One query."""
        wanted = list(usernames)
        found = self.known_among(wanted)
        for name in wanted:
            if name not in found:
                raise ImError(NO_SUCH_USER, f"No such user: {name}")
        return {name: found[name] for name in wanted}

    def held(self) -> "UserQuerySet":
        """With their rows locked, in the order of their ids, until the transaction ends.

        Whoever writes a row that refers to users, or counts what they have, holds them first: before groups
        and before the log. They can't be deleted meanwhile, and it can't deadlock with their deletion.
        """
        return self.select_for_update(no_key=True).order_by("pk")

    def known_among(self, usernames: "Iterable[str]") -> dict[str, "User"]:
        """Those of the names that exist. One query."""
        names = {name for name in usernames if "\0" not in name}
        return {user.username: user for user in self.filter(username__in=names)}

    def admins(self) -> "UserQuerySet":
        """The API admins: who may send in the final API."""
        return self.filter(is_admin=True)

    def disabled(self) -> "UserQuerySet":
        """Those who may neither log in nor send."""
        return self.filter(disabled_at__isnull=False)

    def enabled(self) -> "UserQuerySet":
        """Those who are not disabled."""
        return self.filter(disabled_at__isnull=True)

    def with_keyed_md5(self) -> "UserQuerySet":
        """Those whose password was imported as its MD5 and is not yet within Argon2. By an index of them."""
        return self.filter(Written(_KEYED_MD5)).order_by("pk")

    def created_from(self, start: datetime) -> "UserQuerySet":
        """Registered at `start` or later."""
        return self.filter(created_at__gte=start)

    def created_before(self, end: datetime) -> "UserQuerySet":
        """Registered before `end`, `end` itself left out."""
        return self.filter(created_at__lt=end)

    def connected(self) -> "UserQuerySet":
        """Those who are online on some device now. Found from the connections, which are few."""
        oldest = Now() - timedelta(seconds=settings.IM_PRESENCE_SECONDS)
        return self.filter(sessions__connections__gateway__beat_at__gt=oldest).distinct()

    def named_like(self, prefix: str) -> "UserQuerySet":
        """Whose name starts with the prefix, case and all: a range of the unique index."""
        return self.filter(username__startswith=prefix)

    def in_list_order(self) -> "UserQuerySet":
        """In the order of their registration."""
        return self.order_by("pk")


class User(models.Model):
    """A user of one app. The name is unique within it, and never changes."""

    app = models.ForeignKey(App, models.CASCADE, related_name="users", verbose_name=_("app"))
    # The C collation orders by code point, so that the unique index also serves prefix searches.
    username = models.CharField(_("username"), max_length=128, db_collation="C")
    password_hash = models.CharField(_("password hash"), max_length=256, editable=False)
    is_admin = models.BooleanField(
        _("API admin"), default=False, help_text=_("May send on behalf of the app.")
    )
    nickname = models.CharField(_("nickname"), max_length=64, blank=True)
    avatar = models.CharField(_("avatar"), max_length=255, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    gender = models.PositiveSmallIntegerField(_("gender"), choices=Gender, null=True, blank=True)
    signature = models.CharField(_("signature"), max_length=250, blank=True)
    region = models.CharField(_("region"), max_length=250, blank=True)
    address = models.CharField(_("address"), max_length=250, blank=True)
    star = models.IntegerField(_("star"), default=0)
    extras = models.JSONField(_("extras"), null=True, blank=True)
    no_disturb = models.BooleanField(
        _("do not disturb"),
        default=False,
        db_default=False,
        help_text=_("Whatever is said to them, no notification is pushed."),
    )
    disabled_at = models.DateTimeField(_("disabled at"), null=True, blank=True)
    created_at = models.DateTimeField(_("registered at"), db_default=Now())
    updated_at = models.DateTimeField(_("updated at"), db_default=Now())

    objects = UserQuerySet.as_manager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(fields=("app", "username"), name="accounts_user_name"),
        ]
        indexes = [
            models.Index(fields=("app", "id"), name="accounts_user_in_order"),
            models.Index(fields=("app", "created_at"), name="accounts_user_created"),
            models.Index(
                fields=("app", "id"),
                condition=models.Q(disabled_at__isnull=False),
                name="accounts_user_disabled",
            ),
            models.Index(
                fields=("app", "id"),
                condition=models.Q(is_admin=True),
                name="accounts_user_admin",
            ),
            # Few rows, and none in the end: see `wrap_imported_passwords`.
            models.Index(
                fields=("id",),
                condition=_KEYED_MD5,
                name="accounts_user_keyed_md5",
            ),
        ]

    def __str__(self) -> str:
        return self.username
