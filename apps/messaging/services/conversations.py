"""Conversations of groups: opened with the group, told of what happens to it, closed with it."""

from collections.abc import Collection, Iterable, Sequence

from apps.accounts.models import User
from apps.core.models import App
from apps.groups.models import Group, GroupMember
from apps.groups.signals import MembersChanged, MembersSilenced
from apps.messaging.drafts import Event
from apps.messaging.log import append_events
from apps.messaging.models import Conversation, ConversationKind, Participant


def open_group(*, app: App, group: Group) -> None:
    """Make the new group's conversation, tell of its creation, and let its members read from there."""
    conversation = app.conversations.create(kind=ConversationKind.GROUP, group=group)
    members = list(group.members.order_by("pk").values_list("user", "user__username"))
    names = tuple(name for _, name in members)
    (told,) = append_events(app=app, events=[_event(conversation, "create_group", names)])
    _let_read(conversation, (pk for pk, _ in members), told)


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


def tell_members_changed(*, app: App, changes: Sequence[MembersChanged]) -> None:
    """Tell each group who came and who went. Who came reads from that event on, who went up to it."""
    groups = [change.group_id for change in changes]
    conversations = {
        conversation.group_id: conversation
        for conversation in app.conversations.filter(group__in=groups)
    }
    concerned = [pk for change in changes for pk in (*change.added, *change.removed)]
    names = dict(app.users.filter(pk__in=concerned).values_list("pk", "username"))
    events: list[Event] = []
    steps: list[tuple[Conversation, Collection[int], bool]] = []
    for change in changes:
        conversation = conversations[change.group_id]
        if change.added:
            added = tuple(names[pk] for pk in change.added)
            events.append(_event(conversation, "add_members", added))
            steps.append((conversation, change.added, True))
        if change.removed:
            kind = "exit_group" if change.left else "remove_members"
            removed = tuple(names[pk] for pk in change.removed)
            events.append(_event(conversation, kind, removed))
            steps.append((conversation, change.removed, False))
    told = append_events(app=app, events=events)
    for (conversation, users, comes), msg_id in zip(steps, told, strict=True):
        if comes:
            _let_read(conversation, users, msg_id)
        else:
            conversation.participants.present().filter(user__in=users).update(ends_at=msg_id)


def tell_owner_changed(*, app: App, group_id: int, owner: User) -> None:
    """Tell the group who owns it now."""
    conversation = app.conversations.get(group_id=group_id)
    append_events(app=app, events=[_event(conversation, "change_owner", (owner.username,))])


def tell_members_silenced(*, app: App, event: MembersSilenced) -> None:
    """Tell the group who may not speak in it any more, or may again."""
    conversation = app.conversations.get(group_id=event.group_id)
    people = app.users.filter(pk__in=event.user_ids).in_list_order()
    names = tuple(people.values_list("username", flat=True))
    kind = "silence_members" if event.silenced else "unsilence_members"
    append_events(app=app, events=[_event(conversation, kind, names)])


def tell_group_updated(*, app: App, group_id: int) -> None:
    """Tell the group that its name, description or avatar is another."""
    conversation = app.conversations.get(group_id=group_id)
    append_events(app=app, events=[_event(conversation, "update_group", ())])


def close_group(*, app: App, group_id: int) -> None:
    """Tell the group that it is dissolved; its members may read up to that."""
    conversation = app.conversations.get(group_id=group_id)
    (told,) = append_events(app=app, events=[_event(conversation, "dissolve_group", ())])
    conversation.participants.present().update(ends_at=told)


def _event(conversation: Conversation, event_type: str, names: tuple[str, ...]) -> Event:
    return Event(
        conversation_id=conversation.pk,
        target_type="group",
        target_id=str(conversation.group_id),
        event_type=event_type,
        to_username_list=names,
    )


def _let_read(conversation: Conversation, users: Iterable[int], from_msg_id: int) -> None:
    before = from_msg_id - 1
    Participant.objects.bulk_create(  # tenant-free: the conversation is the tenant's
        Participant(conversation=conversation, user_id=pk, starts_after=before, read_up_to=before)
        for pk in users
    )
