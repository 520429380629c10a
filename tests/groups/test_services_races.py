"""Changes of groups, deletions of users and sends at the same time: no deadlock, and nothing half done."""

import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from apps.accounts.models import User
from apps.accounts.services.friends import add_friends, remove_friends
from apps.accounts.services.users import Registration, delete_users, register_users
from apps.core.errors import (
    ALREADY_FRIENDS,
    ALREADY_MEMBER,
    GROUP_FULL,
    NO_DISTURB_GROUP_SET,
    NO_DISTURB_NO_SUCH_GROUP,
    NO_DISTURB_USER_SET,
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    PARAMETER_INVALID,
    SENDER_NOT_IN_GROUP,
    SENDER_SILENCED,
    SHIELD_NO_SUCH_GROUP,
    SHIELD_NOT_SET,
    SHIELD_SET,
    TOO_MANY_GROUPS,
    USER_NOT_IN_GROUP,
    ImError,
)
from apps.core.models import App
from apps.core.services.apps import update_app
from apps.groups.models import Group, GroupKind, Role
from apps.groups.services.groups import (
    NewGroup,
    create_group,
    dissolve_group,
    transfer_group,
    update_group,
)
from apps.groups.services.members import change_members
from apps.groups.services.no_disturb import NoDisturbChanges, change_no_disturb
from apps.groups.services.own_membership import join_group, leave_group
from apps.groups.services.shields import change_shields
from apps.groups.services.silence import silence_members
from apps.messaging.drafts import Draft
from apps.messaging.models import EVENT, Participant
from apps.messaging.services.messages import send_message
from apps.messaging.sync import read_since
from tests.conftest import PASSWORD, person
from tests.deletions import during_deletion_of, pause_at_deletion
from tests.threads import (
    Pause,
    at_once,
    outcomes_at_once,
    refusals,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pause(monkeypatch: pytest.MonkeyPatch) -> Pause:
    """See `pause_at_deletion`."""
    return pause_at_deletion(monkeypatch)


def group_of(app: App, owner: str, *members: str) -> Group:
    return create_group(
        app=app, new=NewGroup(owner_username=owner, name="friends", members_username=members)
    )


def check(app: App) -> None:
    """What must hold of every group of the app, whatever happened."""
    for group in app.groups.standing():
        members = {member.user_id: member.role for member in group.members.all()}
        assert members, "a standing group has members"
        assert [pk for pk, role in members.items() if role == Role.OWNER] == [group.owner_id]
        assert len(members) <= group.max_members
        present = group.conversations.get().participants.present().values_list("user", flat=True)
        assert sorted(present) == sorted(members)
    for group in app.groups.filter(dissolved_at__isnull=False):
        assert not group.members.exists()
        assert not group.conversations.get().participants.present().exists()


def test_who_is_being_deleted_cannot_be_added(app, group, carol, pause):
    group_of(app, "carol", "alice")  # for the deletion to have news to tell

    outcome = during_deletion_of(
        "carol", app, pause, partial(change_members, app=app, gid=group.pk, add=["carol"])
    )

    assert outcome is NO_SUCH_USER
    check(app)


def test_who_is_being_deleted_cannot_join(app, group, carol, pause):
    group_of(app, "carol", "alice")
    Group.objects.filter(pk=group.pk).update(kind=GroupKind.PUBLIC)

    outcome = during_deletion_of(
        "carol", app, pause, partial(join_group, app=app, user=carol, gid=group.pk)
    )

    assert outcome is NO_SUCH_USER
    check(app)


def test_who_is_being_deleted_cannot_be_removed(app, group, bobby, pause):
    outcome = during_deletion_of(
        "bobby", app, pause, partial(change_members, app=app, gid=group.pk, remove=["bobby"])
    )

    assert outcome is NO_SUCH_USER
    check(app)


def test_a_group_cannot_be_handed_to_who_is_being_deleted(app, group, bobby, pause):
    outcome = during_deletion_of(
        "bobby", app, pause, partial(transfer_group, app=app, gid=group.pk, username="bobby")
    )

    assert outcome is NO_SUCH_USER
    check(app)


@pytest.mark.parametrize(("owner", "member"), [("alice", "carol"), ("carol", "alice")])
def test_no_group_is_made_with_who_is_being_deleted(app, alice, bobby, carol, pause, owner, member):
    group_of(app, "carol", "bobby")

    outcome = during_deletion_of("carol", app, pause, partial(group_of, app, owner, member))

    assert outcome is NO_SUCH_USER
    check(app)


def test_an_owner_and_the_next_one_are_deleted_at_once(app, group, carol, pause):
    change_members(app=app, gid=group.pk, add=["carol"])

    during_deletion_of("bobby", app, pause, partial(delete_users, app=app, usernames=["alice"]))

    assert app.groups.by_gid(group.pk).owner == carol
    check(app)


def test_all_members_deleted_at_once_one_by_one_dissolve_the_group(app):
    names = [f"user{number}" for number in range(8)]
    for name in names:
        person(app, name)
    groups = [group_of(app, owner, *names) for owner in names]

    at_once(*(partial(delete_users, app=app, usernames=[name]) for name in names))

    assert not app.users.exists()
    assert not app.groups.standing().exists()
    assert app.groups.filter(dissolved_at__isnull=False).count() == len(groups)


def test_two_deletions_of_the_same_users_delete_them_once(app, group, carol):
    names = ["alice", "bobby", "carol"]
    outcomes = outcomes_at_once(
        partial(delete_users, app=app, usernames=names),
        partial(delete_users, app=app, usernames=names[::-1]),
    )

    assert [error.code for error in refusals(outcomes)] == [NO_SUCH_USER]
    assert not app.users.exists()


def test_additions_at_once_never_exceed_the_size_of_a_group(app, alice):
    app.max_group_members = 5
    update_app(app=app)
    group = group_of(app, "alice")
    names = [f"user{number}" for number in range(12)]
    for name in names:
        person(app, name)

    outcomes = outcomes_at_once(
        *(partial(change_members, app=app, gid=group.pk, add=[name]) for name in names)
    )

    assert {error.code for error in refusals(outcomes)} == {GROUP_FULL}
    assert outcomes.count(None) == 4
    assert group.members.count() == 5
    check(app)


def test_additions_at_once_never_exceed_the_groups_of_a_user(app, alice, bobby):
    app.max_groups_per_user = 3
    update_app(app=app)
    owners = [person(app, f"user{number}").username for number in range(8)]
    groups = [group_of(app, owner) for owner in owners]

    outcomes = outcomes_at_once(
        *(partial(change_members, app=app, gid=group.pk, add=["bobby"]) for group in groups)
    )

    assert {error.code for error in refusals(outcomes)} == {TOO_MANY_GROUPS}
    assert bobby.memberships.count() == 3
    check(app)


def test_groups_made_at_once_never_exceed_the_groups_of_a_user(app, alice, bobby):
    app.max_groups_per_user = 3
    update_app(app=app)

    outcomes = outcomes_at_once(*[partial(group_of, app, "alice", "bobby")] * 8)

    assert {error.code for error in refusals(outcomes)} == {TOO_MANY_GROUPS}
    assert bobby.memberships.count() == alice.memberships.count() == 3
    check(app)


def test_one_user_added_at_once_is_added_once(app, group, carol):
    outcomes = outcomes_at_once(
        *[partial(change_members, app=app, gid=group.pk, add=["carol"])] * 8
    )

    assert [error.code for error in refusals(outcomes)] == [ALREADY_MEMBER] * 7
    assert group.members.filter(user=carol).count() == 1
    assert group.conversations.get().participants.filter(user=carol).count() == 1


def test_a_group_dissolved_at_once_is_dissolved_once(app, group):
    outcomes = outcomes_at_once(*[partial(dissolve_group, app=app, gid=group.pk)] * 6)

    assert [error.code for error in refusals(outcomes)] == [NO_SUCH_GROUP] * 5
    events = app.messages.filter(body__event_type="dissolve_group")
    assert events.count() == 1


#: Refusals that may well come of chance; none of them says that something went wrong.
MISSED = {
    ALREADY_FRIENDS,
    ALREADY_MEMBER,
    GROUP_FULL,
    NO_DISTURB_GROUP_SET,
    NO_DISTURB_NO_SUCH_GROUP,
    NO_DISTURB_USER_SET,
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    SENDER_SILENCED,
    SHIELD_NO_SUCH_GROUP,
    SHIELD_NOT_SET,
    SHIELD_SET,
    USER_NOT_IN_GROUP,
    PARAMETER_INVALID,  # the owner can't be removed
    SENDER_NOT_IN_GROUP,
}


def any_change(chance: random.Random, app: App, names: list[str], gids: list[int]) -> None:
    """One change or send of many kinds, of any user and any group."""
    one, two = chance.sample(names, 2)
    gid = chance.choice(gids)
    deeds: list[Callable[[], object]] = [
        partial(change_members, app=app, gid=gid, add=[one, two]),
        partial(change_members, app=app, gid=gid, add=[one], remove=[two]),
        partial(change_members, app=app, gid=gid, remove=[one]),
        partial(transfer_group, app=app, gid=gid, username=one),
        partial(update_group, app=app, gid=gid, changes={"name": one}),
        partial(delete_users, app=app, usernames=[one]),
        partial(register_again, app, one, two),
        partial(send_message, app=app, draft=said(one, "single", two)),
        partial(send_message, app=app, draft=said(two, "single", one)),
        partial(send_message, app=app, draft=said(one, "group", str(gid))),
        partial(create_and_dissolve, app, one, two),
        partial(join, app, one, gid),
        partial(leave, app, one, gid),
        partial(befriend, app, one, two),
        partial(unfriend, app, one, two),
        partial(shield, app, one, gids, "add"),
        partial(shield, app, one, gids[::-1], "remove"),
        partial(quiet, app, one, two, gids),
        partial(silence_members, app=app, gid=gid, usernames=[one, two], silenced=True),
    ]
    try:
        chance.choice(deeds)()
    except ImError as error:
        if error.code not in MISSED:
            raise AssertionError(f"refused: {error}") from error


def register_again(app: App, *names: str) -> None:
    register_users(
        app=app, registrations=[Registration(username=name, password=PASSWORD) for name in names]
    )


def create_and_dissolve(app: App, owner: str, member: str) -> None:
    dissolve_group(app=app, gid=group_of(app, owner, member).pk)


def join(app: App, name: str, gid: int) -> None:
    join_group(app=app, user=app.users.by_username(name), gid=gid)


def leave(app: App, name: str, gid: int) -> None:
    leave_group(app=app, user=app.users.by_username(name), gid=gid)


def befriend(app: App, name: str, other: str) -> None:
    add_friends(app=app, owner=app.users.by_username(name), usernames=[other])


def unfriend(app: App, name: str, other: str) -> None:
    remove_friends(app=app, owner=app.users.by_username(name), usernames=[other])


def shield(app: App, name: str, gids: list[int], how: str) -> None:
    change_shields(app=app, user=app.users.by_username(name), **{how: gids[:2]})


def quiet(app: App, name: str, other: str, gids: list[int]) -> None:
    changes = NoDisturbChanges(add_usernames=[other], add_gids=gids[:2])
    change_no_disturb(app=app, user=app.users.by_username(name), changes=changes)


def said(sender: str, kind, target: str) -> Draft:
    return Draft(
        target_type=kind,
        target_id=target,
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": "hi"},
    )


def many_changes(seed: int, app: App, names: list[str], gids: list[int]) -> None:
    chance = random.Random(seed)  # noqa: S311 nothing secret
    for _ in range(30):
        any_change(chance, app, names, gids)


def stretches_apart(user: User) -> bool:
    """Whether no two stretches of one conversation overlap."""
    rows = Participant.objects.filter(user=user).order_by("conversation", "starts_after")
    return all(
        row.conversation_id != after.conversation_id
        or (row.ends_at is not None and row.ends_at <= after.starts_after)
        for row, after in pairwise(rows)
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everything_at_once_deadlocks_nowhere_and_leaves_whole_groups(app, seed):
    names = [f"user{number}" for number in range(7)]
    for name in names:
        person(app, name)
    gids = [group_of(app, owner, *names[:4]).pk for owner in names[:3]]
    Group.objects.filter(pk__in=gids).update(kind=GroupKind.PUBLIC)

    at_once(*(partial(many_changes, seed * 100 + place, app, names, gids) for place in range(8)))

    check(app)
    told = set(app.messages.filter(msg_type=EVENT).values_list("body__event_type", flat=True))
    assert told >= {"create_group", "add_members", "exit_group", "dissolve_group"}
    for user in app.users.all():
        page = read_since(app=app, user=user, cursor=None, limit=500)
        ids = [row.pk for row in page.messages]
        assert ids == sorted(set(ids))
        assert stretches_apart(user)
