"""Media: what was uploaded, and what its bytes turned out to be."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.models import App, AppQuerySet

_MEASURED = """
SELECT app.id, sizes.number, sizes.size
FROM unnest(%(apps)s::bigint[]) AS app (id) CROSS JOIN LATERAL (
    SELECT count(*) AS number, coalesce(sum(size), 0)::bigint AS size
    FROM (
        SELECT size FROM messaging_media WHERE app_id = app.id ORDER BY id DESC LIMIT %(rows)s
    ) AS newest
) AS sizes
"""


class MediaKind(models.TextChoices):
    """What a caller uploads something as."""

    IMAGE = "image", _("image")
    FILE = "file", _("file")
    VOICE = "voice", _("voice")


class MediaQuerySet(models.QuerySet["Media"]):
    """Reads of media. Start from a tenant: `app.media`."""

    def by_media_id(self, media_id: str) -> "Media | None":
        """The one of that id, or None. One query."""
        return self.filter(media_id=media_id).first()

    def measured(self, apps: Iterable[App], *, at_most: int) -> dict[int, tuple[int, int]]:
        """How many each of the apps has, and their bytes: of the newest so many and one more. One query."""
        with connection.cursor() as cursor:
            cursor.execute(_MEASURED, {"apps": [app.pk for app in apps], "rows": at_most + 1})
            return {app: (number, size) for app, number, size in cursor.fetchall()}

    def unnamed(self, *, seen_before: datetime, since: datetime) -> "MediaQuerySet":
        """Last uploaded before that time, and not named by anything when that was looked for."""
        unmarked = models.Q(named_at__isnull=True) | models.Q(named_at__lt=since)
        return self.filter(unmarked, seen_at__lt=seen_before)

    def apps_to_purge(self, *, seen_before: datetime, due: datetime) -> "AppQuerySet":
        """Apps that have uploads of before that time, and no purge that has ended since `due`.

        Who has waited longest comes first. One look at an index for each app.
        """
        old = self.filter(app=models.OuterRef("pk"), seen_at__lt=seen_before)
        waiting = models.Q(media_purge=None) | models.Q(media_purge__ended_at__lt=due)
        apps = App.objects.filter(
            waiting, models.Exists(old), deletion=None
        )  # tenant-free: a chore's
        return apps.order_by(models.F("media_purge__ended_at").asc(nulls_first=True), "pk")


class Media(models.Model):
    """What an app has uploaded as one kind. The same bytes as the same kind are one row.

    The bytes are stored once for an app, under their SHA-256, whatever kinds they were uploaded as. The id
    is random: whoever knows it has been told it, and who only has the bytes does not learn that others do.
    """

    app = models.ForeignKey(
        App, models.CASCADE, related_name="media", db_index=False, verbose_name=_("app")
    )
    media_id = models.CharField(_("media id"), max_length=64)
    kind = models.CharField(_("kind"), max_length=8, choices=MediaKind)
    digest = models.BinaryField("SHA-256", max_length=32)
    crc32 = models.PositiveBigIntegerField("CRC-32")
    size = models.PositiveBigIntegerField(_("size"), help_text=_("In bytes."))
    file_name = models.CharField(_("file name"), max_length=255)
    content_type = models.CharField(
        _("content type"),
        max_length=64,
        help_text=_("Found in the bytes, whatever they are called."),
    )
    format = models.CharField(_("format"), max_length=16, blank=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    # The name of then, as with messages; empty where it was no user. Who came first stays.
    uploader = models.CharField(
        _("uploader"), max_length=128, blank=True, default="", db_default=""
    )
    created_at = models.DateTimeField(_("uploaded at"), db_default=Now())
    # Of the last upload of these bytes: what decides whether the row is old enough to be removed.
    seen_at = models.DateTimeField(_("last uploaded at"), db_default=Now())
    # When a purge last found its id somewhere.
    named_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MediaQuerySet.as_manager()

    class Meta:
        verbose_name = _("media file")
        verbose_name_plural = _("media files")
        constraints = [
            models.UniqueConstraint(fields=("app", "media_id"), name="messaging_media_id"),
            models.UniqueConstraint(fields=("app", "digest", "kind"), name="messaging_media_once"),
        ]
        indexes = [
            models.Index(fields=("app", "seen_at"), name="messaging_media_seen"),
            models.Index(fields=("app", "id"), name="messaging_media_in_order"),
            models.Index(fields=("app", "kind", "id"), name="messaging_media_kind"),
            models.Index(fields=("app", "uploader", "id"), name="messaging_media_uploader"),
            models.Index(fields=("app", "created_at", "id"), name="messaging_media_created"),
        ]

    def __str__(self) -> str:
        return self.media_id

    @property
    def sha256(self) -> str:
        """The digest in hexadecimal digits."""
        return bytes(self.digest).hex()

    def is_named_since(self, moment: datetime) -> bool:
        """Whether a purge has found its id somewhere since then."""
        return self.named_at is not None and self.named_at >= moment

    @property
    def stored_as(self) -> str:
        """Its name in the storage: the same for all rows of the app with these bytes."""
        return stored_name(self.app_id, self.sha256)


def stored_name(app_id: int, sha256: str) -> str:
    """Where an app's bytes are in the storage."""
    return f"{app_id}/{sha256[:2]}/{sha256}"


class MediaPurgeQuerySet(models.QuerySet["MediaPurge"]):
    """Reads of purges, for the chore that goes on with them."""

    def of_apps_that_stay(self) -> "MediaPurgeQuerySet":
        """Not of those that are being deleted."""
        return self.filter(app__deletion=None).select_related("app")

    def under_way(self) -> "MediaPurgeQuerySet":
        """Begun, and not at their end."""
        return self.filter(ended_at__isnull=True)


class MediaPurge(models.Model):
    """How far the last round through an app has come that removes what nothing refers to."""

    app = models.OneToOneField(
        App, models.CASCADE, primary_key=True, related_name="media_purge", verbose_name=_("app")
    )
    began_at = models.DateTimeField()
    phase = models.PositiveSmallIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    read_up_to = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    objects = MediaPurgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("purge of media files")
        verbose_name_plural = _("purges of media files")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.app_id)
