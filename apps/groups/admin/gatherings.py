"""Gatherings: what the console does alike for groups and for chatrooms, and what it calls for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.errors import OWNER_STAYS, PARAMETER_INVALID, ErrorCode, ImError
from apps.core.models import App
from apps.groups.models import Chatroom, ChatroomMember, Group, GroupMember
from apps.groups.services.chatroom_members import (
    change_chatroom_members_across,
    set_chatroom_mute,
)
from apps.groups.services.chatrooms import delete_chatroom, update_chatroom
from apps.groups.services.groups import dissolve_group, transfer_group
from apps.groups.services.members import MemberChange, change_members, change_members_across
from apps.groups.services.newcomers import barred_from_chatroom, barred_from_group
from apps.groups.services.silence import silence_members


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an operator is told of one kind of gathering."""

    title: str | Promise
    adding: str | Promise
    transfer: str | Promise
    transferred: str | Promise
    dissolve: str | Promise
    dissolving: str | Promise
    dissolved: str | Promise
    removing: str | Promise
    silencing: str | Promise
    letting_speak: str | Promise
    nowhere: str | Promise


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """Groups, or chatrooms, and the services for a row of them."""

    model: type[Model]
    member: type[Model]
    name: str  # of a member's foreign key
    ended: str  # the field that tells when it was
    at_once: int  # names in one form, as many as in one call of the API
    words: Words
    barred: Callable[[Any, App, Sequence[str]], Mapping[str, ErrorCode]]
    let_in: Callable[[Any, App, Sequence[str]], object]
    put_out: Callable[[Any, Sequence[Any]], object]
    silence: Callable[[Any, Sequence[Any], bool], object]
    hand_over: Callable[[Any, User], object]
    end: Callable[[Any], object]

    @property
    def members_name(self) -> str:
        """The message id of what is concerned where members are."""
        return f"{self.name} members"

    def of(self, member: Any) -> Any:
        """The group or chatroom that one is a member of."""
        return getattr(member, self.name)

    def each_with_members(self, members: Sequence[Any]) -> Iterator[tuple[Any, list[Any]]]:
        """The members of each group or chatroom, in the order of their numbers: so are the locks."""
        found = {self.of(member).pk: self.of(member) for member in members}
        for pk in sorted(found):
            yield found[pk], [member for member in members if self.of(member).pk == pk]


def heirs_of(row: Any) -> QuerySet[Any]:
    """The members who may be made the owner, as they came: of a chatroom, those of its own app."""
    others = row.members.exclude(user=row.owner_id).select_related("user__app")
    if isinstance(row, Chatroom):
        others = others.filter(user__app=row.app_id)
    found: QuerySet[Any] = others.order_by("pk")
    return found


def _names_by_app(members: Sequence[Any]) -> dict[App, list[str]]:
    """A name is one of its user's app. The users are in the order of their ids: so are the locks."""
    found: dict[App, list[str]] = {}
    for member in sorted(members, key=lambda member: int(member.user_id)):
        found.setdefault(member.user.app, []).append(member.user.username)
    return found


def _going(members: Sequence[Any]) -> list[MemberChange]:
    return [MemberChange(app=of, remove=names) for of, names in _names_by_app(members).items()]


def _remove_from_group(group: Group, members: Sequence[GroupMember]) -> None:
    if any(member.user_id == group.owner_id for member in members):
        text = "remove: the owner can't be removed from their group"
        raise ImError(PARAMETER_INVALID, text)
    change_members_across(app=group.app, gid=group.pk, changes=_going(members))


def _remove_from_chatroom(room: Chatroom, members: Sequence[ChatroomMember]) -> None:
    if any(member.user_id == room.owner_id for member in members):
        raise ImError(OWNER_STAYS)
    change_chatroom_members_across(app=room.app, room_id=room.pk, changes=_going(members))


def _add_to_chatroom(room: Chatroom, of: App, usernames: Sequence[str]) -> None:
    change = MemberChange(app=of, add=usernames)
    change_chatroom_members_across(app=room.app, room_id=room.pk, changes=[change])


def _silence_in_group(group: Group, members: Sequence[GroupMember], silenced: bool) -> None:
    for of, names in _names_by_app(members).items():
        silence_members(app=group.app, gid=group.pk, usernames=names, silenced=silenced, of=of)


def _silence_in_chatroom(room: Chatroom, members: Sequence[ChatroomMember], silenced: bool) -> None:
    for of, names in _names_by_app(members).items():
        for name in names:
            set_chatroom_mute(app=room.app, room_id=room.pk, username=name, muted=silenced, of=of)


GROUPS = Gathering(
    model=Group,
    member=GroupMember,
    name="group",
    ended="dissolved_at",
    at_once=500,
    barred=lambda group, of, names: barred_from_group(group=group, usernames=names, of=of),
    let_in=lambda group, of, names: change_members(app=group.app, gid=group.pk, add=names, of=of),
    put_out=_remove_from_group,
    silence=_silence_in_group,
    hand_over=lambda group, user: transfer_group(
        app=group.app, gid=group.pk, username=user.username, of=user.app
    ),
    end=lambda group: dissolve_group(app=group.app, gid=group.pk),
    words=Words(
        title=_("Groups"),
        adding=_("They read what is said from now on."),
        transfer=_("Transfer the group"),
        transferred=_("The group has a new owner."),
        dissolve=_("Dissolve the group"),
        dissolving=_(
            "This can't be undone. Its members leave it; what was said stays readable to those who were "
            "there."
        ),
        dissolved=_("The group is dissolved."),
        removing=_("They leave the group, and read nothing of what is said from now on."),
        silencing=_("What they send to the group is refused until they are let speak again."),
        letting_speak=_("They can send to the group again."),
        nowhere=_("The user is in no group."),
    ),
)
CHATROOMS = Gathering(
    model=Chatroom,
    member=ChatroomMember,
    name="chatroom",
    ended="deleted_at",
    at_once=3000,
    barred=lambda room, of, names: barred_from_chatroom(room=room, usernames=names, of=of),
    let_in=_add_to_chatroom,
    put_out=_remove_from_chatroom,
    silence=_silence_in_chatroom,
    hand_over=lambda room, user: update_chatroom(
        app=room.app, room_id=room.pk, changes={}, owner_username=user.username
    ),
    end=lambda room: delete_chatroom(app=room.app, room_id=room.pk),
    words=Words(
        title=_("Chatrooms"),
        adding=_("They read the latest messages and what follows."),
        transfer=_("Transfer the chatroom"),
        transferred=_("The chatroom has a new owner."),
        dissolve=_("Dissolve the chatroom"),
        dissolving=_("This can't be undone. Everyone leaves it; what was said is kept."),
        dissolved=_("The chatroom is dissolved."),
        removing=_("They leave the chatroom. They may enter again."),
        silencing=_("What they send to the chatroom is refused until they are let speak again."),
        letting_speak=_("They can send to the chatroom again."),
        nowhere=_("The user is in no chatroom."),
    ),
)
