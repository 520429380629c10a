"""Message: one row of an app's log, whatever the number of those who may read it."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.database import Written
from apps.core.models import App
from apps.groups.models import Chatroom, Group
from apps.messaging.models.conversation import Conversation

EVENT = "event"
_SAID = ~models.Q(msg_type=EVENT)


class MessageType(models.TextChoices):
    """What a client may send. A row of the log may also be an event."""

    TEXT = "text", _("text")
    IMAGE = "image", _("image")
    VOICE = "voice", _("voice")
    FILE = "file", _("file")
    VIDEO = "video", _("video")
    LOCATION = "location", _("location")
    CUSTOM = "custom", _("custom")


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads of the log. Start from a tenant: `app.messages`."""

    def end(self) -> int:
        """The id of the last row; 0 for an empty log. One probe of an index."""
        last = self.order_by("-pk").values_list("pk", flat=True).first()
        return last or 0

    def said(self) -> "MessageQuerySet":
        """What users and apps sent: no events. What history reports show."""
        return self.filter(Written(_SAID))

    def news(self) -> "MessageQuerySet":
        """What happened here: not what was imported, of which nobody is told as if it were new."""
        return self.filter(source_id__isnull=True)

    def sent_within(self, start: datetime, end: datetime) -> "MessageQuerySet":
        """Sent from `start` to `end`, both included."""
        return self.filter(sent_at__gte=start, sent_at__lte=end)

    def last_number_before(self, start: datetime) -> int:
        """The id of the last message sent before `start`, events left out; 0 for none. One look at an index.

        Within one app, ids follow the times: all that came before has this id or a smaller one.
        """
        before = self.said().filter(sent_at__lt=start).order_by("-sent_at", "-pk")
        return before.values_list("pk", flat=True).first() or 0

    def first_number_from(self, start: datetime) -> int | None:
        """The id of the first message sent at `start` or later, likewise; None for none."""
        later = self.said().filter(sent_at__gte=start).order_by("sent_at", "pk")
        return later.values_list("pk", flat=True).first()

    def visible_to(self, user: User, **stretch: Any) -> "MessageQuerySet":
        """What the user may read: sent or received, within their stretches of each conversation."""
        return self.filter(
            models.Q(conversation__participants__ends_at__isnull=True)
            | models.Q(pk__lte=models.F("conversation__participants__ends_at")),
            conversation__participants__user=user,
            pk__gt=models.F("conversation__participants__starts_after"),
            **stretch,
        )

    def owed_to(self, user: User) -> "MessageQuerySet":
        """As `visible_to` without chatrooms, where nothing is owed, and which have reports of their own."""
        return self.visible_to(user, conversation__participants__live_only=False)

    def copies_of(self, origin_id: int) -> "MessageQuerySet":
        """The rows of one message in the logs of all apps that it concerns, by id."""
        return self.filter(origin_id=origin_id).order_by("pk")

    def in_group(self, group: Group) -> "MessageQuerySet":
        """What was sent to the group."""
        return self.filter(conversation__group=group)

    def in_chatroom(self, chatroom: Chatroom) -> "MessageQuerySet":
        """What was sent to the chatroom."""
        return self.filter(conversation__chatroom=chatroom)

    def in_report_order(self) -> "MessageQuerySet":
        """Oldest first; the id breaks ties, so that a cursor never skips or repeats."""
        return self.order_by("sent_at", "pk")

    def from_place(self, place: int) -> "MessageQuerySet":
        """Of rows in report order those from the one at that place on. One query, of an index alone."""
        if place == 0:
            return self
        first = self.values_list("sent_at", "pk")[place : place + 1].first()
        return self.none() if first is None else self.after(first[0], first[1] - 1)

    def count_up_to(self, most: int) -> int:
        """How many they are, but for the rest of too many: `most` stands for that many or more."""
        return self.order_by()[:most].count()

    def after(self, sent_at: datetime, pk: int) -> "MessageQuerySet":
        """What follows that place of the report order."""
        return self.filter(
            models.Q(sent_at__gt=sent_at) | models.Q(sent_at=sent_at, pk__gt=pk),
            sent_at__gte=sent_at,
        )


class Message(models.Model):
    """A row of the log. Never changed, but for `retracted_at`. Its primary key is its `msg_id`.

    Ids are assigned in the order of commits within an app (`apps.messaging.log`): whoever has seen one has
    seen all below it. Names of sender and target are kept as they were, so that a report needs no join and
    outlives the users it names.
    """

    # No index of its own on either: each one costs every send, and those below begin with the same column.
    app = models.ForeignKey(
        App, models.CASCADE, related_name="messages", db_index=False, verbose_name=_("app")
    )
    conversation = models.ForeignKey(
        Conversation,
        models.CASCADE,
        related_name="messages",
        db_index=False,
        verbose_name=_("conversation"),
    )
    # Without a constraint: deleting a user must not rewrite the log. Ids are not used twice.
    sender = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("sender"),
    )
    sent_at = models.DateTimeField(_("sent at"))
    from_type = models.CharField(_("sender's type"), max_length=16)
    from_id = models.CharField(_("from"), max_length=128, blank=True)
    from_name = models.CharField(_("sender's name"), max_length=250, blank=True)
    from_platform = models.CharField(
        _("sender's platform"), max_length=1, blank=True, default="", db_default=""
    )
    target_type = models.CharField(_("target's type"), max_length=16)
    target_id = models.CharField(_("to"), max_length=128)
    target_name = models.CharField(_("target's name"), max_length=250, blank=True)
    # Empty: the row's own app's. Otherwise the key of another one, to which that name belongs.
    from_app_key = models.CharField(
        _("sender's app"), max_length=24, blank=True, default="", db_default=""
    )
    target_app_key = models.CharField(
        _("target's app"), max_length=24, blank=True, default="", db_default=""
    )
    # For what stands in several logs: the id it has in the sender's, in all of its rows.
    origin_id = models.BigIntegerField(_("id in the sender's log"), null=True, editable=False)
    msg_type = models.CharField(_("type"), max_length=16)
    body = models.JSONField(_("body"))
    create_time = models.JSONField(
        _("time told by the client"), null=True, blank=True, help_text=_("Never relied on.")
    )
    options = models.JSONField(_("delivery options"), null=True, blank=True)
    idempotency_key = models.CharField(_("idempotency key"), max_length=128, null=True, blank=True)  # noqa: DJ001 null is outside the unique index
    idempotency_hash = models.BinaryField(max_length=32, null=True, blank=True, editable=False)

    # Of a message that was imported: the id it had. See `MessageQuerySet.news`.
    source_id = models.BigIntegerField(_("id at its source"), null=True, blank=True, editable=False)

    retracted_at = models.DateTimeField(_("retracted at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        permissions = (
            ("read_message", "Can read what was said"),
            ("retract_message", "Can retract messages"),
        )
        constraints = [
            models.UniqueConstraint(
                fields=("app", "sender", "idempotency_key"),
                condition=models.Q(idempotency_key__isnull=False),
                name="messaging_message_once",
            ),
            models.UniqueConstraint(
                fields=("app", "source_id"),
                condition=models.Q(source_id__isnull=False),
                name="messaging_message_imported",
            ),
        ]
        indexes = [
            models.Index(fields=("app", "id"), name="messaging_message_in_order"),
            models.Index(fields=("conversation", "id"), name="messaging_message_place"),
            models.Index(fields=("app", "from_id", "id"), name="messaging_message_sender"),
            # Those that are rare: most are texts, which are found by reading backwards.
            models.Index(
                fields=("app", "msg_type", "id"),
                condition=~models.Q(msg_type__in=("text", EVENT)),
                name="messaging_message_kind",
            ),
            models.Index(
                fields=("app", "sent_at", "id"),
                condition=_SAID,
                name="messaging_message_report",
            ),
            # What a shielded stretch is read by. Only events pay for it.
            models.Index(
                fields=("conversation", "id"),
                condition=models.Q(msg_type=EVENT),
                name="messaging_message_event",
            ),
            models.Index(
                fields=("origin_id",),
                condition=models.Q(origin_id__isnull=False),
                name="messaging_message_origin",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
