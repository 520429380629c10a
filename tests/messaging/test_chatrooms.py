"""Chatrooms: who may speak there, who hears it, and what nobody is owed."""

from dataclasses import replace
from typing import Any

import pytest

from apps.accounts.services.users import delete_users
from apps.core.errors import (
    NO_SUCH_CHATROOM,
    NO_SUCH_USER,
    SENDER_MUTED,
    SENDER_NOT_IN_CHATROOM,
    ErrorCode,
    ImError,
)
from apps.core.models import App
from apps.groups.models import Chatroom
from apps.groups.services.chatroom_members import (
    add_chatroom_members,
    leave_chatroom,
    remove_chatroom_members,
    set_chatroom_mute,
)
from apps.groups.services.chatrooms import (
    NewChatroom,
    create_chatroom,
    delete_chatroom,
    update_chatroom,
)
from apps.messaging import inbox
from apps.messaging.drafts import Draft
from apps.messaging.models import Participant
from apps.messaging.services.chatrooms import LATEST, enter
from apps.messaging.services.messages import send_message
from apps.messaging.services.retract import retract_message
from apps.messaging.sync import NOW, Place, cursor_at, place_of, read_after, read_since
from apps.realtime.reads import next_batch
from tests.messaging.conftest import say

pytestmark = pytest.mark.django_db


def text(room: Chatroom, said: str, sender: str = "alice", **more: Any) -> Draft:
    draft = Draft(
        target_type="chatroom",
        target_id=str(room.pk),
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": said},
    )
    return replace(draft, **more)


def tell(app: App, room: Chatroom, said: str, sender: str = "alice") -> int:
    return send_message(app=app, draft=text(room, said, sender)).msg_id


def refusal(app: App, draft: Draft) -> ErrorCode:
    with pytest.raises(ImError) as caught:
        send_message(app=app, draft=draft)
    assert not app.messages.said().exists()
    return caught.value.code


class TestWhoMaySpeak:
    def test_a_member_may(self, app, room, bobby):
        pk = tell(app, room, "hello", "bobby")

        message = app.messages.get(pk=pk)
        assert (message.sender, message.target_type) == (bobby, "chatroom")
        assert message.conversation == app.conversations.of_chatroom(room)

    def test_who_is_not_in_may_not(self, app, room, carol):
        assert refusal(app, text(room, "hello", "carol")) is SENDER_NOT_IN_CHATROOM

    def test_who_is_muted_may_not_until_it_is_taken_back(self, app, room):
        set_chatroom_mute(app=app, room_id=room.pk, username="bobby", muted=True)
        assert refusal(app, text(room, "hello", "bobby")) is SENDER_MUTED

        set_chatroom_mute(app=app, room_id=room.pk, username="bobby", muted=False)
        assert tell(app, room, "hello", "bobby")

    def test_who_is_muted_stays_so_by_going_and_coming_back(self, app, room, bobby):
        set_chatroom_mute(app=app, room_id=room.pk, username="bobby", muted=True)
        leave_chatroom(app=app, user=bobby, room_id=room.pk)
        enter(app=app, user=bobby, room_id=room.pk)

        assert refusal(app, text(room, "hello", "bobby")) is SENDER_MUTED

    @pytest.mark.parametrize("from_type", ["admin", "api", "console"])
    def test_the_app_s_own_voice_need_not_be_in(self, from_type, app, room, carol):
        app.users.filter(pk=carol.pk).update(is_admin=True)

        assert send_message(app=app, draft=text(room, "hello", "carol", from_type=from_type))

    def test_nobody_may_to_a_room_that_is_none(self, app, room, other_app, mallory):
        foreign = create_chatroom(
            app=other_app, new=NewChatroom(owner_username="mallory", name="theirs")
        )
        assert refusal(app, text(foreign, "hello")) is NO_SUCH_CHATROOM
        assert refusal(app, text(room, "hello", "nobody")) is NO_SUCH_USER

        delete_chatroom(app=app, room_id=room.pk)
        assert refusal(app, text(room, "hello")) is NO_SUCH_CHATROOM

    def test_the_same_key_is_stored_once(self, app, room):
        draft = text(room, "hello", idempotency_key="once")

        assert send_message(app=app, draft=draft) == send_message(app=app, draft=draft)


class TestWhoHears:
    @pytest.fixture
    def present(self, app):
        """Reads on for a user from when they came, as one who is there."""

        def read(user, cursor):
            page = read_since(app=app, user=user, cursor=cursor, limit=100)
            return [say(row) for row in page.messages], page.cursor

        return read

    def test_who_is_there_hears_what_is_said_meanwhile(self, app, room, bobby, present):
        cursor = cursor_at(app, place_of(app, NOW))
        for said in ("one", "two"):
            tell(app, room, said)

        said, cursor = present(bobby, cursor)
        tell(app, room, "three")

        assert said == ["one", "two"]
        assert present(bobby, cursor)[0] == ["three"]

    def test_who_was_away_is_owed_nothing_of_it(self, app, room, bobby, carol, present, settings):
        old = cursor_at(app, place_of(app, NOW))
        tell(app, room, "unheard")
        to_bobby = text(room, "heard", target_type="single", target_id="bobby")
        send_message(app=app, draft=to_bobby)
        settings.IM_ABSENCE_SECONDS = -1  # however short, it was too long

        assert present(bobby, old)[0] == ["heard"]
        assert present(bobby, None)[0] == ["heard"]

    def test_pages_of_what_is_owed_do_not_bring_it_in(self, app, room, bobby, heard):
        for number in range(8):
            tell(app, room, f"unheard {number}")
            to_bobby = text(room, f"heard {number}", target_type="single", target_id="bobby")
            send_message(app=app, draft=to_bobby)

        assert heard(bobby, limit=3) == [f"heard {number}" for number in range(8)]

    def test_who_reads_up_meanwhile_hears_what_is_said_while_they_do(self, app, room, bobby):
        for number in range(3):
            to_bobby = text(room, f"{number}", target_type="single", target_id="bobby")
            send_message(app=app, draft=to_bobby)
        first = read_since(app=app, user=bobby, cursor=None, limit=2)

        tell(app, room, "live")
        rest = read_since(app=app, user=bobby, cursor=first.cursor, limit=100)

        assert [say(row) for row in rest.messages] == ["2", "live"]

    def test_who_enters_gets_the_latest_and_follows_from_there(self, app, room, carol, present):
        told = [tell(app, room, f"{number}") for number in range(LATEST + 3)]
        cursor = cursor_at(app, Place.at(0))

        entered, conversation, latest = enter(app=app, user=carol, room_id=room.pk)
        tell(app, room, "next")

        assert [row.pk for row in latest] == told[3:]
        assert (entered.pk, conversation) == (room.pk, app.conversations.of_chatroom(room))
        assert present(carol, cursor)[0] == ["next"]

    def test_who_enters_again_gets_the_latest_and_hears_nothing_twice(
        self, app, room, bobby, present
    ):
        cursor = cursor_at(app, place_of(app, NOW))
        tell(app, room, "one")
        _, cursor = present(bobby, cursor)

        _, _, latest = enter(app=app, user=bobby, room_id=room.pk)

        assert [say(row) for row in latest] == ["one"]
        assert present(bobby, cursor)[0] == []

    def test_who_leaves_hears_no_more_and_nobody_is_told(self, app, room, bobby, alice, present):
        cursor = cursor_at(app, place_of(app, NOW))

        leave_chatroom(app=app, user=bobby, room_id=room.pk)
        tell(app, room, "gone")

        assert present(bobby, cursor)[0] == []
        assert present(alice, cursor)[0] == ["gone"]
        assert not bobby.participations.exists()

    def test_whom_the_app_puts_out_hears_that_and_no_more(self, app, room, bobby, alice, present):
        cursor = cursor_at(app, place_of(app, NOW))

        remove_chatroom_members(app=app, room_id=room.pk, usernames=["bobby"])
        tell(app, room, "later")

        assert present(bobby, cursor)[0] == ["remove_members"]
        assert present(alice, cursor)[0] == ["remove_members", "later"]

    def test_who_comes_back_has_one_stretch(self, app, room, bobby, present):
        remove_chatroom_members(app=app, room_id=room.pk, usernames=["bobby"])
        add_chatroom_members(app=app, room_id=room.pk, usernames=["bobby"])

        stretch = bobby.participations.get()
        assert (stretch.ends_at, stretch.live_only) == (None, True)
        assert stretch.starts_after == app.messages.end()

    def test_the_room_is_told_of_what_happens_to_it(self, app, room, bobby, present):
        cursor = cursor_at(app, place_of(app, NOW))

        update_chatroom(app=app, room_id=room.pk, changes={"name": "circle"})
        update_chatroom(app=app, room_id=room.pk, changes={"name": "circle"})  # which is no news
        update_chatroom(app=app, room_id=room.pk, changes={}, owner_username="bobby")
        set_chatroom_mute(app=app, room_id=room.pk, username="alice", muted=True)
        set_chatroom_mute(app=app, room_id=room.pk, username="alice", muted=True)
        set_chatroom_mute(app=app, room_id=room.pk, username="alice", muted=False)
        delete_chatroom(app=app, room_id=room.pk)

        assert present(bobby, cursor)[0] == [
            "update_chatroom",
            "change_owner",
            "mute_member",
            "unmute_member",
            "delete_chatroom",
        ]
        told = app.messages.order_by("pk").last()
        assert told is not None
        assert told.body["chatroom_id"] == room.pk

    def test_an_owner_who_is_deleted_is_followed_by_whom_the_room_hears_of(
        self, app, room, bobby, present
    ):
        cursor = cursor_at(app, place_of(app, NOW))

        delete_users(app=app, usernames=["alice"])

        assert present(bobby, cursor)[0] == ["change_owner"]
        assert app.chatrooms.get().owner == bobby

    def test_a_removal_of_many_is_told_in_events_of_500(self, app, room, monkeypatch, present):
        monkeypatch.setattr("apps.messaging.services.chatrooms._NAMES_AT_MOST", 2)
        names = [f"guest{number}" for number in range(5)]
        app.users.bulk_create(app.users.model(app=app, username=name) for name in names)
        add_chatroom_members(app=app, room_id=room.pk, usernames=names)

        remove_chatroom_members(app=app, room_id=room.pk, usernames=names)

        told = app.messages.filter(msg_type="event").order_by("pk")
        assert [event.body["to_username_list"] for event in told] == [
            names[:2],
            names[2:4],
            names[4:],
        ]
        ends = Participant.objects.filter(ends_at__isnull=False).order_by("user")
        assert [stretch.ends_at for stretch in ends] == [
            told[0].pk,
            told[0].pk,
            told[1].pk,
            told[1].pk,
            told[2].pk,
        ]

    def test_a_message_taken_back_is_told_and_its_body_gone_for_who_enters(
        self, app, room, bobby, carol, alice, present
    ):
        cursor = cursor_at(app, place_of(app, NOW))
        pk = tell(app, room, "oops")
        retract_message(app=app, sender=alice, msg_id=pk)

        assert present(bobby, cursor)[0] == ["oops", "retract_message"]
        _, _, (row,) = enter(app=app, user=carol, room_id=room.pk)
        assert row.retracted_at is not None


def test_who_is_in_can_look_up_what_was_said_since_they_came(app, room, carol):
    tell(app, room, "before")
    _, conversation, _ = enter(app=app, user=carol, room_id=room.pk)
    for said in ("one", "two"):
        tell(app, room, said)

    rows, has_more = inbox.history(
        app=app, user=carol, conversation_id=conversation.pk, before=None, limit=10
    )

    assert [say(row) for row in rows] == ["one", "two"]
    assert not has_more


@pytest.mark.parametrize("members", [1, 40])
def test_a_row_is_delivered_by_one_query_whatever_the_number_of_members(
    members, app, room, django_assert_num_queries
):
    names = [f"guest{number}" for number in range(members)]
    app.users.bulk_create(app.users.model(app=app, username=name) for name in names)
    add_chatroom_members(app=app, room_id=room.pk, usernames=names)
    here = set(app.users.values_list("pk", flat=True))
    position = app.messages.end()
    pk = tell(app, room, "hello")

    with django_assert_num_queries(1):
        batch = next_batch(app, position, here)

    ((row, readers),) = batch.rows
    assert (row.msg_id, set(readers)) == (pk, here)


def test_rooms_are_not_among_conversations_nor_in_a_user_s_report(app, room, bobby):
    tell(app, room, "hello")

    assert inbox.threads_of(app=app, user=bobby, limit=10) == []


def test_a_reader_of_rooms_reads_no_more_of_them_than_comes(app, room, bobby):
    """The place of a reader who is there moves past what they were never owed."""
    tell(app, room, "before")
    place = place_of(app, None)

    page = read_after(app=app, user_id=bobby.pk, place=place, limit=10)

    assert page.messages == []
    assert page.place == Place.at(app.messages.end())
