"""A shield: from there on one is told the events of a group alone, over every way of following."""

import pytest

from apps.core.errors import SHIELD_NO_SUCH_GROUP, ImError
from apps.groups.services.groups import dissolve_group
from apps.groups.services.members import change_members
from apps.groups.services.shields import change_shields
from apps.messaging import inbox
from apps.messaging.drafts import Draft
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message
from apps.messaging.sync import read_since
from apps.realtime import reads
from tests.messaging.conftest import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def tell(app, group):
    def tell(said: str, sender: str = "alice") -> int:
        draft = Draft(
            target_type="group",
            target_id=str(group.pk),
            from_type="user",
            from_id=sender,
            msg_type="text",
            body={"text": said},
        )
        return send_message(app=app, draft=draft).msg_id

    return tell


@pytest.fixture
def shield(app, group, bobby):
    def shield(on: bool = True) -> None:
        gids = [group.pk]
        change_shields(app=app, user=bobby, **({"add": gids} if on else {"remove": gids}))

    return shield


def offered(app, user) -> list[str]:
    """What a connection of the user's would have been offered."""
    rows = reads.next_batch(app, 0, [user.pk]).rows
    ids = [row.msg_id for row, readers in rows if user.pk in readers]
    known = Message.objects.in_bulk(ids)
    return [say(known[pk]) for pk in ids]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_what_is_said_meanwhile_is_never_told(app, alice, bobby, heard, tell, shield, limit):
    tell("before")
    shield()
    tell("unheard")
    shield(False)
    tell("after")

    expected = ["create_group", "before", "shield_group", "unshield_group", "after"]
    assert heard(bobby, limit) == offered(app, bobby) == expected
    assert heard(alice) == ["create_group", "before", "unheard", "after"]


def test_a_cursor_reads_the_same_before_and_after_the_shield_ends(app, bobby, tell, shield):
    shield()
    start = read_since(app=app, user=bobby, cursor=None, limit=100).cursor
    tell("unheard")
    assert read_since(app=app, user=bobby, cursor=start, limit=100).messages == []
    shield(False)

    later = read_since(app=app, user=bobby, cursor=start, limit=100).messages

    assert [say(row) for row in later] == ["unshield_group"]


def test_what_happens_to_the_group_is_told_all_the_same(
    app, group, carol, bobby, heard, tell, shield
):
    shield()
    change_members(app=app, gid=group.pk, add=["carol"])
    tell("unheard")
    dissolve_group(app=app, gid=group.pk)

    expected = ["create_group", "shield_group", "add_members", "dissolve_group"]
    assert heard(bobby) == offered(app, bobby) == expected


def test_who_leaves_and_comes_back_hears_again(app, group, bobby, heard, tell, shield):
    shield()
    tell("unheard")
    change_members(app=app, gid=group.pk, remove=["bobby"])
    change_members(app=app, gid=group.pk, add=["bobby"])
    tell("heard")

    expected = ["create_group", "shield_group", "remove_members", "add_members", "heard"]
    assert heard(bobby) == offered(app, bobby) == expected


def test_back_and_forth_loses_and_doubles_nothing(app, bobby, heard, tell, shield):
    expected = ["create_group"]
    for number in range(4):
        tell(f"heard {number}")
        shield()
        tell(f"unheard {number}")
        shield(False)
        expected += [f"heard {number}", "shield_group", "unshield_group"]

    assert heard(bobby) == heard(bobby, 1) == offered(app, bobby) == expected


def test_the_history_still_has_what_was_said(app, group, bobby, tell, shield):
    shield()
    tell("unheard")
    conversation = app.conversations.of_group(group)

    rows, has_more = inbox.history(
        app=app, user=bobby, conversation_id=conversation.pk, before=None, limit=10
    )

    assert [say(row) for row in rows] == ["create_group", "unheard"]
    assert not has_more


class TestTheList:
    def thread(self, app, user) -> inbox.Thread:
        (thread,) = inbox.threads_of(app=app, user=user, limit=10)
        return thread

    def test_it_shows_what_was_told_last_and_counts_nothing_since(
        self, app, group, carol, bobby, tell, shield
    ):
        tell("before")
        assert not self.thread(app, bobby).shielded
        shield()
        tell("unheard")

        shielded = self.thread(app, bobby)
        assert shielded.shielded
        assert shielded.open
        assert (say(shielded.last_message), shielded.unread) == ("before", 0)

        change_members(app=app, gid=group.pk, add=["carol"])
        tell("unheard too")
        assert say(self.thread(app, bobby).last_message) == "add_members"

    def test_it_counts_on_from_where_the_shield_ended(self, app, bobby, tell, shield):
        shield()
        tell("unheard")
        shield(False)
        tell("heard")

        thread = self.thread(app, bobby)
        assert not thread.shielded
        assert (say(thread.last_message), thread.unread) == ("heard", 1)

    def test_who_has_left_shields_nothing_any_more(self, app, group, bobby, tell, shield):
        shield()
        tell("unheard")
        change_members(app=app, gid=group.pk, remove=["bobby"])

        thread = self.thread(app, bobby)
        assert (thread.open, thread.shielded) == (False, False)
        assert say(thread.last_message) == "remove_members"


def test_who_shields_a_group_is_not_told_who_is_typing_there(app, group, alice, bobby, shield):
    conversation = app.conversations.of_group(group)
    both = [alice.pk, bobby.pk]
    assert reads.members_of(conversation.pk, both) == {alice.pk, bobby.pk}

    shield()

    assert reads.members_of(conversation.pk, both) == {alice.pk}


def test_own_words_are_said_from_behind_a_shield(app, alice, heard, tell, shield):
    shield()
    tell("from bobby", "bobby")

    assert heard(alice) == ["create_group", "from bobby"]


def test_a_member_of_another_app_shields_in_the_log_of_their_own(
    app, group, other_app, mallory, tell
):
    change_members(app=app, gid=group.pk, add=["mallory"], of=other_app)
    tell("heard")
    change_shields(app=other_app, user=mallory, add=[group.pk])
    tell("unheard")

    page = read_since(app=other_app, user=mallory, cursor=None, limit=10)

    assert [say(row) for row in page.messages] == ["add_members", "heard", "shield_group"]


def test_a_group_of_another_app_that_one_is_not_in_is_no_group(group, other_app, mallory):
    with pytest.raises(ImError) as caught:
        change_shields(app=other_app, user=mallory, add=[group.pk])

    assert caught.value.code is SHIELD_NO_SUCH_GROUP
