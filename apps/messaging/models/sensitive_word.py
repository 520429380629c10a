"""SensitiveWord: what an app does not want said."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.models import App
from apps.messaging.words import fold


class SensitiveWordQuerySet(models.QuerySet["SensitiveWord"]):
    """Reads of sensitive words. Start from a tenant: `app.sensitive_words`."""

    def by_word(self, word: str) -> "SensitiveWord | None":
        """The row of that word, however it is written; None if there is none."""
        return self.filter(folded=fold(word)).first()

    def in_list_order(self) -> "SensitiveWordQuerySet":
        """In the order in which they were added."""
        return self.order_by("pk")


class SensitiveWord(models.Model):
    """A word as it was given, and folded: all that counts in a comparison (`apps.messaging.words.fold`)."""

    app = models.ForeignKey(
        App, models.CASCADE, related_name="sensitive_words", db_index=False, verbose_name=_("app")
    )
    word = models.CharField(_("word"), max_length=10)
    folded = models.CharField(_("folded"), max_length=200, db_collation="C", editable=False)
    created_at = models.DateTimeField(_("added at"), db_default=Now())

    objects = SensitiveWordQuerySet.as_manager()

    class Meta:
        verbose_name = _("sensitive word")
        verbose_name_plural = _("sensitive words")
        constraints = [
            models.UniqueConstraint(fields=("app", "folded"), name="messaging_word_once"),
        ]
        indexes = [models.Index(fields=("app", "id"), name="messaging_word_in_order")]

    def __str__(self) -> str:
        return self.word
