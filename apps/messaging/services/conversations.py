"""Conversations of groups: opened with the group, told of what happens to it, closed with it.

A group has one in its own app and one in each app that it has members of, and tells all of them the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from apps.accounts.models import User
from apps.core.models import App
from apps.groups.models import Group, GroupMember
from apps.groups.signals import MembersChanged, MembersSilenced
from apps.messaging import logs
from apps.messaging.drafts import Event
from apps.messaging.models import Conversation, ConversationKind, Participant

Places = Mapping[int, Sequence[Conversation]]
"""The conversations of groups, by group."""


@dataclass(frozen=True)
class _News:
    """What a group is told, and about whom."""

    group_id: int
    event_type: str
    users: Sequence[User] = ()


def open_group(*, app: App, group: Group) -> None:
    """Make the new group's conversation, tell of its creation, and let its members read from there."""
    app.conversations.create(kind=ConversationKind.GROUP, group=group)
    users = [member.user for member in group.members.select_related("user__app").order_by("pk")]
    places = places_of([group.pk])
    (told,) = _tell(places, [_News(group.pk, "create_group", users)])
    _let_read(places[group.pk], users, told)


def open_imported_groups(*, app: App, group_ids: Collection[int]) -> None:
    """Make the conversations of groups that come from another service. Nothing is told: nothing happened.

    Their members may read all that is imported of them, from the first message. Two statements, and two more
    for each 1,000 members.
    """
    groups = app.groups.filter(pk__in=group_ids)
    conversations = Conversation.objects.bulk_create(  # tenant-free: the app's
        Conversation(app=app, kind=ConversationKind.GROUP, group=group) for group in groups
    )
    of_group = {conversation.group_id: conversation for conversation in conversations}
    members = GroupMember.objects.filter(group__in=group_ids)  # tenant-free: of the app's groups
    Participant.objects.bulk_create(  # tenant-free: the conversations are the app's
        (
            Participant(
                conversation=of_group[member.group_id],
                user_id=member.user_id,
                shielded=member.shielded,
            )
            for member in members.order_by("pk")
        ),
        batch_size=1000,
    )


def tell_members_changed(*, changes: Sequence[MembersChanged]) -> None:
    """Tell each group who came and who went. Who came reads from that event on, who went up to it."""
    concerned = {pk for change in changes for pk in (*change.added, *change.removed)}
    users = User.objects.select_related("app").in_bulk(concerned)  # tenant-free: named by the event
    _open_where_they_come(changes, users)
    coming = {(change.group_id, users[pk].app_id) for change in changes for pk in change.added}
    places = places_of([change.group_id for change in changes], coming)
    news: list[_News] = []
    comes: list[bool] = []
    for change in changes:
        if change.added:
            news.append(_News(change.group_id, "add_members", [users[pk] for pk in change.added]))
            comes.append(True)
        if change.removed:
            kind = "exit_group" if change.left else "remove_members"
            news.append(_News(change.group_id, kind, [users[pk] for pk in change.removed]))
            comes.append(False)
    for each, is_coming, told in zip(news, comes, _tell(places, news), strict=True):
        if is_coming:
            _let_read(places[each.group_id], each.users, told)
        else:
            _let_read_no_further(places[each.group_id], each.users, told)


def tell_owner_changed(*, group_id: int, owner: User) -> None:
    """Tell the group who owns it now. `owner` comes with their app."""
    _tell(places_of([group_id]), [_News(group_id, "change_owner", [owner])])


def tell_members_silenced(*, event: MembersSilenced) -> None:
    """Tell the group who may not speak in it any more, or may again."""
    found = User.objects.filter(pk__in=event.user_ids)  # tenant-free: named by the event
    users = list(found.select_related("app").in_list_order())
    kind = "silence_members" if event.silenced else "unsilence_members"
    _tell(places_of([event.group_id]), [_News(event.group_id, kind, users)])


def tell_group_updated(*, group_id: int) -> None:
    """Tell the group that its name, description or avatar is another."""
    _tell(places_of([group_id]), [_News(group_id, "update_group")])


def close_group(*, group_id: int) -> None:
    """Tell the group that it is dissolved; its members may read up to that."""
    places = places_of([group_id])
    (told,) = _tell(places, [_News(group_id, "dissolve_group")])
    for place in places[group_id]:
        place.participants.present().update(ends_at=told[place.pk])


def apps_hearing(*, group_ids: Collection[int]) -> set[int]:
    """The apps whose logs these groups tell of what happens, by id. One query."""
    places = places_of(group_ids)
    return {place.app_id for there in places.values() for place in there}


def places_of(group_ids: Collection[int], coming: Collection[tuple[int, int]] = ()) -> Places:
    """The conversations in which groups are heard, by app: their own, and those where somebody reads on.

    `coming` are pairs of group and app: where somebody will read on in a moment. One query.
    """
    found: dict[int, list[Conversation]] = defaultdict(list)
    rows = Conversation.objects.of_groups(group_ids)  # tenant-free: the group's, in every app
    for place in rows:
        group = place.group
        if group is None:
            continue
        own = place.app_id == group.app_id
        if own or getattr(place, "is_heard", False) or (group.pk, place.app_id) in coming:
            found[group.pk].append(place)
    return found


def open_in_apps(*, group: Group, app_ids: Collection[int]) -> None:
    """Make the group's conversation in each of these apps, where there is none yet."""
    Conversation.objects.bulk_create(  # tenant-free: of the apps of those who are in the group
        [
            Conversation(app_id=app_id, kind=ConversationKind.GROUP, group=group)
            for app_id in sorted(app_ids)
        ],
        ignore_conflicts=True,
    )


def _open_where_they_come(changes: Sequence[MembersChanged], users: Mapping[int, User]) -> None:
    for change in changes:
        others = {users[pk].app_id for pk in change.added} - {change.app_id}
        if others:
            group = Group(pk=change.group_id, app_id=change.app_id)
            open_in_apps(group=group, app_ids=others)


def _tell(places: Places, news: Sequence[_News]) -> list[dict[int, int]]:
    """Append it to the logs of all apps where it is heard; for each its ids, by conversation."""
    copies: list[logs.EventCopy] = []
    for number, each in enumerate(news):
        across = len(places[each.group_id]) > 1
        for place in places[each.group_id]:
            event = _event(place, each, across=across)
            copies.append(logs.EventCopy(place.app_id, number, event))
    told: list[dict[int, int]] = [{} for _ in news]
    for copy, msg_id in zip(copies, logs.append_event_copies(copies), strict=True):
        told[copy.told][copy.event.conversation_id] = msg_id
    return told


def _event(place: Conversation, news: _News, *, across: bool) -> Event:
    group = place.group
    event = Event(
        conversation_id=place.pk,
        target_type="group",
        target_id=str(news.group_id),
        event_type=news.event_type,
        to_username_list=tuple(user.username for user in news.users),
    )
    if not across or group is None:
        return event
    return replace(
        event,
        target_app_key=logs.key_in(place.app_id, group.app),
        to_appkey_list=tuple(user.app.app_key for user in news.users),
    )


def _by_app(places: Iterable[Conversation]) -> dict[int, Conversation]:
    return {place.app_id: place for place in places}


def _let_read(
    places: Iterable[Conversation], users: Iterable[User], told: Mapping[int, int]
) -> None:
    """Each in the conversation of their app, from that event on."""
    place_in = _by_app(places)
    stretches = []
    for user in users:
        place = place_in[user.app_id]
        before = told[place.pk] - 1
        stretches.append(
            Participant(conversation=place, user=user, starts_after=before, read_up_to=before)
        )
    Participant.objects.bulk_create(stretches)  # tenant-free: the conversation is the tenant's


def _let_read_no_further(
    places: Iterable[Conversation], users: Iterable[User], told: Mapping[int, int]
) -> None:
    for place in places:
        gone = [user.pk for user in users if user.app_id == place.app_id]
        if gone:
            present = place.participants.present().filter(user__in=gone)
            present.update(ends_at=told[place.pk])
