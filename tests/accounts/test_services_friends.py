"""Friends: on both sides or on none."""

from functools import partial

import pytest

from apps.accounts.models import Friendship
from apps.accounts.services.friends import Note, add_friends, note_friends, remove_friends
from apps.accounts.services.users import delete_users
from apps.core.errors import (
    ALREADY_FRIENDS,
    NO_SUCH_USER,
    NOT_A_FRIEND,
    PARAMETER_INVALID,
)
from tests.accounts.absent import ABSENT
from tests.conftest import person, refused
from tests.deletions import during_deletion_of, pause_at_deletion
from tests.threads import outcomes_at_once, refusals


def friends_of(user) -> list[str]:
    return [side.friend.username for side in user.friendships.in_list_order()]


@pytest.mark.django_db
class TestBecomingFriends:
    def test_each_has_the_other_in_the_order_of_adding(self, app, alice, bobby, carol):
        add_friends(app=app, owner=alice, usernames=["carol"])
        add_friends(app=app, owner=bobby, usernames=["alice", "carol"])

        assert friends_of(alice) == ["carol", "bobby"]
        assert friends_of(bobby) == ["alice", "carol"]
        assert friends_of(carol) == ["alice", "bobby"]

    @pytest.mark.parametrize(
        ("names", "code"),
        [
            (["carol", "bobby"], ALREADY_FRIENDS),
            (["carol", "alice"], PARAMETER_INVALID),
            *((["carol", name], NO_SUCH_USER) for name in ABSENT),
        ],
        ids=str,
    )
    def test_with_one_that_cannot_be_added_none_is(
        self, app, alice, bobby, carol, mallory, names, code
    ):
        add_friends(app=app, owner=bobby, usernames=["alice"])

        assert refused(add_friends, app=app, owner=alice, usernames=names) is code
        assert friends_of(alice) == ["bobby"]
        assert friends_of(carol) == []

    def test_neither_sides_list_grows_beyond_its_limit(self, app, alice, bobby, carol, settings):
        settings.IM_RELATIONS_PER_USER = 1
        add_friends(app=app, owner=alice, usernames=["bobby"])

        for owner, name in ((alice, "carol"), (carol, "alice")):
            assert refused(add_friends, app=app, owner=owner, usernames=[name]) is PARAMETER_INVALID

        assert friends_of(carol) == []

    def test_many_cost_as_many_statements_as_one(
        self, app, alice, bobby, django_assert_max_num_queries
    ):
        names = [person(app, f"person{place:03}").username for place in range(60)]

        for some in (["bobby"], names):
            with django_assert_max_num_queries(18):
                add_friends(app=app, owner=alice, usernames=some)

    def test_friends_of_another_app_are_named_with_it(self, app, alice, other_app, mallory):
        person(other_app, "alice")
        add_friends(app=app, owner=alice, usernames=["mallory", "alice"], of=other_app)

        assert {side.friend.app_id for side in alice.friendships.all()} == {other_app.pk}
        assert friends_of(mallory) == ["alice"]
        remove_friends(app=app, owner=alice, usernames=["mallory"], of=other_app)
        assert friends_of(mallory) == []
        assert friends_of(alice) == ["alice"]


@pytest.mark.django_db
class TestEndingIt:
    def test_it_ends_on_both_sides_with_the_notes(self, app, alice, bobby, carol):
        add_friends(app=app, owner=alice, usernames=["bobby", "carol"])
        note_friends(app=app, owner=alice, notes=[Note(username="bobby", note_name="Bob")])

        remove_friends(app=app, owner=bobby, usernames=["alice", "carol"])
        assert friends_of(alice) == ["carol"]
        assert friends_of(bobby) == []

        add_friends(app=app, owner=alice, usernames=["bobby"])
        assert alice.friendships.get(friend=bobby).note_name == ""

    def test_the_friends_of_the_deleted_have_one_less(self, app, alice, bobby, carol):
        add_friends(app=app, owner=alice, usernames=["bobby", "carol"])

        delete_users(app=app, usernames=["alice"])

        assert friends_of(bobby) == friends_of(carol) == []
        assert not Friendship.objects.exists()


@pytest.mark.django_db
class TestNotes:
    def test_one_side_sees_them_and_each_part_stays_until_it_is_given(self, app, alice, bobby):
        add_friends(app=app, owner=alice, usernames=["bobby"])
        note = partial(note_friends, app=app, owner=alice)

        note(notes=[Note(username="bobby", note_name="Bob", others="sales")])
        note(notes=[Note(username="bobby", others="")])
        note(notes=[Note(username="bobby")])

        mine = alice.friendships.get()
        assert (mine.note_name, mine.others) == ("Bob", "")
        theirs = bobby.friendships.get()
        assert (theirs.note_name, theirs.others) == ("", "")

    @pytest.mark.parametrize(
        ("name", "code"), [("carol", NOT_A_FRIEND), ("nobody", NO_SUCH_USER)], ids=str
    )
    def test_with_one_that_is_no_friend_nothing_is_noted(
        self, app, alice, bobby, carol, name, code
    ):
        add_friends(app=app, owner=alice, usernames=["bobby"])
        notes = [Note(username="bobby", note_name="Bob"), Note(username=name, note_name="x")]

        assert refused(note_friends, app=app, owner=alice, notes=notes) is code
        assert alice.friendships.get().note_name == ""


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_who_add_each_other_at_once_are_friends_once(self, app, alice, bobby):
        one = partial(add_friends, app=app, owner=alice, usernames=["bobby"])
        other = partial(add_friends, app=app, owner=bobby, usernames=["alice"])

        outcomes = outcomes_at_once(*[one, other] * 3)

        assert [error.code for error in refusals(outcomes)] == [ALREADY_FRIENDS] * 5
        assert friends_of(alice) == ["bobby"]
        assert friends_of(bobby) == ["alice"]

    def test_lists_that_grow_at_once_keep_their_limit(self, app, alice, bobby, carol, settings):
        settings.IM_RELATIONS_PER_USER = 1
        jobs = [
            partial(add_friends, app=app, owner=owner, usernames=["alice"])
            for owner in (bobby, carol)
        ]

        assert len(refusals(outcomes_at_once(*jobs))) == 1
        assert alice.friendships.count() == 1

    @pytest.mark.parametrize("deleted", ["alice", "bobby"])
    def test_who_is_being_deleted_becomes_nobodys_friend(
        self, app, alice, bobby, carol, monkeypatch, deleted
    ):
        pause = pause_at_deletion(monkeypatch)
        both = partial(add_friends, app=app, owner=alice, usernames=["bobby", "carol"])

        assert during_deletion_of(deleted, app, pause, both) is NO_SUCH_USER
        assert not Friendship.objects.exists()
