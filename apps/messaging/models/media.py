"""Media: what was uploaded, and what its bytes turned out to be."""

from datetime import datetime
from typing import cast

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.models import App

# Every text in a JSON column that may be an id, wherever it stands.
_TEXTS = 'strict $.** ? (@.type() == "string" && @ starts with "qiniu/")'
_IDS_IN_BODY = f"jsonb_path_query(body, '{_TEXTS}') #>> '{{}}'"
_IDS_IN_EXTRAS = f"jsonb_path_query(extras, '{_TEXTS}') #>> '{{}}'"
# What is found is hashed, and media looked up in it: one pass over each table.
_UNREFERENCED = f"""
    NOT EXISTS (
        SELECT FROM (
            SELECT app_id, {_IDS_IN_BODY} AS media_id FROM messaging_message
                WHERE retracted_at IS NULL AND body::text LIKE '%%qiniu/%%'
            UNION ALL
            SELECT app_id, {_IDS_IN_EXTRAS} FROM accounts_user
                WHERE extras::text LIKE '%%qiniu/%%'
            UNION ALL SELECT app_id, avatar FROM accounts_user WHERE avatar <> ''
            UNION ALL SELECT app_id, avatar FROM groups_group WHERE avatar <> ''
        ) AS named
        WHERE named.app_id = messaging_media.app_id AND named.media_id = messaging_media.media_id
    )
"""  # noqa: S608 put together from the constants above


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

    def unreferenced(self, *, seen_before: datetime) -> "MediaQuerySet":
        """Last uploaded before that time, and named by no message, user or group of their app.

        Wherever in a message's body or a user's extras an id stands as a text, it counts. Reads all messages
        of the apps once.
        """
        old = self.filter(seen_at__lt=seen_before)
        # `extra` is typed as if it forgot what it extends.
        return cast("MediaQuerySet", old.extra(where=[_UNREFERENCED]))  # noqa: S610 a constant


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
    created_at = models.DateTimeField(_("uploaded at"), db_default=Now())
    # Of the last upload of these bytes: what decides whether the row is old enough to be removed.
    seen_at = models.DateTimeField(_("last uploaded at"), db_default=Now())

    objects = MediaQuerySet.as_manager()

    class Meta:
        verbose_name = _("media file")
        verbose_name_plural = _("media files")
        constraints = [
            models.UniqueConstraint(fields=("app", "media_id"), name="messaging_media_id"),
            models.UniqueConstraint(fields=("app", "digest", "kind"), name="messaging_media_once"),
        ]
        indexes = [models.Index(fields=("app", "seen_at"), name="messaging_media_seen")]

    def __str__(self) -> str:
        return self.media_id

    @property
    def sha256(self) -> str:
        """The digest in hexadecimal digits."""
        return bytes(self.digest).hex()

    @property
    def stored_as(self) -> str:
        """Its name in the storage: the same for all rows of the app with these bytes."""
        return stored_name(self.app_id, self.sha256)


def stored_name(app_id: int, sha256: str) -> str:
    """Where an app's bytes are in the storage."""
    return f"{app_id}/{sha256[:2]}/{sha256}"
