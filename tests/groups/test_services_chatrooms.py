"""Chatrooms: created, changed, deleted; who is in them, and how many."""

import pytest

from apps.accounts.services.users import delete_users
from apps.core.errors import (
    CHATROOM_FULL,
    NO_SUCH_CHATROOM,
    NO_SUCH_USER,
    NOT_IN_CHATROOM,
    OWNER_NOT_IN_CHATROOM,
    OWNER_STAYS,
    TOO_MANY_CHATROOMS,
    ImError,
)
from apps.groups.models import Chatroom
from apps.groups.services.chatroom_members import (
    add_chatroom_members,
    enter_chatroom,
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
from tests.conftest import refused

pytestmark = pytest.mark.django_db


def create(app, owner="alice", *members, **more):
    new = NewChatroom(owner_username=owner, name="square", members_username=members, **more)
    return create_chatroom(app=app, new=new)


def names(room):
    return [member.user.username for member in room.members.in_list_order()]


def counted(room):
    """The number told of the room; it must be that of its members."""
    fresh = Chatroom.objects.get(pk=room.pk)
    assert fresh.member_count == fresh.members.count()
    return fresh.member_count


class TestCreating:
    def test_the_owner_is_in_whether_or_not_listed(self, app, alice, bobby, settings):
        settings.IM_CHATROOM_MAX_MEMBERS = 7

        room = create(app, "alice", "bobby", description="talk")

        assert names(room) == ["alice", "bobby"]
        assert counted(room) == 2
        assert (room.owner, room.name, room.description) == (alice, "square", "talk")
        assert room.max_members == 7
        assert room.pk >= 10**7

    def test_unknown_people_refuse_it(self, app, alice):
        assert refused(create, app=app, owner="nobody") is NO_SUCH_USER
        assert not app.chatrooms.exists()

    def test_too_many_people_refuse_it(self, app, alice, bobby, settings):
        settings.IM_CHATROOM_MAX_MEMBERS = 1

        with pytest.raises(ImError) as caught:
            create(app, "alice", "bobby")

        assert caught.value.code is CHATROOM_FULL
        assert not app.chatrooms.exists()


class TestChanging:
    def test_what_is_given_is_set(self, app, room):
        update_chatroom(app=app, room_id=room.pk, changes={"description": "quiet"})

        fresh = app.chatrooms.get()
        assert (fresh.name, fresh.description) == ("square", "quiet")

    def test_a_member_can_be_made_the_owner(self, app, room, bobby):
        update_chatroom(app=app, room_id=room.pk, changes={}, owner_username="bobby")

        assert app.chatrooms.get().owner == bobby

    def test_nobody_else_can_and_nothing_is_changed_then(self, app, room, carol):
        change = {"app": app, "room_id": room.pk, "changes": {"name": "circle"}}

        assert refused(update_chatroom, **change, owner_username="carol") is OWNER_NOT_IN_CHATROOM
        assert refused(update_chatroom, **change, owner_username="nobody") is NO_SUCH_USER
        assert app.chatrooms.get().name == "square"

    def test_one_that_is_deleted_is_gone_but_for_its_history(self, app, room):
        delete_chatroom(app=app, room_id=room.pk)

        assert refused(delete_chatroom, app=app, room_id=room.pk) is NO_SUCH_CHATROOM
        assert not app.chatrooms.standing().exists()
        assert app.chatrooms.ever_by_room_id(room.pk) == room
        assert counted(room) == 0


class TestMembers:
    def test_who_is_added_comes_after_the_others(self, app, room, carol):
        add_chatroom_members(app=app, room_id=room.pk, usernames=["carol", "bobby"])

        assert names(room) == ["alice", "bobby", "carol"]
        assert counted(room) == 3

    def test_all_or_none_are_added(self, app, room, carol):
        call = {"app": app, "room_id": room.pk, "usernames": ["carol", "nobody"]}

        assert refused(add_chatroom_members, **call) is NO_SUCH_USER
        assert counted(room) == 2

    def test_a_room_is_full_at_its_size(self, app, room, carol):
        app.chatrooms.update(max_members=2)
        call = {"app": app, "room_id": room.pk}

        assert refused(add_chatroom_members, **call, usernames=["carol"]) is CHATROOM_FULL
        assert refused(enter_chatroom, **call, user=carol) is CHATROOM_FULL
        enter_chatroom(app=app, room_id=room.pk, user=app.users.get(username="bobby"))
        assert counted(room) == 2

    def test_one_user_may_be_in_so_many(self, app, room, bobby, settings):
        settings.IM_CHATROOMS_PER_USER = 1

        with pytest.raises(ImError) as caught:
            create(app, "bobby")

        assert caught.value.code is TOO_MANY_CHATROOMS
        assert app.chatrooms.count() == 1

    def test_all_or_none_are_removed(self, app, room, carol):
        call = {"app": app, "room_id": room.pk}

        assert (
            refused(remove_chatroom_members, **call, usernames=["bobby", "carol"])
            is NOT_IN_CHATROOM
        )
        assert refused(remove_chatroom_members, **call, usernames=["bobby", "nobody"]) is (
            NO_SUCH_USER
        )
        assert counted(room) == 2

        remove_chatroom_members(**call, usernames=["bobby"])
        assert names(room) == ["alice"]
        assert counted(room) == 1

    def test_the_owner_stays(self, app, room, alice):
        call = {"app": app, "room_id": room.pk}

        assert refused(remove_chatroom_members, **call, usernames=["alice"]) is OWNER_STAYS
        assert refused(leave_chatroom, **call, user=alice) is OWNER_STAYS

    def test_users_enter_and_leave_by_themselves(self, app, room, carol):
        enter_chatroom(app=app, user=carol, room_id=room.pk)
        enter_chatroom(app=app, user=carol, room_id=room.pk)
        assert names(room) == ["alice", "bobby", "carol"]

        leave_chatroom(app=app, user=carol, room_id=room.pk)
        assert refused(leave_chatroom, app=app, user=carol, room_id=room.pk) is NOT_IN_CHATROOM
        assert counted(room) == 2

    def test_another_app_s_room_is_absent(self, app, room, other_app, mallory):
        assert (
            refused(enter_chatroom, app=other_app, user=mallory, room_id=room.pk)
            is NO_SUCH_CHATROOM
        )

    def test_who_is_muted_is_told_in_the_list(self, app, room):
        set_chatroom_mute(app=app, room_id=room.pk, username="bobby", muted=True)

        muted = {member.user.username: member.muted for member in room.members.in_list_order()}
        assert muted == {"alice": False, "bobby": True}

    def test_who_is_not_in_cannot_be_muted(self, app, room, carol):
        call = {"app": app, "room_id": room.pk, "username": "carol"}

        assert refused(set_chatroom_mute, **call, muted=True) is NOT_IN_CHATROOM
        assert refused(set_chatroom_mute, **call, muted=False) is NOT_IN_CHATROOM

    def test_a_mute_can_be_taken_back_of_who_has_left(self, app, room, bobby):
        set_chatroom_mute(app=app, room_id=room.pk, username="bobby", muted=True)
        leave_chatroom(app=app, user=bobby, room_id=room.pk)

        set_chatroom_mute(app=app, room_id=room.pk, username="bobby", muted=False)

        assert not room.mutes.exists()


class TestDeletedUsers:
    def test_they_leave_their_rooms(self, app, room):
        delete_users(app=app, usernames=["bobby"])

        assert names(room) == ["alice"]
        assert counted(room) == 1

    def test_a_room_passes_to_who_has_been_there_longest(self, app, room, bobby, carol):
        add_chatroom_members(app=app, room_id=room.pk, usernames=["carol"])

        delete_users(app=app, usernames=["alice"])

        assert app.chatrooms.get().owner == bobby
        assert counted(room) == 2

    def test_an_empty_room_stays_without_an_owner(self, app, room, carol):
        delete_users(app=app, usernames=["alice", "bobby"])

        assert app.chatrooms.standing().get().owner is None
        assert counted(room) == 0
        enter_chatroom(app=app, user=carol, room_id=room.pk)
        assert counted(room) == 1
