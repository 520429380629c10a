"""Whom a notification of a message is pushed to."""

from typing import Any

import pytest

from apps.accounts.services.users import disable_users
from apps.groups.services.chatrooms import NewChatroom, create_chatroom
from apps.groups.services.members import change_members
from apps.groups.services.no_disturb import NoDisturbChanges, change_no_disturb
from apps.groups.services.shields import change_shields
from apps.messaging.drafts import Draft
from apps.messaging.models import EVENT, Message
from apps.messaging.recipients import recipients_to_notify
from apps.messaging.services.messages import send_message
from apps.messaging.services.retract import retract_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(app, group):
    def send(target: str | None = None, sender: str = "alice", **more: Any) -> Message:
        draft = Draft(
            target_type="group" if target is None else "single",
            target_id=str(group.pk) if target is None else target,
            from_type="user",
            from_id=sender,
            msg_type="text",
            body={"text": "hello"},
            **more,
        )
        sent = send_message(app=app, draft=draft)
        return Message.objects.get(pk=sent.msg_id)

    return send


@pytest.fixture
def quiet(app, bobby):
    def quiet(**changes: Any) -> None:
        change_no_disturb(app=app, user=bobby, changes=NoDisturbChanges(**changes))

    return quiet


def notified(message: Message) -> list[str]:
    return [user.username for user in recipients_to_notify(message)]


def test_everyone_who_may_read_it_but_not_its_sender(app, group, carol, send):
    message = send()
    change_members(app=app, gid=group.pk, add=["carol"])

    assert notified(message) == ["bobby"]
    assert notified(send()) == ["bobby", "carol"]
    assert notified(send("carol")) == ["carol"]
    assert notified(send("alice")) == []


def test_whom_nothing_disturbs_is_not_notified(send, quiet):
    quiet(everything=True)

    assert notified(send()) == notified(send("bobby")) == []


def test_single_messages_of_a_user_and_no_others(carol, send, quiet):
    quiet(add_usernames=["alice"])

    assert notified(send("bobby")) == []
    assert notified(send("bobby", "carol")) == ["bobby"]
    assert notified(send()) == ["bobby"], "what they say in a group is the group's affair"


def test_what_is_said_in_a_group_and_nowhere_else(group, send, quiet):
    quiet(add_gids=[group.pk])

    assert notified(send()) == []
    assert notified(send("bobby")) == ["bobby"]


def test_who_shields_the_group_is_not_notified(app, group, bobby, send):
    earlier = send()
    change_shields(app=app, user=bobby, add=[group.pk])

    assert notified(earlier) == notified(send()) == []
    change_shields(app=app, user=bobby, remove=[group.pk])
    assert notified(earlier) == notified(send()) == ["bobby"]


def test_who_left_is_notified_of_what_they_may_read(app, group, send):
    earlier = send()
    change_members(app=app, gid=group.pk, remove=["bobby"])

    assert notified(earlier) == ["bobby"]
    assert notified(send()) == []


def test_the_disabled_are_not_notified(app, send):
    message = send("bobby")
    disable_users(app=app, users=app.users.filter(username="bobby"))

    assert notified(message) == []


def test_nobody_where_the_sender_asked_for_it(send):
    assert notified(send(options={"no_notification": True})) == []
    assert notified(send(options={"no_offline": True})) == []
    assert notified(send(options={"notification": {"alert": "hi"}})) == ["bobby"]


def test_nobody_for_what_is_said_in_a_chatroom(app, alice, bobby):
    new = NewChatroom(owner_username="alice", name="room", members_username=["bobby"])
    room = create_chatroom(app=app, new=new)
    draft = Draft(
        target_type="chatroom",
        target_id=str(room.pk),
        from_type="user",
        from_id="alice",
        msg_type="text",
        body={"text": "hello"},
    )
    message = Message.objects.get(pk=send_message(app=app, draft=draft).msg_id)

    assert notified(message) == []


def test_nobody_for_an_event_or_what_was_taken_back(app, alice, send):
    message = send("bobby")
    retract_message(app=app, sender=alice, msg_id=message.pk)

    assert notified(app.messages.get(pk=message.pk)) == []
    assert notified(app.messages.filter(msg_type=EVENT).first()) == []


def test_it_is_one_query(send, django_assert_num_queries):
    message = Message.objects.select_related("conversation").get(pk=send().pk)

    with django_assert_num_queries(1):
        assert notified(message) == ["bobby"]
