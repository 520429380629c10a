"""Conversation and Participant: where messages stand, and who may read from where to where."""

from collections.abc import Collection

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.database import Written
from apps.core.models import App
from apps.groups.models import Chatroom, Group


class ConversationKind(models.IntegerChoices):
    """What a message can be addressed to; notices are what one user alone is told of their own affairs."""

    SINGLE = 1, _("single")
    GROUP = 2, _("group")
    CHATROOM = 3, _("chatroom")
    NOTICES = 4, _("notices")


_SINGLE = models.Q(kind=ConversationKind.SINGLE)
_NOTICES = models.Q(kind=ConversationKind.NOTICES)


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Reads of conversations. Start from a tenant: `app.conversations`."""

    def singles(self) -> "ConversationQuerySet":
        """Those of two users."""
        return self.filter(Written(_SINGLE))

    def of_notices(self) -> "ConversationQuerySet":
        """What one user alone is told."""
        return self.filter(Written(_NOTICES))

    def of_group(self, group: Group) -> "Conversation":
        """The group's one conversation in the app, made with it or when the app's first user came."""
        return self.get(group=group)

    def of_chatroom(self, chatroom: Chatroom) -> "Conversation":
        """The chatroom's one conversation in the app, as `of_group`."""
        return self.get(chatroom=chatroom)

    def of_chatrooms(self, chatroom_ids: Collection[int]) -> "ConversationQuerySet":
        """As `of_groups`, of chatrooms."""
        return self.filter(chatroom__in=chatroom_ids)._told()

    def of_groups(self, group_ids: Collection[int]) -> "ConversationQuerySet":
        """Those of the groups, of every app, by app; `is_heard` tells whether anyone can read on there."""
        return self.filter(group__in=group_ids)._told()

    def _told(self) -> "ConversationQuerySet":
        present = Participant.objects.present().filter(conversation=models.OuterRef("pk"))
        return (
            self.select_related("app", "group__app", "chatroom__app")
            .annotate(is_heard=models.Exists(present))
            .order_by("app", "pk")
        )


class Conversation(models.Model):
    """A pair of users, in the order of their ids, a group, or a chatroom. A note to oneself is a pair too.

    Or the notices of one user, who is `user_low` then: events about their friends and settings.

    What is between users of several apps is one conversation for each of their apps, in its log, which the
    users of that app read; a message there is a row in each.
    """

    app = models.ForeignKey(
        App,
        models.CASCADE,
        related_name="conversations",
        db_index=False,  # the one in order serves
        verbose_name=_("app"),
    )
    kind = models.PositiveSmallIntegerField(_("kind"), choices=ConversationKind)
    user_low = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("one user")
    )
    user_high = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("the other")
    )
    group = models.ForeignKey(
        Group,
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,  # the constraint's serves
        related_name="conversations",
        verbose_name=_("group"),
    )
    chatroom = models.ForeignKey(
        Chatroom,
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,  # the constraint's serves
        related_name="conversations",
        verbose_name=_("chatroom"),
    )
    # Of users of other apps, as a place in this log: whoever is furthest.
    read_elsewhere_up_to = models.BigIntegerField(
        _("read in other apps up to message"), default=0, db_default=0, editable=False
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            # Partial, so that PostgreSQL does not count these columns as a key: clearing one when a user is
            # deleted then takes a weaker lock, which the inserts of messages do not wait for.
            models.UniqueConstraint(
                fields=("user_low", "user_high", "app"),
                condition=_SINGLE,
                name="messaging_conversation_pair_in_app",
            ),
            models.UniqueConstraint(
                fields=("group", "app"),
                condition=models.Q(group__isnull=False),
                name="messaging_conversation_group_in_app",
            ),
            models.UniqueConstraint(
                fields=("chatroom", "app"),
                condition=models.Q(chatroom__isnull=False),
                name="messaging_conversation_room_in_app",
            ),
            models.UniqueConstraint(
                fields=("user_low",),
                condition=_NOTICES,
                name="messaging_conversation_notices",
            ),
        ]
        indexes = [
            models.Index(fields=("app", "id"), name="messaging_conversation_in_app"),
            models.Index(fields=("app", "kind", "id"), name="messaging_conversation_kind"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ParticipantQuerySet(models.QuerySet["Participant"]):
    """Reads of participants. Start from a conversation or a user."""

    def present(self) -> "ParticipantQuerySet":
        """Those who may read on."""
        return self.filter(ends_at__isnull=True)

    def with_place(self) -> "ParticipantQuerySet":
        """With their conversations, and the group or the pair of each."""
        return self.select_related(
            "conversation__group", "conversation__user_low", "conversation__user_high"
        )

    def listening(self) -> "ParticipantQuerySet":
        """Those who are told what is said: present, and not shielded."""
        return self.present().filter(shielded=False)


class Participant(models.Model):
    """A stretch of a conversation that a user may read: ids in (starts_after, ends_at].

    Whoever leaves a group and comes back has two stretches, which do not overlap. Of a shielded one its
    user is told the events alone; they may still look up what was said.
    """

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="participants", verbose_name=_("conversation")
    )
    user = models.ForeignKey(
        User,
        models.CASCADE,
        db_index=False,  # the one in order serves
        related_name="participations",
        verbose_name=_("user"),
    )
    starts_after = models.BigIntegerField(_("starts after message"), default=0)
    ends_at = models.BigIntegerField(_("ends at message"), null=True, blank=True)
    read_up_to = models.BigIntegerField(_("read up to message"), default=0)
    # Of a chatroom: its user is told what comes while they are there, and owed nothing of the rest.
    live_only = models.BooleanField(_("live only"), default=False, db_default=False)
    shielded = models.BooleanField(_("shielded"), default=False, db_default=False)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(
                fields=("conversation", "user"),
                condition=models.Q(ends_at__isnull=True),
                name="messaging_participant_once",
            ),
        ]
        indexes = [
            models.Index(fields=("user", "conversation"), name="messaging_participant_user"),
            models.Index(fields=("user", "id"), name="messaging_participant_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.conversation}"
