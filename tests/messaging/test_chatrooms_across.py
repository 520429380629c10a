"""Chatrooms with users of several apps: who is there hears what is said, each in the log of their app."""

import pytest

from apps.accounts.services.users import delete_users
from apps.core.errors import (
    CHATROOM_FULL,
    CROSS_APP_REFUSED,
    NO_SUCH_CHATROOM,
    NO_SUCH_USER,
    NOT_IN_CHATROOM,
    OWNER_STAYS,
    PARAMETER_INVALID,
    SENDER_NOT_IN_CHATROOM,
    ImError,
)
from apps.core.services.cross_app_grants import grant_cross_app
from apps.groups.models import Chatroom
from apps.groups.services.chatroom_members import (
    change_chatroom_members_across,
    enter_chatroom,
    leave_chatroom,
)
from apps.groups.services.chatrooms import NewChatroom, create_chatroom, delete_chatroom
from apps.groups.services.members import MemberChange
from apps.messaging.drafts import Draft
from apps.messaging.models import Message
from apps.messaging.services.chatrooms import enter
from apps.messaging.services.messages import send_message
from apps.messaging.services.retract import retract_message
from tests.conftest import person, session_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(app, alice, bobby):
    new = NewChatroom(owner_username="alice", name="stage", members_username=["bobby"])
    return create_chatroom(app=app, new=new)


def change(room, *changes):
    told = [MemberChange(app=app, add=add, remove=remove) for app, add, remove in changes]
    change_chatroom_members_across(app=room.app, room_id=room.pk, changes=told)
    room.refresh_from_db()


def refusal(function, *arguments, **named):
    before = Message.objects.count()
    with pytest.raises(ImError) as caught:
        function(*arguments, **named)
    assert Message.objects.count() == before
    return caught.value.code


@pytest.fixture
def shared(room, other_app, mallory):
    change(room, (other_app, ["mallory"], []))
    return room


def say(app, sender, room, said="hi", of=None, from_type="user"):
    draft = Draft(
        target_type="chatroom",
        target_id=str(room.pk),
        target_app_key=of.app_key if of else "",
        from_type=from_type,
        from_id=sender,
        msg_type="text",
        body={"text": said},
    )
    return send_message(app=app, draft=draft)


def rows(app):
    return list(app.messages.order_by("pk").filter(target_type="chatroom"))


def latest(user, room):
    _room, _conversation, messages = enter(app=user.app, user=user, room_id=room.pk)
    return [message.body["text"] for message in messages]


def test_what_is_said_stands_in_both_logs_from_then_on(app, other_app, alice, mallory, room):
    say(app, "alice", room, "before")
    change(room, (other_app, ["mallory"], []))
    say(app, "alice", room, "one")
    say(other_app, "mallory", room, "two", of=app)
    say(other_app, "mallory", room, "three")

    assert [row.body["text"] for row in rows(app)] == ["before", "one", "two", "three"]
    assert [row.body["text"] for row in rows(other_app)] == ["one", "two", "three"]
    assert latest(mallory, room) == ["one", "two", "three"]
    ours, theirs = rows(app)[-1], rows(other_app)[-1]
    assert ours.origin_id == theirs.origin_id == theirs.pk
    assert (ours.from_app_key, theirs.target_app_key) == (other_app.app_key, app.app_key)


def test_a_room_within_one_app_spans_none(app, alice, bobby, room):
    say(app, "alice", room)

    assert not Chatroom.objects.get(pk=room.pk).spans_apps
    assert rows(app)[0].origin_id is None


def test_members_come_and_go_all_of_them_or_none(app, other_app, carol, mallory, room):
    person(other_app, "oscar")
    change(room, (other_app, ["mallory", "oscar"], []), (app, ["carol", "bobby"], []))
    assert room.member_count == 5

    assert refusal(change, room, (other_app, [], ["mallory", "nobody"])) is NO_SUCH_USER
    assert refusal(change, room, (app, [], ["alice"])) is OWNER_STAYS
    assert refusal(change, room, (app, ["carol"], ["carol"])) is PARAMETER_INVALID
    change(room, (other_app, [], ["mallory"]), (app, [], ["carol"]))
    assert refusal(change, room, (other_app, [], ["mallory"])) is NOT_IN_CHATROOM
    assert room.member_count == 3
    Chatroom.objects.filter(pk=room.pk).update(max_members=3)
    assert refusal(change, room, (other_app, ["mallory"], [])) is CHATROOM_FULL
    assert [row.body["event_type"] for row in rows(other_app)] == ["remove_members"]
    assert set(rows(other_app)[0].body["to_appkey_list"]) == {app.app_key, other_app.app_key}


def test_who_is_not_in_it_needs_a_grant_and_may_not_speak_for_themselves(
    app, other_app, mallory, room
):
    person(other_app, "oscar", is_admin=True)
    assert refusal(say, other_app, "oscar", room, of=app) is CROSS_APP_REFUSED
    assert refusal(say, other_app, "oscar", room) is NO_SUCH_CHATROOM

    grant_cross_app(app=other_app, target=app)
    assert refusal(say, other_app, "oscar", room, of=app) is SENDER_NOT_IN_CHATROOM
    say(other_app, "oscar", room, of=app, from_type="admin")
    assert [row.body["text"] for row in rows(app)] == ["hi"]
    assert len(rows(other_app)) == 1


def test_somebody_of_another_app_stays_by_entering_and_leaves_by_themselves(
    app, other_app, mallory, shared
):
    assert enter_chatroom(app=other_app, user=mallory, room_id=shared.pk) == shared

    leave_chatroom(app=other_app, user=mallory, room_id=shared.pk)

    say(app, "alice", shared)
    assert rows(other_app) == []
    assert refusal(enter_chatroom, app=other_app, user=mallory, room_id=shared.pk) is (
        NO_SUCH_CHATROOM
    )


def test_retracting_and_deleting_reach_both_logs(app, other_app, alice, mallory, shared):
    sent = say(app, "alice", shared)
    retract_message(app=app, sender=alice, msg_id=sent.msg_id)
    delete_chatroom(app=app, room_id=shared.pk)

    for each in (app, other_app):
        said, retracted, deleted = rows(each)
        assert said.retracted_at is not None
        assert retracted.body["event_type"] == "retract_message"
        assert deleted.body["event_type"] == "delete_chatroom"


def test_an_owner_who_is_deleted_is_followed_by_one_of_the_rooms_app(
    app, other_app, alice, bobby, shared
):
    change(shared, (app, [], ["bobby"]))
    change(shared, (app, ["bobby"], []))  # mallory has been in it longer now

    delete_users(app=app, usernames=["alice"])

    shared.refresh_from_db()
    assert shared.owner == bobby
    assert rows(other_app)[-1].body["event_type"] == "change_owner"
    delete_users(app=other_app, usernames=["mallory"])
    shared.refresh_from_db()
    assert shared.member_count == 1


def test_a_client_sees_the_rooms_of_other_apps_that_they_are_in(app, other_app, mallory, shared):
    client = session_of(mallory)

    (listed,) = client.call("get", "/client/v1/me/chatrooms").json()["rooms"]
    assert (listed["id"], listed["appkey"]) == (shared.pk, app.app_key)
    members = client.call("get", f"/client/v1/chatrooms/{shared.pk}/members").json()["users"]
    assert [row.get("appkey") for row in members] == [app.app_key, app.app_key, None]
    assert client.call("post", f"/client/v1/chatrooms/{shared.pk}/enter").status_code == 200
