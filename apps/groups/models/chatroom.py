"""Chatroom: where many hear each other for as long as they are there."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.errors import NO_SUCH_CHATROOM, NOT_IN_CHATROOM, ImError
from apps.core.models import App

if TYPE_CHECKING:
    from collections.abc import Sequence

_LARGEST_ROOM_ID = 2**53 - 1


class ChatroomQuerySet(models.QuerySet["Chatroom"]):
    """Reads of chatrooms. Start from a tenant: `app.chatrooms`."""

    def standing(self) -> "ChatroomQuerySet":
        """Those that are not deleted."""
        return self.filter(deleted_at__isnull=True)

    def by_room_id(self, room_id: int) -> "Chatroom":
        """The standing room of that number, with its owner; NO_SUCH_CHATROOM. One query."""
        found = None
        if 0 < room_id <= _LARGEST_ROOM_ID:
            found = self.standing().select_related("app", "owner").filter(pk=room_id).first()
        if found is None:
            raise ImError(NO_SUCH_CHATROOM)
        return found

    def by_room_ids(self, room_ids: "Sequence[int]") -> list["Chatroom"]:
        """The standing rooms of those numbers, in that order; NO_SUCH_CHATROOM names the first missing."""
        wanted = [number for number in room_ids if 0 < number <= _LARGEST_ROOM_ID]
        found = self.standing().select_related("owner").in_bulk(wanted)
        for number in room_ids:
            if number not in found:
                raise ImError(NO_SUCH_CHATROOM, f"{NO_SUCH_CHATROOM.message}: {number}")
        return [found[number] for number in room_ids]

    def ever_by_room_id(self, room_id: int) -> "Chatroom":
        """As `by_room_id`, deleted ones too: their history stays readable."""
        found = self.filter(pk=room_id).first() if 0 < room_id <= _LARGEST_ROOM_ID else None
        if found is None:
            raise ImError(NO_SUCH_CHATROOM)
        return found

    def entered_by(self, user: User, room_id: int) -> "Chatroom":
        """The standing room of that number that the user is in; NO_SUCH_CHATROOM, NOT_IN_CHATROOM.

        One of another app is there for those who are in it.
        """
        room = self.by_room_id(room_id)
        if not room.members.filter(user=user).exists():
            if room.app_id != user.app_id:
                raise ImError(NO_SUCH_CHATROOM)
            raise ImError(NOT_IN_CHATROOM)
        return room

    def of_member(self, user: User) -> "ChatroomQuerySet":
        """Those the user is in, by number."""
        mine = self.standing().filter(members__user=user)
        return mine.select_related("app", "owner").order_by("pk")

    def in_list_order(self) -> "ChatroomQuerySet":
        """In the order of their creation, with their owners."""
        return self.select_related("owner").order_by("pk")


class Chatroom(models.Model):
    """A chatroom of one app. Its primary key is its number on the wire, of at least 8 digits."""

    app = models.ForeignKey(App, models.CASCADE, related_name="chatrooms", verbose_name=_("app"))
    name = models.CharField(_("name"), max_length=64, db_collation="C")
    description = models.CharField(_("description"), max_length=250, blank=True)
    # Empty once an owner is deleted who was alone in the room.
    owner = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        related_name="owned_chatrooms",
        verbose_name=_("owner"),
    )
    max_members = models.PositiveIntegerField(_("members, at most"))
    # Counted here, under the room's lock, so that who enters a room of thousands need not count them.
    member_count = models.PositiveIntegerField(_("members"), default=0)
    # As of groups: set with the first member from another app, and for good.
    spans_apps = models.BooleanField(
        _("spans apps"), default=False, db_default=False, editable=False
    )
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    updated_at = models.DateTimeField(_("updated at"), db_default=Now())

    objects = ChatroomQuerySet.as_manager()

    class Meta:
        verbose_name = _("chatroom")
        verbose_name_plural = _("chatrooms")
        indexes = [
            models.Index(fields=("app", "id"), name="groups_chatroom_in_order"),
            models.Index(fields=("app", "name", "id"), name="groups_chatroom_by_name"),
            models.Index(
                fields=("app", "id"),
                condition=models.Q(deleted_at__isnull=False),
                name="groups_chatroom_dissolved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"


class ChatroomMemberQuerySet(models.QuerySet["ChatroomMember"]):
    """Reads of who is in a room. Start from a room: `room.members`."""

    def with_mutes(self) -> "ChatroomMemberQuerySet":
        """Each with `muted`: whether they may not speak."""
        mutes = ChatroomMute.objects.filter(  # tenant-free: of the room and the user of each row
            chatroom=models.OuterRef("chatroom"), user=models.OuterRef("user")
        )
        return self.annotate(muted=models.Exists(mutes))

    def in_list_order(self) -> "ChatroomMemberQuerySet":
        """As they came, with their users and whether they may speak."""
        return self.with_mutes().select_related("user__app").order_by("pk")


class ChatroomMember(models.Model):
    """A user in a room. The row goes when they leave."""

    chatroom = models.ForeignKey(
        Chatroom,
        models.CASCADE,
        related_name="members",
        db_index=False,
        verbose_name=_("chatroom"),
    )
    user = models.ForeignKey(
        User, models.CASCADE, related_name="chatroom_memberships", verbose_name=_("user")
    )
    joined_at = models.DateTimeField(_("joined at"), db_default=Now())

    objects = ChatroomMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("chatroom member")
        verbose_name_plural = _("chatroom members")
        constraints = [
            models.UniqueConstraint(
                fields=("chatroom", "user"), name="groups_chatroom_member_once"
            ),
        ]
        indexes = [models.Index(fields=("chatroom", "id"), name="groups_chatroom_member_order")]

    def __str__(self) -> str:
        return f"{self.user} → {self.chatroom}"


class ChatroomMute(models.Model):
    """A user who may not speak in a room. Leaving and coming back does not end it."""

    chatroom = models.ForeignKey(
        Chatroom, models.CASCADE, related_name="mutes", db_index=False, verbose_name=_("chatroom")
    )
    user = models.ForeignKey(
        User, models.CASCADE, related_name="chatroom_mutes", verbose_name=_("user")
    )
    created_at = models.DateTimeField(_("muted at"), db_default=Now())

    class Meta:
        verbose_name = _("mute in a chatroom")
        verbose_name_plural = _("mutes in chatrooms")
        constraints = [
            models.UniqueConstraint(fields=("chatroom", "user"), name="groups_chatroom_mute_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.chatroom_id}"
