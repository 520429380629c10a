"""Notices: what a user alone is told, in order with everything else."""

from functools import partial

import pytest

from apps.accounts.services.friends import Note, add_friends, note_friends, remove_friends
from apps.accounts.services.users import delete_users
from apps.groups.services.groups import NewGroup, create_group
from apps.groups.services.no_disturb import NoDisturbChanges, change_no_disturb
from apps.messaging import inbox
from apps.messaging.models import Conversation, ConversationKind
from apps.realtime import reads
from tests.conftest import person
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def told(app, user) -> list[tuple[str, str, list[str]]]:
    """What happened, who did it, and to whom."""
    own = app.conversations.filter(kind=ConversationKind.NOTICES, user_low=user)
    bodies = app.messages.filter(conversation__in=own).order_by("pk").values_list("body", flat=True)
    return [
        (body["event_type"], body["from_username"], body["to_username_list"]) for body in bodies
    ]


def test_friends_are_told_of_each_other_and_of_who_did_it(app, alice, bobby, carol):
    add_friends(app=app, owner=alice, usernames=["bobby", "carol"])
    remove_friends(app=app, owner=bobby, usernames=["alice"], by_owner=True)

    assert told(app, alice) == [
        ("add_friends", "", ["bobby", "carol"]),
        ("remove_friends", "bobby", ["bobby"]),
    ]
    assert told(app, bobby) == [
        ("add_friends", "", ["alice"]),
        ("remove_friends", "bobby", ["alice"]),
    ]
    assert told(app, carol) == [("add_friends", "", ["alice"])]


def test_where_nobody_was_a_friend_nobody_is_told(app, alice, bobby):
    remove_friends(app=app, owner=alice, usernames=["bobby"])

    assert not app.messages.exists()


def test_a_note_is_told_to_who_wrote_it_alone(app, alice, bobby):
    add_friends(app=app, owner=alice, usernames=["bobby"])
    note_friends(app=app, owner=alice, notes=[Note(username="bobby", note_name="Bob")])

    assert told(app, alice)[1:] == [("note_friends", "", ["bobby"])]
    assert len(told(app, bobby)) == 1


def test_a_user_has_one_conversation_of_notices_which_no_list_shows(app, alice, bobby, carol):
    for name in ("bobby", "carol"):
        add_friends(app=app, owner=alice, usernames=[name])
    changes = NoDisturbChanges(everything=True)
    change_no_disturb(app=app, user=alice, changes=changes)

    assert app.conversations.filter(user_low=alice).count() == 1
    assert len(told(app, alice)) == 3
    assert inbox.threads_of(app=app, user=alice, limit=10) == []


def test_connections_are_offered_their_own_users_notices(app, alice, bobby, carol):
    add_friends(app=app, owner=alice, usernames=["bobby"])
    everyone = [alice.pk, bobby.pk, carol.pk]

    readers = [who for _, who in reads.next_batch(app, 0, everyone).rows]

    assert readers == [[alice.pk], [bobby.pk]]


def test_the_friends_of_the_deleted_are_told_once_each(app, alice, bobby, carol):
    dave = person(app, "dave1")
    add_friends(app=app, owner=alice, usernames=["bobby", "carol", "dave1"])
    add_friends(app=app, owner=bobby, usernames=["carol"])

    delete_users(app=app, usernames=["alice", "bobby"])

    assert told(app, carol)[2:] == [("remove_friends", "", ["alice", "bobby"])]
    assert told(app, dave)[1:] == [("remove_friends", "", ["alice"])]


def test_the_notices_of_the_deleted_are_nobodys(app, alice, bobby):
    add_friends(app=app, owner=alice, usernames=["bobby"])
    delete_users(app=app, usernames=["alice"])
    person(app, "alice")

    again = app.users.by_username("alice")
    assert told(app, again) == []
    add_friends(app=app, owner=again, usernames=["bobby"])
    assert told(app, again) == [("add_friends", "", ["bobby"])]


def test_friends_of_two_apps_are_told_in_the_log_of_their_own(app, alice, other_app, mallory):
    add_friends(app=app, owner=alice, usernames=["mallory"], of=other_app)

    assert told(app, alice) == [("add_friends", "", ["mallory"])]
    assert told(other_app, mallory) == [("add_friends", "", ["alice"])]
    assert not Conversation.objects.filter(app=app, user_low=mallory).exists()

    delete_users(app=app, usernames=["alice"])
    assert told(other_app, mallory)[1:] == [("remove_friends", "", ["alice"])]


@pytest.mark.django_db(transaction=True)
def test_friends_of_two_apps_who_are_deleted_at_once_wait_for_each_other_in_order(app, other_app):
    both = (app, other_app)
    for one in both:
        for name in ("first", "second", "third"):
            person(one, name)
    for name in ("first", "second"):
        for one, other in (both, both[::-1]):
            new = NewGroup(owner_username=name, name=name, members_username=["third"])
            create_group(app=one, new=new)
            owner = one.users.by_username(name)
            if not owner.friendships.exists():
                add_friends(app=one, owner=owner, usernames=[name, "third"], of=other)

    at_once(
        *(
            partial(delete_users, app=one, usernames=[name])
            for one in both
            for name in ("first", "second")
        )
    )

    for one in both:
        assert list(one.users.values_list("username", flat=True)) == ["third"]
        third = one.users.by_username("third")
        assert not third.friendships.exists()
        ended = [to for kind, _, to in told(one, third) if kind == "remove_friends"]
        assert sorted(name for names in ended for name in names) == sorted(
            name for kind, _, to in told(one, third) if kind == "add_friends" for name in to
        )
