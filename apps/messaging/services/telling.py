"""Telling a group or a chatroom of something, in the log of each app in which it is heard."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from apps.accounts.models import User
from apps.core.models import App
from apps.messaging import logs
from apps.messaging.drafts import Event
from apps.messaging.models import Conversation, ConversationKind

Places = Mapping[int, Sequence[Conversation]]
"""The conversations of groups, by group, or those of chatrooms, by chatroom."""


@dataclass(frozen=True)
class News:
    """What a group or a chatroom, `about`, is told, and about whom. The users come with their apps."""

    about: int
    event_type: str
    users: Sequence[User] = ()


def places_of_groups(
    group_ids: Collection[int], coming: Collection[tuple[int, int]] = ()
) -> Places:
    """The conversations in which groups are heard, by app: their own, and those where somebody reads on.

    `coming` are pairs of group and app: where somebody will read on in a moment. One query.
    """
    rows = Conversation.objects.of_groups(group_ids)  # tenant-free: the group's, in every app
    return _heard(rows, coming)


def places_of_chatrooms(
    chatroom_ids: Collection[int], coming: Collection[tuple[int, int]] = ()
) -> Places:
    """As `places_of_groups`, for chatrooms."""
    rows = Conversation.objects.of_chatrooms(chatroom_ids)  # tenant-free: likewise
    return _heard(rows, coming)


def tell(places: Places, news: Sequence[News]) -> list[dict[int, int]]:
    """Append it to the logs of all apps where it is heard; for each its ids, by conversation."""
    copies: list[logs.EventCopy] = []
    for number, each in enumerate(news):
        across = len(places[each.about]) > 1
        for place in places[each.about]:
            event = _event(place, each, across=across)
            copies.append(logs.EventCopy(place.app_id, number, event))
    told: list[dict[int, int]] = [{} for _ in news]
    for copy, msg_id in zip(copies, logs.append_event_copies(copies), strict=True):
        told[copy.told][copy.event.conversation_id] = msg_id
    return told


def let_hear_no_further(
    places: Sequence[Conversation], users: Sequence[User], told: Mapping[int, int]
) -> None:
    """End the users' stretches, each in the conversation of their app, at what was told there."""
    for place in places:
        gone = [user.pk for user in users if user.app_id == place.app_id]
        if gone:
            present = place.participants.present().filter(user__in=gone)
            present.update(ends_at=told[place.pk])


def end(places: Sequence[Conversation], told: Mapping[int, int]) -> None:
    """End everybody's stretch at what was told, in each of the conversations."""
    for place in places:
        place.participants.present().update(ends_at=told[place.pk])


def _heard(rows: Iterable[Conversation], coming: Collection[tuple[int, int]]) -> Places:
    found: dict[int, list[Conversation]] = defaultdict(list)
    for place in rows:
        about, owner = _about(place)
        own = place.app_id == owner.pk
        if own or getattr(place, "is_heard", False) or (about, place.app_id) in coming:
            found[about].append(place)
    return found


def _about(place: Conversation) -> tuple[int, App]:
    """The group or chatroom of a conversation, and its app."""
    if place.chatroom is not None:
        return place.chatroom.pk, place.chatroom.app
    if place.group is not None:
        return place.group.pk, place.group.app
    raise ValueError(f"conversation {place.pk} is of a pair")


def _event(place: Conversation, news: News, *, across: bool) -> Event:
    event = Event(
        conversation_id=place.pk,
        target_type="chatroom" if place.kind == ConversationKind.CHATROOM else "group",
        target_id=str(news.about),
        event_type=news.event_type,
        to_username_list=tuple(user.username for user in news.users),
    )
    if not across:
        return event
    _about_id, owner = _about(place)
    return replace(
        event,
        target_app_key=logs.key_in(place.app_id, owner),
        to_appkey_list=tuple(user.app.app_key for user in news.users),
    )
