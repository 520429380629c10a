"""Whom a push service is to notify: those who are not there, and want to know."""

import pytest

from apps.accounts.services.presence import beat, connect
from apps.accounts.services.sessions import open_session
from apps.accounts.services.users import disable_users
from apps.groups.services.groups import NewGroup, create_group
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from apps.webhooks import pushes
from tests.conftest import person
from tests.console.conftest import say
from tests.webhooks.conftest import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(make):
    return make("push")


def told(receiver) -> list[tuple[int, list[str]]]:
    """Each message, and whom to notify of it."""
    return [
        (push["msg"]["msgid"], [who["username"] for who in push["recipients"]])
        for received in receiver.received
        for push in received.body["pushes"]
    ]


def come_online(user) -> None:
    open_session(app=user.app, user=user, platform="j", device_id="")
    session = user.sessions.order_by("-pk")[0]
    connect(session_ids=[session.pk], gateway_id=beat(gateway="here"))


def with_options(app, **options) -> int:
    draft = Draft(
        target_type="single",
        target_id="bobby",
        from_type="user",
        from_id="alice",
        msg_type="text",
        body={"text": "hello"},
        options=options,
    )
    return send_message(app=app, draft=draft).msg_id


@pytest.mark.usefixtures("endpoint", "alice", "bobby")
class TestPushes:
    def test_are_for_the_one_who_is_away_with_their_devices(self, app, bobby, receiver):
        open_session(app=app, user=bobby, platform="i", device_id="phone")
        open_session(app=app, user=bobby, platform="j", device_id="")
        msg_id = say(app, "alice", "bobby")

        work()

        (received,) = receiver.received
        assert received.body["total"] == 1
        (push,) = received.body["pushes"]
        assert push["msg"]["msgid"] == msg_id
        assert push["notification"] == {}
        assert push["recipients"] == [
            {
                "username": "bobby",
                "devices": [
                    {"platform": "i", "device_id": "phone"},
                    {"platform": "j", "device_id": ""},
                ],
            }
        ]

    def test_carry_the_notification_of_the_message(self, app, receiver):
        with_options(app, notification={"title": "Post", "alert": "Alice wrote"})

        work()

        assert receiver.received[0].body["pushes"][0]["notification"] == {
            "title": "Post",
            "alert": "Alice wrote",
        }

    def test_are_not_for_who_is_connected(self, app, bobby, receiver, endpoint):
        come_online(bobby)
        msg_id = say(app, "alice", "bobby")

        work()

        assert receiver.received == []
        endpoint.refresh_from_db()
        assert endpoint.position == msg_id
        assert not endpoint.deliveries.all()

    def test_are_not_for_messages_that_ask_for_none(self, app, receiver):
        with_options(app, no_notification=True)

        work()

        assert receiver.received == []

    def test_are_not_for_the_disabled_nor_for_who_wants_quiet(self, app, bobby, receiver):
        carol, dave = person(app, "carol"), person(app, "dave")
        disable_users(app=app, users=app.users.filter(pk=carol.pk))
        app.users.filter(pk=dave.pk).update(no_disturb=True)
        for name in ("carol", "dave", "bobby"):
            say(app, "alice", name)

        work()

        assert [names for _, names in told(receiver)] == [["bobby"]]

    def test_of_a_group_are_for_all_who_are_away_but_the_sender(self, app, alice, receiver, group):
        carol = person(app, "carol")
        trio = create_group(
            app=app,
            new=NewGroup(owner_username="alice", name="trio", members_username=["bobby", "carol"]),
        )
        come_online(carol)
        msg_id = say(app, "alice", trio)

        work()

        assert told(receiver) == [(msg_id, ["bobby"])]

    def test_of_members_who_shield_a_group_or_want_quiet_there_are_none(self, app, receiver, group):
        quiet = group.members.get(user__username="bobby")
        quiet.no_disturb = True
        quiet.save()
        say(app, "alice", group)

        work()

        assert receiver.received == []

    def test_with_many_recipients_are_parted(self, app, receiver, group, monkeypatch):
        monkeypatch.setattr(pushes, "_TOGETHER", 2)
        names = [f"person{place}" for place in range(5)]
        for name in names:
            person(app, name)
        crowd = create_group(
            app=app, new=NewGroup(owner_username="alice", name="crowd", members_username=names)
        )
        msg_id = say(app, "alice", crowd)

        work()

        assert told(receiver) == [
            (msg_id, names[:2]),
            (msg_id, names[2:4]),
            (msg_id, names[4:]),
        ]
        assert receiver.received[0].body["total"] == 3

    def test_leave_out_who_came_online_before_the_next_try(self, app, bobby, receiver, endpoint):
        receiver.answer = lambda _: 500
        say(app, "alice", "bobby")
        work()
        come_online(bobby)
        endpoint.next_attempt_at = None
        endpoint.save(update_fields=["next_attempt_at"])
        work()

        assert len(receiver.received) == 1
        assert not endpoint.deliveries.all()

    def test_of_many_messages_that_nobody_misses_are_gone_over(
        self, app, bobby, receiver, endpoint
    ):
        come_online(bobby)
        for _ in range(45):
            say(app, "alice", "bobby")
        carol = person(app, "carol")
        last = say(app, "alice", carol.username)

        work()

        assert told(receiver) == [(last, ["carol"])]
