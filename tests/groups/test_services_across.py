"""Members of several apps: who comes, who goes, and when the group ends."""

import pytest

from apps.accounts.services.users import delete_users
from apps.core.errors import (
    ALREADY_MEMBER,
    GROUP_FULL,
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    PARAMETER_INVALID,
    TOO_MANY_GROUPS,
    ImError,
)
from apps.core.services.apps import update_app
from apps.groups.models import Group
from apps.groups.services.groups import NewGroup, create_group, transfer_group
from apps.groups.services.members import MemberChange, change_members, change_members_across
from apps.groups.services.own_membership import join_group, leave_group
from tests.conftest import person

pytestmark = pytest.mark.django_db


def change(group, *changes):
    """Each change is an app, who is added, who is removed."""
    told = [MemberChange(app=app, add=add, remove=remove) for app, add, remove in changes]
    change_members_across(app=group.app, gid=group.pk, changes=told)


def refusal(group, *changes):
    before = names(group)
    with pytest.raises(ImError) as caught:
        change(group, *changes)
    assert names(group) == before
    return caught.value.code


def names(group):
    return [(member.user.app.name, member.user.username) for member in group.members.order_by("pk")]


@pytest.fixture
def shared(group, other_app, mallory):
    change(group, (other_app, ["mallory"], []))
    return group


def test_users_of_several_apps_come_and_go_in_one_step(app, other_app, group, mallory):
    person(app, "peggy")
    person(other_app, "peggy")
    change(group, (other_app, ["mallory"], []))

    change(group, (other_app, ["peggy"], ["mallory"]), (app, ["peggy"], ["bobby"]))

    assert names(group) == [("Acme", "alice"), ("Rival", "peggy"), ("Acme", "peggy")]


def test_only_a_group_with_members_of_other_apps_spans_apps(app, other_app, group, carol, mallory):
    change(group, (app, ["carol"], []))
    assert not Group.objects.get(pk=group.pk).spans_apps

    change(group, (other_app, ["mallory"], []))
    assert Group.objects.get(pk=group.pk).spans_apps


def test_all_of_it_or_nothing(app, other_app, shared, carol):
    assert refusal(shared, (app, ["carol"], []), (other_app, ["nobody"], [])) is NO_SUCH_USER
    assert refusal(shared, (app, ["carol"], []), (other_app, ["mallory"], [])) is ALREADY_MEMBER
    assert refusal(shared, (app, [], ["carol"]), (other_app, [], ["mallory"])) is NOT_A_MEMBER
    both = (other_app, ["mallory"], ["mallory"])
    assert refusal(shared, both) is PARAMETER_INVALID


def test_a_name_is_looked_up_in_its_own_app(app, other_app, shared):
    assert refusal(shared, (app, ["mallory"], [])) is NO_SUCH_USER
    assert refusal(shared, (other_app, [], ["bobby"])) is NO_SUCH_USER


def test_the_limits_are_the_groups_and_each_users_own_apps(app, other_app, group, mallory):
    other_app.max_groups_per_user = 1
    update_app(app=other_app)
    create_group(app=other_app, new=NewGroup(owner_username="mallory", name="own"))
    assert refusal(group, (other_app, ["mallory"], [])) is TOO_MANY_GROUPS

    Group.objects.filter(pk=group.pk).update(max_members=2)
    person(other_app, "oscar")
    assert refusal(group, (other_app, ["oscar"], [])) is GROUP_FULL


def test_the_owner_goes_only_with_everybody_else(app, other_app, shared):
    assert refusal(shared, (app, [], ["alice"])) is PARAMETER_INVALID
    assert refusal(shared, (app, [], ["alice", "bobby"])) is PARAMETER_INVALID
    person(app, "peggy")
    assert (
        refusal(shared, (app, [], ["alice", "bobby", "peggy"]), (other_app, [], ["mallory"]))
        is NOT_A_MEMBER
    )

    change(shared, (app, [], ["alice", "bobby"]), (other_app, [], ["mallory"]))

    assert not app.groups.standing().filter(pk=shared.pk).exists()
    assert names(shared) == []


def test_a_group_of_another_app_is_absent(other_app, group, mallory):
    with pytest.raises(ImError) as caught:
        change_members_across(
            app=other_app, gid=group.pk, changes=[MemberChange(app=other_app, add=["mallory"])]
        )
    assert caught.value.code is NO_SUCH_GROUP


class TestAnOwnerOfAnotherApp:
    @pytest.fixture
    def handed_over(self, app, other_app, shared):
        transfer_group(app=app, gid=shared.pk, username="mallory", of=other_app)
        return Group.objects.get(pk=shared.pk)

    def test_a_member_of_another_app_can_own_it(self, handed_over, mallory):
        assert handed_over.owner == mallory

    def test_they_have_to_be_a_member(self, app, other_app, shared):
        person(other_app, "oscar")

        with pytest.raises(ImError) as caught:
            transfer_group(app=app, gid=shared.pk, username="oscar", of=other_app)
        assert caught.value.code is NOT_A_MEMBER

    def test_their_deletion_hands_it_to_the_oldest_member(self, other_app, handed_over, alice):
        delete_users(app=other_app, usernames=["mallory"])

        handed_over.refresh_from_db()
        assert handed_over.owner == alice
        assert handed_over.dissolved_at is None


def test_deleting_the_owner_hands_it_to_a_member_of_another_app(app, shared, mallory):
    change_members(app=app, gid=shared.pk, remove=["bobby"])

    delete_users(app=app, usernames=["alice"])

    shared.refresh_from_db()
    assert shared.owner == mallory
    assert shared.dissolved_at is None


def test_deleting_the_last_member_dissolves_it(app, other_app, shared):
    delete_users(app=app, usernames=["alice", "bobby"])
    delete_users(app=other_app, usernames=["mallory"])

    assert not app.groups.standing().exists()


def test_a_member_of_another_app_leaves_by_themselves(app, other_app, shared, mallory):
    leave_group(app=other_app, user=mallory, gid=shared.pk)

    assert ("Rival", "mallory") not in names(shared)
    with pytest.raises(ImError) as caught:
        leave_group(app=other_app, user=mallory, gid=shared.pk)
    assert caught.value.code is NO_SUCH_GROUP


def test_a_public_group_is_open_to_its_own_app_alone(app, other_app, mallory, alice):
    public = create_group(app=app, new=NewGroup(owner_username="alice", name="open", kind=2))

    with pytest.raises(ImError) as caught:
        join_group(app=other_app, user=mallory, gid=public.pk)
    assert caught.value.code is NO_SUCH_GROUP
