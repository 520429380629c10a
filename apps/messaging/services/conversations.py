"""Conversations of groups: opened with the group, told of what happens to it, closed with it.

A group has one in its own app and one in each app that it has members of, and tells all of them the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from apps.accounts.models import User
from apps.core.models import App
from apps.groups.models import Group, GroupMember
from apps.groups.signals import MembersChanged, MembersSilenced
from apps.messaging.models import Conversation, ConversationKind, Participant
from apps.messaging.services.telling import (
    News,
    end,
    let_hear_no_further,
    places_of_chatrooms,
    places_of_groups,
    tell,
)


def open_group(*, app: App, group: Group) -> None:
    """Make the new group's conversation, tell of its creation, and let its members read from there."""
    app.conversations.create(kind=ConversationKind.GROUP, group=group)
    users = [member.user for member in group.members.select_related("user__app").order_by("pk")]
    places = places_of_groups([group.pk])
    (told,) = tell(places, [News(group.pk, "create_group", users)])
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
    places = places_of_groups([change.group_id for change in changes], coming)
    news: list[News] = []
    comes: list[bool] = []
    for change in changes:
        if change.added:
            news.append(News(change.group_id, "add_members", [users[pk] for pk in change.added]))
            comes.append(True)
        if change.removed:
            kind = "exit_group" if change.left else "remove_members"
            news.append(News(change.group_id, kind, [users[pk] for pk in change.removed]))
            comes.append(False)
    for each, is_coming, told in zip(news, comes, tell(places, news), strict=True):
        if is_coming:
            _let_read(places[each.about], each.users, told)
        else:
            let_hear_no_further(places[each.about], each.users, told)


def tell_owner_changed(*, group_id: int, owner: User) -> None:
    """Tell the group who owns it now. `owner` comes with their app."""
    tell(places_of_groups([group_id]), [News(group_id, "change_owner", [owner])])


def tell_members_silenced(*, event: MembersSilenced) -> None:
    """Tell the group who may not speak in it any more, or may again."""
    found = User.objects.filter(pk__in=event.user_ids)  # tenant-free: named by the event
    users = list(found.select_related("app").in_list_order())
    kind = "silence_members" if event.silenced else "unsilence_members"
    tell(places_of_groups([event.group_id]), [News(event.group_id, kind, users)])


def tell_group_updated(*, group_id: int) -> None:
    """Tell the group that its name, description or avatar is another."""
    tell(places_of_groups([group_id]), [News(group_id, "update_group")])


def close_group(*, group_id: int) -> None:
    """Tell the group that it is dissolved; its members may read up to that."""
    places = places_of_groups([group_id])
    (told,) = tell(places, [News(group_id, "dissolve_group")])
    end(places[group_id], told)


def apps_hearing(*, group_ids: Collection[int], chatroom_ids: Collection[int]) -> set[int]:
    """The apps whose logs these groups and chatrooms tell of what happens, by id. One query for each."""
    places = [*places_of_groups(group_ids).values(), *places_of_chatrooms(chatroom_ids).values()]
    return {place.app_id for there in places for place in there}


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
