"""App, the tenant: whose users, groups and messages these are."""

import zoneinfo
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.errors import CROSS_APP_REFUSED, NO_SUCH_TARGET_APP, ImError


class ApiVersion(models.TextChoices):
    """The dialects an app can pin: what its clients were written for."""

    DRAFT_2015_02 = "2015-02", _("2015-02 (the draft)")
    V1 = "v1", _("v1 (the final API)")


@cache
def _zone_names() -> set[str]:
    """All names of the time zone database; reading its folders takes 20 ms."""
    return zoneinfo.available_timezones()


def validate_time_zone(name: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if name not in _zone_names():
        raise ValidationError(_("%(name)s is not a time zone"), params={"name": name})


key_format = RegexValidator(r"\A[A-Za-z0-9]{24}\Z", _("exactly 24 letters and digits"))


class DevicePolicy(models.TextChoices):
    """On how many devices at once a user may be logged in."""

    ANY = "any", _("any number of devices")
    ONE_PER_PLATFORM = "one-per-platform", _("one device of each platform")
    ONE = "one", _("one device")


class WordPolicy(models.TextChoices):
    """What becomes of a message with a sensitive word."""

    REFUSE = "refuse", _("it is refused")
    MASK = "mask", _("the word is sent as asterisks")


class AppQuerySet(models.QuerySet["App"]):
    """The tenants. The one query that starts from none of them."""

    def by_key(self, app_key: str) -> "App | None":
        """The app with this key and its secrets, or None. Two queries."""
        return self.filter(app_key=app_key).prefetch_related("secrets").first()

    def known_keys(self, app_keys: Iterable[str]) -> "AppQuerySet":
        """Those that have one of the keys."""
        return self.filter(app_key__in={key for key in app_keys if "\0" not in key})

    def reached_by(self, app: "App") -> "AppQuerySet":
        """The app itself, and those that it has a grant to operate on."""
        granted = models.Exists(app.cross_grants.filter(target=models.OuterRef("pk")))
        return self.filter(models.Q(pk=app.pk) | granted)

    def met_by(self, app: "App") -> "AppQuerySet":
        """The other apps with a grant for it or from it, by name.

        `reached` are those that it may operate on.
        """
        granted = models.Exists(app.cross_grants.filter(target=models.OuterRef("pk")))
        received = models.Exists(app.cross_grants_received.filter(app=models.OuterRef("pk")))
        found = self.annotate(reached=granted).filter(models.Q(reached=True) | received)
        return found.order_by("name", "pk")


class App(models.Model):
    """A tenant. Two apps with the same user names never see each other."""

    name = models.CharField(_("name"), max_length=100)
    app_key = models.CharField(
        _("app key"), max_length=24, unique=True, editable=False, validators=[key_format]
    )
    api_version = models.CharField(
        _("API version"),
        max_length=16,
        choices=ApiVersion,
        default=ApiVersion.DRAFT_2015_02,
        help_text=_("The dialect its clients speak. It changes names and statuses, not data."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Asia/Shanghai",
        validators=[validate_time_zone],
        help_text=_("Of the times that go over the wire without a zone. Stored times are UTC."),
    )
    calls_per_minute = models.PositiveIntegerField(
        _("calls per minute"),
        null=True,
        blank=True,
        help_text=_("Empty: the server's default. 0: no limit."),
    )
    max_group_members = models.PositiveIntegerField(
        _("members of a group"),
        default=500,
        help_text=_("At most, for groups created from now on."),
    )
    max_groups_per_user = models.PositiveIntegerField(
        _("groups of a user"), default=500, help_text=_("At most.")
    )
    device_policy = models.CharField(
        _("devices"),
        max_length=20,
        choices=DevicePolicy,
        default=DevicePolicy.ANY,
        db_default=DevicePolicy.ANY,
        help_text=_("A log-in beyond this ends the session it replaces."),
    )
    sdk_registration = models.BooleanField(
        _("registration by clients"),
        default=False,
        db_default=False,
        help_text=_(
            "Whether anyone with the app key may register a user. The app's server always may."
        ),
    )
    filters_words = models.BooleanField(
        _("sensitive words are looked for"), default=False, db_default=False
    )
    word_policy = models.CharField(
        _("a message with a sensitive word"),
        max_length=8,
        choices=WordPolicy,
        default=WordPolicy.REFUSE,
        db_default=WordPolicy.REFUSE,
    )
    max_sensitive_words = models.PositiveIntegerField(
        _("sensitive words"),
        default=100,
        db_default=100,
        validators=[MaxValueValidator(100_000)],
        help_text=_("At most. Matching takes as long with thousands as with one."),
    )
    # Another one whenever the words change, so that processes know to read them anew. It comes with the app.
    words_version = models.BigIntegerField(default=0, db_default=0, editable=False)
    log_epoch = models.PositiveIntegerField(
        _("log epoch"),
        default=1,
        help_text=_("Raised after a backup is restored, so that clients read again."),
    )
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True, editable=False)
    # The last job that erases it. From the first one on, there is no way back.
    deletion = models.ForeignKey(
        "core.Job",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("deletion"),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = AppQuerySet.as_manager()

    class Meta:
        verbose_name = _("app")
        verbose_name_plural = _("apps")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    def reach(self, app_keys: Iterable[str]) -> "dict[str, App]":
        """The apps of those keys, where this one may operate on all of them; its own key is one.

        Raises NO_SUCH_TARGET_APP for the first that is none, CROSS_APP_REFUSED without a grant. One query,
        a second one to say why not; none for the own key alone.
        """
        others = {key: None for key in app_keys if key != self.app_key}
        found = {self.app_key: self}
        if others:
            reached = App.objects.reached_by(self).known_keys(others)
            found.update({app.app_key: app for app in reached})
        missing = [key for key in others if key not in found]
        if missing:
            known = set(App.objects.known_keys(missing).values_list("app_key", flat=True))
            for key in missing:
                if key not in known:
                    raise ImError(NO_SUCH_TARGET_APP, f"appkey: no such app: {key}")
            raise ImError(CROSS_APP_REFUSED)
        return found

    def as_stored(self) -> "App":
        """The app as it is by now: an instance may be a few seconds old (`apps.core.app_cache`)."""
        return App.objects.get(pk=self.pk)  # tenant-free: the tenant itself

    @property
    def is_being_deleted(self) -> bool:
        """Whether its deletion has begun: then it stays suspended, even where that was stopped."""
        return self.deletion_id is not None

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone of this app's zone-less wire times."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def call_limit(self) -> int:
        """Calls allowed in one minute; 0 means without limit."""
        if self.calls_per_minute is None:
            default: int = settings.IM_CALLS_PER_MINUTE
            return default
        return self.calls_per_minute


class AppSecret(models.Model):
    """A master secret, as its SHA-256 alone.

    The secret has 142 bits of randomness, so a fast hash is enough: there is nothing to guess. At most
    two are live at once, so that an app's servers can move from the old to the new one by one.
    """

    app = models.ForeignKey(App, models.CASCADE, related_name="secrets", verbose_name=_("app"))
    digest = models.BinaryField(_("digest"), max_length=32)
    hint = models.CharField(_("last four characters"), max_length=4)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("master secret")
        verbose_name_plural = _("master secrets")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"…{self.hint}"

    def is_live(self, now: datetime) -> bool:
        """Whether it still opens the API at that time."""
        return self.expires_at is None or now < self.expires_at
