"""Groups: created, changed, handed on, dissolved; members added and removed within the limits."""

from collections.abc import Callable, Iterator
from typing import Any

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
    ErrorCode,
    ImError,
)
from apps.core.models import App
from apps.core.services.apps import update_app
from apps.groups import signals
from apps.groups.models import Group, GroupKind, GroupMember, Role
from apps.groups.services.groups import (
    NewGroup,
    create_group,
    dissolve_group,
    transfer_group,
    update_group,
)
from apps.groups.services.members import change_members
from tests.conftest import person

pytestmark = pytest.mark.django_db


def make(app: App, owner: str, *members: str, **more: Any) -> Group:
    new = NewGroup(owner_username=owner, name="friends", members_username=members, **more)
    return create_group(app=app, new=new)


def state() -> list[Any]:
    """All of every group and member: what a refused change must leave as it is."""
    return [*Group.objects.order_by("pk").values(), *GroupMember.objects.order_by("pk").values()]


def refused(change: Callable[..., object], **named: Any) -> ErrorCode:
    before = state()
    with pytest.raises(ImError) as caught:
        change(**named)
    assert state() == before
    return caught.value.code


def names_in(group: Group) -> list[str]:
    return [member.user.username for member in group.members.in_list_order()]


def limit(app: App, **limits: int) -> None:
    for name, value in limits.items():
        setattr(app, name, value)
    update_app(app=app)


class TestCreation:
    def test_the_owner_is_a_member_whether_or_not_listed(self, app, alice, bobby):
        for listed in (["bobby"], ["bobby", "alice"], ["alice", "bobby", "bobby"]):
            group = make(app, "alice", *listed)

            assert names_in(group) == ["alice", "bobby"]
            assert group.owner == alice
            assert group.members.get(role=Role.OWNER).user == alice

    def test_it_is_private_unless_told_otherwise(self, app, alice):
        assert make(app, "alice").kind == GroupKind.PRIVATE
        assert make(app, "alice", kind=GroupKind.PUBLIC).kind == GroupKind.PUBLIC

    @pytest.mark.parametrize(
        ("owner", "member"),
        [("nobody", "alice"), ("alice", "nobody"), ("alice", "mallory"), ("alice", "a\0b")],
    )
    def test_everybody_must_be_there(self, app, alice, mallory, owner, member):
        new = NewGroup(owner_username=owner, name="x", members_username=[member])

        assert refused(create_group, app=app, new=new) is NO_SUCH_USER

    def test_it_may_be_full_from_the_start_and_not_more(self, app, alice, bobby, carol):
        limit(app, max_group_members=2)
        assert make(app, "alice", "bobby").max_members == 2

        new = NewGroup(owner_username="alice", name="x", members_username=["bobby", "carol"])
        assert refused(create_group, app=app, new=new) is GROUP_FULL

    def test_a_list_longer_than_any_query_takes_is_just_too_long(self, app, alice):
        names = [f"user{number}" for number in range(70_000)]
        new = NewGroup(owner_username="alice", name="x", members_username=names)

        assert refused(create_group, app=app, new=new) is GROUP_FULL

    @pytest.mark.parametrize("owner", ["alice", "bobby"])
    def test_nobody_is_in_more_groups_than_allowed(self, app, alice, bobby, owner):
        limit(app, max_groups_per_user=2)
        for _ in range(2):
            make(app, "alice")

        new = NewGroup(owner_username=owner, name="x", members_username=["alice"])
        assert refused(create_group, app=app, new=new) is TOO_MANY_GROUPS

    def test_gids_have_eight_digits(self, app, alice):
        assert make(app, "alice").pk >= 10_000_000


class TestChanges:
    def test_only_what_is_given_changes(self, app, group):
        update_group(app=app, gid=group.pk, changes={"description": "few"})

        after = app.groups.by_gid(group.pk)
        assert (after.name, after.description) == ("friends", "few")
        assert after.updated_at > group.updated_at

    def test_nothing_given_is_nothing_changed(self, app, group):
        update_group(app=app, gid=group.pk, changes={})

        assert app.groups.by_gid(group.pk).updated_at == group.updated_at
        assert app.messages.count() == 1

    @pytest.mark.parametrize("gid", [1, 0, -1, 2**31, 2**63, 10**30])
    def test_the_group_must_be_there(self, app, alice, gid):
        assert refused(update_group, app=app, gid=gid, changes={"name": "x"}) is NO_SUCH_GROUP
        assert refused(dissolve_group, app=app, gid=gid) is NO_SUCH_GROUP
        assert refused(change_members, app=app, gid=gid, add=["alice"]) is NO_SUCH_GROUP
        assert refused(transfer_group, app=app, gid=gid, username="alice") is NO_SUCH_GROUP

    def test_a_group_of_another_app_is_not_there(self, other_app, group, mallory):
        gid = group.pk
        assert refused(update_group, app=other_app, gid=gid, changes={"name": "x"}) is NO_SUCH_GROUP
        assert refused(dissolve_group, app=other_app, gid=gid) is NO_SUCH_GROUP
        assert refused(change_members, app=other_app, gid=gid, add=["mallory"]) is NO_SUCH_GROUP
        assert refused(transfer_group, app=other_app, gid=gid, username="mallory") is NO_SUCH_GROUP

    def test_it_is_handed_to_a_member(self, app, group, alice, bobby):
        transfer_group(app=app, gid=group.pk, username="bobby")

        assert app.groups.by_gid(group.pk).owner == bobby
        assert group.members.get(role=Role.OWNER).user == bobby
        assert names_in(group) == ["bobby", "alice"]

    def test_to_hand_it_to_its_owner_changes_nothing(self, app, group):
        before = state()

        transfer_group(app=app, gid=group.pk, username="alice")

        assert state() == before
        assert app.messages.count() == 1

    @pytest.mark.parametrize(
        ("name", "code"),
        [("carol", NOT_A_MEMBER), ("nobody", NO_SUCH_USER), ("mallory", NO_SUCH_USER)],
    )
    def test_it_is_handed_to_nobody_else(self, app, group, carol, mallory, name, code):
        assert refused(transfer_group, app=app, gid=group.pk, username=name) is code

    def test_a_dissolved_one_is_gone_for_good(self, app, group):
        dissolve_group(app=app, gid=group.pk)

        assert not group.members.exists()
        assert app.groups.ever_by_gid(group.pk).dissolved_at is not None
        assert refused(dissolve_group, app=app, gid=group.pk) is NO_SUCH_GROUP
        assert refused(change_members, app=app, gid=group.pk, add=["bobby"]) is NO_SUCH_GROUP

    def test_who_leaves_a_dissolved_group_by_deletion_leaves_it_as_it_is(self, app, group, alice):
        dissolve_group(app=app, gid=group.pk)
        told = app.messages.count()

        delete_users(app=app, usernames=["alice", "bobby"])

        assert app.groups.ever_by_gid(group.pk).owner is None
        assert app.messages.count() == told


class TestMembers:
    def test_some_come_and_others_go(self, app, group, carol):
        change_members(app=app, gid=group.pk, add=["carol"], remove=["bobby"])

        assert names_in(group) == ["alice", "carol"]
        assert app.groups.by_gid(group.pk).updated_at > group.updated_at

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"add": ["carol", "bobby"]}, ALREADY_MEMBER),
            ({"add": ["carol", "nobody"]}, NO_SUCH_USER),
            ({"add": ["carol", "mallory"]}, NO_SUCH_USER),
            ({"add": ["carol", "b\0"]}, NO_SUCH_USER),
            ({"remove": ["bobby", "carol"]}, NOT_A_MEMBER),
            ({"remove": ["bobby", "nobody"]}, NO_SUCH_USER),
            ({"remove": ["bobby", "alice"]}, PARAMETER_INVALID),
            ({"add": ["carol"], "remove": ["carol"]}, PARAMETER_INVALID),
            ({"add": ["carol"], "remove": ["david"]}, NOT_A_MEMBER),
        ],
        ids=str,
    )
    def test_all_of_a_change_or_nothing(self, app, group, carol, mallory, change, code):
        person(app, "david")

        assert refused(change_members, app=app, gid=group.pk, **change) is code
        assert app.messages.count() == 1, "no event either"

    def test_a_name_given_twice_comes_or_goes_once(self, app, group, carol):
        change_members(app=app, gid=group.pk, add=["carol", "carol"], remove=["bobby", "bobby"])

        assert names_in(group) == ["alice", "carol"]

    def test_a_full_group_takes_nobody(self, app, alice, bobby, carol):
        limit(app, max_group_members=2)
        group = make(app, "alice", "bobby")

        assert refused(change_members, app=app, gid=group.pk, add=["carol"]) is GROUP_FULL

    def test_a_group_keeps_the_size_it_was_made_with(self, app, group, carol):
        limit(app, max_group_members=2)

        change_members(app=app, gid=group.pk, add=["carol"])

        assert group.members.count() == 3

    def test_who_is_in_as_many_groups_as_allowed_joins_no_other(self, app, group, bobby, carol):
        limit(app, max_groups_per_user=1)
        other = make(app, "carol")

        assert refused(change_members, app=app, gid=other.pk, add=["bobby"]) is TOO_MANY_GROUPS


class VetoError(Exception):
    """What a receiver says no with."""


@pytest.fixture
def veto(request: pytest.FixtureRequest) -> Iterator[None]:
    """A receiver of the named signal that raises."""
    signal = getattr(signals, request.param)

    def refuse(**news: Any) -> None:
        raise VetoError

    signal.connect(refuse)
    yield
    signal.disconnect(refuse)


@pytest.mark.usefixtures("veto")
class TestVetoes:
    """A receiver that raises undoes the change, and what the log was told of it."""

    @pytest.mark.parametrize("veto", ["group_created"], indirect=True)
    def test_of_a_group(self, app, alice):
        with pytest.raises(VetoError):
            make(app, "alice")

        assert state() == []
        assert not app.messages.exists()
        assert not app.conversations.exists()

    @pytest.mark.parametrize(
        ("veto", "change", "named"),
        [
            ("group_updated", update_group, {"changes": {"name": "x"}}),
            ("group_dissolved", dissolve_group, {}),
            ("owner_changed", transfer_group, {"username": "bobby"}),
            ("members_changed", change_members, {"remove": ["bobby"]}),
        ],
        indirect=["veto"],
    )
    def test_of_a_change(self, app, group, veto, change, named):
        before = state()

        with pytest.raises(VetoError):
            change(app=app, gid=group.pk, **named)

        assert state() == before
        assert app.messages.count() == 1
