"""What passes between apps without being stored, who types and who has read, and how far that is kept."""

from functools import partial

import pytest

from apps.accounts.services.blocks import block_users
from apps.accounts.services.users import delete_users
from apps.core.errors import NO_SUCH_CONVERSATION, ImError
from apps.core.services.apps import create_app
from apps.core.services.cross_app_grants import grant_cross_app, revoke_cross_app
from apps.groups.services.members import MemberChange, change_members, change_members_across
from apps.messaging.inbox import threads_of
from apps.messaging.models import Message
from apps.messaging.services import reading
from apps.messaging.services.messages import send_message
from apps.messaging.services.reading import mark_read, tell_typing
from apps.messaging.signals import Whisper, whispered
from tests.conftest import person
from tests.messaging.test_services_across import text
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def granted(app, other_app):
    grant_cross_app(app=app, target=other_app)
    grant_cross_app(app=other_app, target=app)


@pytest.fixture
def shared(group, other_app, mallory):
    change = MemberChange(app=other_app, add=["mallory"])
    change_members_across(app=group.app, gid=group.pk, changes=[change])
    group.refresh_from_db()
    return group


@pytest.fixture
def whispers(django_capture_on_commit_callbacks):
    """The whispers of a call: `whispers(mark_read, user=…)`."""

    def heard_of(function, **arguments):
        heard = []

        def hear(*, whisper: Whisper, **kwargs):
            heard.append(whisper)

        whispered.connect(hear)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                function(**arguments)
        finally:
            whispered.disconnect(hear)
        return heard

    return heard_of


def thread(user, target=None):
    """The user's conversation with that name, or the only one."""
    threads = threads_of(app=user.app, user=user, limit=10)
    (found,) = [one for one in threads if target is None or one.last_message.target_id == target]
    return found


def row_in(app, said):
    return Message.objects.get(app=app, body__text=said)


def read(user, said):
    """What to call, to have read up to what was said."""
    row = row_in(user.app, said)
    place = {"conversation_id": row.conversation_id, "msg_id": row.pk}
    return partial(mark_read, app=user.app, user=user, **place)


def typing(user):
    where = thread(user).conversation.pk
    return partial(tell_typing, app=user.app, user=user, conversation_id=where)


def places(whispered_ones):
    return [(one.kind, one.app_id, one.read_up_to, one.app_key) for one in whispered_ones]


def test_who_wrote_from_another_app_is_told_how_far_in_their_own_log(
    app, other_app, granted, alice, mallory, whispers
):
    for said in ("one", "two"):
        send_message(app=app, draft=text("alice", "mallory", other_app, said=said))

    told = whispers(read(mallory, "one"))

    hers, theirs = row_in(app, "one"), row_in(other_app, "one")
    assert places(told) == [
        ("read", other_app.pk, theirs.pk, ""),
        ("read", app.pk, hers.pk, other_app.app_key),
    ]
    assert told[1].conversation_id == hers.conversation_id
    assert (told[1].username, told[1].user_id) == ("mallory", mallory.pk)
    assert thread(alice).peers_read_up_to == hers.pk < row_in(app, "two").pk
    assert thread(mallory).peers_read_up_to == 0


def test_reading_moves_only_forward_and_is_told_once(
    app, other_app, granted, alice, mallory, whispers
):
    for said in ("one", "two"):
        send_message(app=app, draft=text("alice", "mallory", other_app, said=said))
    assert len(whispers(read(mallory, "two"))) == 2

    assert whispers(read(mallory, "two")) == whispers(read(mallory, "one")) == []
    assert thread(alice).peers_read_up_to == row_in(app, "two").pk


def test_typing_goes_where_a_message_would(app, other_app, granted, alice, mallory, whispers):
    send_message(app=app, draft=text("alice", "mallory", other_app))

    told = whispers(typing(alice))

    assert places(told) == [
        ("typing", app.pk, None, ""),
        ("typing", other_app.pk, None, app.app_key),
    ]
    assert told[1].conversation_id == thread(mallory).conversation.pk


def test_with_a_grant_one_way_the_writer_is_told_that_it_was_read_and_nothing_else(
    app, other_app, alice, mallory, whispers
):
    grant_cross_app(app=app, target=other_app)
    send_message(app=app, draft=text("alice", "mallory", other_app))

    assert [one.app_id for one in whispers(typing(mallory))] == [other_app.pk]
    assert [one.app_id for one in whispers(read(alice, "hi"))] == [app.pk]
    assert [one.app_id for one in whispers(typing(alice))] == [app.pk, other_app.pk]
    assert [one.app_id for one in whispers(read(mallory, "hi"))] == [other_app.pk, app.pk]
    assert thread(mallory).peers_read_up_to == 0


def test_once_the_grants_are_revoked_a_pair_is_told_nothing_new_and_keeps_what_it_was_told(
    app, other_app, granted, alice, mallory, whispers
):
    for said in ("one", "two"):
        send_message(app=app, draft=text("alice", "mallory", other_app, said=said))
    whispers(read(mallory, "one"))
    revoke_cross_app(app=app, target=other_app)
    revoke_cross_app(app=other_app, target=app)

    assert [one.app_id for one in whispers(read(mallory, "two"))] == [other_app.pk]
    assert [one.app_id for one in whispers(typing(alice))] == [app.pk]
    assert thread(alice).peers_read_up_to == row_in(app, "one").pk


def test_typing_is_not_told_to_who_blocks(app, other_app, granted, alice, mallory, whispers):
    send_message(app=app, draft=text("alice", "mallory", other_app))
    block_users(app=app, owner=alice, usernames=["mallory"], of=other_app)

    assert whispers(typing(mallory)) == []
    assert len(whispers(typing(alice))) == 2


def test_a_group_is_told_in_each_of_its_apps_without_a_grant(
    app, other_app, shared, alice, bobby, mallory, whispers
):
    send_message(app=app, draft=text("alice", shared, said="one"))
    send_message(app=other_app, draft=text("mallory", shared, app, said="two"))

    assert [one.app_id for one in whispers(typing(mallory))] == [other_app.pk, app.pk]
    told = whispers(read(mallory, "two"))

    assert places(told) == [
        ("read", other_app.pk, row_in(other_app, "two").pk, ""),
        ("read", app.pk, row_in(app, "two").pk, other_app.app_key),
    ]
    assert thread(alice).peers_read_up_to == row_in(app, "two").pk
    whispers(read(bobby, "one"))
    assert thread(mallory).peers_read_up_to == row_in(other_app, "one").pk


def test_what_was_said_before_another_app_came_says_nothing_of_what_came_later(
    app, other_app, group, alice, bobby, mallory, whispers
):
    send_message(app=app, draft=text("alice", group, said="before"))
    change = MemberChange(app=other_app, add=["mallory"])
    change_members_across(app=app, gid=group.pk, changes=[change])
    send_message(app=app, draft=text("alice", group, said="after"))

    told = whispers(read(bobby, "before"))

    assert told[1].read_up_to < row_in(other_app, "after").pk
    assert thread(mallory).peers_read_up_to < row_in(other_app, "after").pk


def test_who_has_left_tells_nobody(app, other_app, shared, mallory, whispers):
    send_message(app=app, draft=text("alice", shared, said="one"))
    change_members(app=app, gid=shared.pk, remove=["mallory"], of=other_app)

    assert whispers(read(mallory, "one")) == []


def test_of_very_many_apps_some_hear_at_once_and_all_find_it_in_their_lists(
    app, other_app, shared, alice, whispers, monkeypatch
):
    third = create_app(name="Third").app
    grant_cross_app(app=app, target=third)
    trent = person(third, "trent")
    change = MemberChange(app=third, add=["trent"])
    change_members_across(app=app, gid=shared.pk, changes=[change])
    send_message(app=app, draft=text("alice", shared, said="one"))
    monkeypatch.setattr(reading, "APPS_TOLD_AT_MOST", 1)

    told = whispers(read(alice, "one"))

    assert [one.app_id == app.pk for one in told] == [True, False]
    assert thread(trent).peers_read_up_to == row_in(third, "one").pk


def test_within_one_app_it_costs_no_statement_more(
    app, alice, bobby, group, django_assert_num_queries
):
    send_message(app=app, draft=text("alice", "bobby", said="one"))
    send_message(app=app, draft=text("alice", group, said="two"))
    single, of_group = read(bobby, "one"), read(bobby, "two")
    place = {"conversation_id": row_in(app, "one").conversation_id}
    savepoints = 2

    with django_assert_num_queries(savepoints + 3):
        single()
    with django_assert_num_queries(savepoints + 3):
        of_group()
    with django_assert_num_queries(2):
        tell_typing(app=app, user=bobby, **place)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deleted", ["alice", "mallory"])
def test_reading_while_one_of_the_pair_is_deleted_waits_in_no_circle(
    app, other_app, granted, alice, mallory, deleted
):
    for number in range(12):
        send_message(app=app, draft=text("alice", "mallory", other_app, said=f"to {number}"))
        send_message(app=other_app, draft=text("mallory", "alice", app, said=f"fro {number}"))
    hers = [read(alice, f"fro {number}") for number in range(12)]
    theirs = [read(mallory, f"to {number}") for number in range(12)]

    def all_of(reads):
        for one in reads:
            try:
                one()
            except ImError as error:
                if error.code is not NO_SUCH_CONVERSATION:  # which is so once its reader is deleted
                    raise

    owner = app if deleted == "alice" else other_app
    at_once(
        partial(all_of, hers),
        partial(all_of, theirs),
        partial(delete_users, app=owner, usernames=[deleted]),
    )

    assert not owner.users.filter(username=deleted).exists()
