"""Silence, shields and do-not-disturb as facts; what follows from them is tested with messages."""

from functools import partial
from typing import Any

import pytest

from apps.accounts.services.users import delete_users
from apps.core.errors import (
    NO_DISTURB_GLOBAL_OFF,
    NO_DISTURB_GLOBAL_ON,
    NO_DISTURB_GROUP_NOT_SET,
    NO_DISTURB_GROUP_SET,
    NO_DISTURB_NO_SUCH_GROUP,
    NO_DISTURB_USER_NOT_SET,
    NO_DISTURB_USER_SET,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    SHIELD_NO_SUCH_GROUP,
    SHIELD_NOT_SET,
    SHIELD_SET,
    USER_NOT_IN_GROUP,
    ImError,
)
from apps.groups.services.groups import NewGroup, create_group, dissolve_group
from apps.groups.services.members import change_members
from apps.groups.services.no_disturb import NoDisturbChanges, change_no_disturb
from apps.groups.services.shields import change_shields
from apps.groups.services.silence import silence_members
from apps.messaging.models import EVENT
from tests.threads import outcomes_at_once, refusals

pytestmark = pytest.mark.django_db


def told(app) -> list[str]:
    """What has happened since the group was created."""
    events = app.messages.filter(msg_type=EVENT).order_by("pk")
    return list(events.values_list("body__event_type", flat=True))[1:]


def refused(job) -> object:
    with pytest.raises(ImError) as caught:
        job()
    return caught.value.code


@pytest.fixture
def second(app, group):
    """Another group of alice and bobby."""
    new = NewGroup(owner_username="alice", name="second", members_username=["bobby"])
    return create_group(app=app, new=new)


class TestSilence:
    def test_the_group_hears_of_those_alone_of_whom_it_is_news(self, app, group, alice, bobby):
        silence = partial(silence_members, app=app, gid=group.pk)
        silence(usernames=["bobby"], silenced=True)
        silence(usernames=["bobby"], silenced=True)
        silence(usernames=["alice", "bobby"], silenced=True)
        silence(usernames=["bobby"], silenced=False)

        events = app.messages.filter(msg_type=EVENT).order_by("pk")[1:]
        assert [(row.body["event_type"], row.body["to_username_list"]) for row in events] == [
            ("silence_members", ["bobby"]),
            ("silence_members", ["alice"]),
            ("unsilence_members", ["bobby"]),
        ]

    @pytest.mark.parametrize(
        ("names", "code"),
        [(["bobby", "carol"], NOT_A_MEMBER), (["bobby", "nobody"], NO_SUCH_USER)],
        ids=str,
    )
    def test_with_one_that_cannot_be_silenced_none_is(self, app, group, carol, names, code):
        silence = partial(silence_members, app=app, gid=group.pk, silenced=True)

        assert refused(partial(silence, usernames=names)) is code
        assert not group.members.filter(silenced=True).exists()
        assert told(app) == []

    def test_it_ends_with_the_membership(self, app, group, bobby):
        silence_members(app=app, gid=group.pk, usernames=["bobby"], silenced=True)
        change_members(app=app, gid=group.pk, remove=["bobby"])
        change_members(app=app, gid=group.pk, add=["bobby"])

        assert not group.members.get(user=bobby).silenced


class TestShields:
    def test_groups_are_shielded_and_heard_again(self, app, group, second, bobby):
        change_shields(app=app, user=bobby, add=[group.pk, second.pk])
        change_shields(app=app, user=bobby, remove=[group.pk])

        shielded = bobby.memberships.shielding().values_list("group", flat=True)
        assert list(shielded) == [second.pk]

    @pytest.mark.parametrize(
        ("who", "add", "remove", "code"),
        [
            ("bobby", ["second", "group"], [], SHIELD_SET),
            ("bobby", [], ["group", "second"], SHIELD_NOT_SET),
            ("bobby", ["gone"], ["group"], SHIELD_NO_SUCH_GROUP),
            ("carol", ["second"], [], USER_NOT_IN_GROUP),
        ],
        ids=str,
    )
    def test_with_one_that_cannot_be_changed_none_is(
        self, app, group, second, bobby, carol, who, add, remove, code
    ):
        gone = create_group(app=app, new=NewGroup(owner_username="bobby", name="gone"))
        dissolve_group(app=app, gid=gone.pk)
        gids = {"group": group.pk, "second": second.pk, "gone": gone.pk}
        change_shields(app=app, user=bobby, add=[group.pk])
        user = {"bobby": bobby, "carol": carol}[who]
        before = told(app)

        change = partial(
            change_shields,
            app=app,
            user=user,
            add=[gids[name] for name in add],
            remove=[gids[name] for name in remove],
        )

        assert refused(change) is code
        shielded = bobby.memberships.shielding().values_list("group", flat=True)
        assert list(shielded) == [group.pk]
        assert told(app) == before

    def test_who_was_deleted_meanwhile_shields_nothing(self, app, group, bobby):
        delete_users(app=app, usernames=["bobby"])

        assert refused(partial(change_shields, app=app, user=bobby, add=[group.pk])) is NO_SUCH_USER

    def test_many_groups_cost_as_many_statements_as_one(
        self, app, alice, django_assert_max_num_queries
    ):
        gids = [
            create_group(app=app, new=NewGroup(owner_username="alice", name=f"group{place}")).pk
            for place in range(20)
        ]
        change_shields(app=app, user=alice, add=gids[:1])

        for some in (gids[1:2], gids[2:]):
            with django_assert_max_num_queries(14):
                change_shields(app=app, user=alice, add=some)


class TestNoDisturb:
    def test_users_groups_and_everything_in_one_call(self, app, group, alice, bobby, carol):
        change = partial(change_no_disturb, app=app, user=bobby)
        change(
            changes=NoDisturbChanges(
                add_usernames=["carol", "alice"], add_gids=[group.pk], everything=True
            )
        )
        change(changes=NoDisturbChanges(remove_usernames=["alice"], everything=False))

        assert [one.peer.username for one in bobby.no_disturbs.in_list_order()] == ["carol"]
        assert group.members.get(user=bobby).no_disturb
        bobby.refresh_from_db()
        assert not bobby.no_disturb
        assert told(app) == ["update_no_disturb"] * 2

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"add_usernames": ["bobby", "carol"]}, NO_DISTURB_USER_SET),
            ({"remove_usernames": ["carol", "bobby"]}, NO_DISTURB_USER_NOT_SET),
            ({"remove_usernames": ["carol"], "add_usernames": ["nobody"]}, NO_SUCH_USER),
            ({"remove_usernames": ["carol"], "add_gids": [7]}, NO_DISTURB_NO_SUCH_GROUP),
            ({"add_gids": ["second", "group"]}, NO_DISTURB_GROUP_SET),
            ({"remove_gids": ["second"]}, NO_DISTURB_GROUP_NOT_SET),
            ({"add_gids": ["foreign"]}, USER_NOT_IN_GROUP),
            ({"remove_usernames": ["carol"], "everything": True}, NO_DISTURB_GLOBAL_ON),
        ],
        ids=str,
    )
    def test_with_one_that_cannot_be_changed_nothing_is(
        self, app, group, second, alice, bobby, carol, changes, code
    ):
        foreign = create_group(app=app, new=NewGroup(owner_username="carol", name="foreign"))
        gids = {"group": group.pk, "second": second.pk, "foreign": foreign.pk}
        change = partial(change_no_disturb, app=app, user=alice)
        change(
            changes=NoDisturbChanges(add_usernames=["carol"], add_gids=[group.pk], everything=True)
        )
        before = told(app)
        known: dict[str, Any] = {
            name: [gids.get(item, item) for item in value] if name.endswith("gids") else value
            for name, value in changes.items()
        }

        assert refused(partial(change, changes=NoDisturbChanges(**known))) is code

        assert [one.peer.username for one in alice.no_disturbs.in_list_order()] == ["carol"]
        quiet = alice.memberships.undisturbed().values_list("group", flat=True)
        assert list(quiet) == [group.pk]
        assert told(app) == before

    def test_what_is_off_is_not_switched_off(self, app, bobby):
        change = partial(
            change_no_disturb, app=app, user=bobby, changes=NoDisturbChanges(everything=False)
        )

        assert refused(change) is NO_DISTURB_GLOBAL_OFF

    def test_who_was_deleted_meanwhile_is_no_user(self, app, bobby):
        delete_users(app=app, usernames=["bobby"])
        change = partial(
            change_no_disturb, app=app, user=bobby, changes=NoDisturbChanges(everything=True)
        )

        assert refused(change) is NO_SUCH_USER

    def test_users_of_another_app_are_named_with_it(self, app, bobby, other_app, mallory):
        changes = NoDisturbChanges(add_usernames=["mallory"])
        change_no_disturb(app=app, user=bobby, changes=changes, of=other_app)

        assert bobby.no_disturbs.get().peer == mallory

    def test_the_deleted_are_in_nobodys_settings(self, app, alice, bobby):
        changes = NoDisturbChanges(add_usernames=["alice"])
        change_no_disturb(app=app, user=bobby, changes=changes)

        delete_users(app=app, usernames=["alice"])

        assert not bobby.no_disturbs.exists()


@pytest.mark.django_db(transaction=True)
def test_a_group_shielded_twice_at_once_is_shielded_once(app, group, bobby):
    shield = partial(change_shields, app=app, user=bobby, add=[group.pk])

    outcomes = outcomes_at_once(*[shield] * 5)

    assert [error.code for error in refusals(outcomes)] == [SHIELD_SET] * 4
    assert bobby.participations.filter(conversation__group=group, ends_at=None).count() == 1
