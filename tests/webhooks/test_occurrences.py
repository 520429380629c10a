"""Users who come and go: noted in the transaction of the change, told in order."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Connection, Gateway
from apps.accounts.services.presence import beat, connect
from apps.accounts.services.users import (
    Registration,
    delete_users,
    disable_users,
    enable_users,
    register_users,
)
from apps.webhooks.models import Occurrence
from apps.webhooks.services import deliveries, occurrences
from apps.webhooks.services.endpoints import pause_endpoint
from tests.conftest import PASSWORD, person, session_of
from tests.console.conftest import say
from tests.webhooks.conftest import due_again, work

pytestmark = pytest.mark.django_db


def told(receiver) -> list[tuple[str, list[str]]]:
    """What happened, and to whom, of all that came."""
    return [
        (event["event"], event["usernames"])
        for received in receiver.received
        for event in received.body["events"]
    ]


class TestUsers:
    def test_are_told_as_they_come_and_go(self, app, make, receiver):
        make("events")
        person(app, "carol")
        disable_users(app=app, users=app.users.filter(username="carol"))
        enable_users(app=app, users=app.users.filter(username="carol"))
        delete_users(app=app, usernames=["carol"])

        work()

        assert told(receiver) == [
            ("users_registered", ["carol"]),
            ("users_disabled", ["carol"]),
            ("users_enabled", ["carol"]),
            ("users_deleted", ["carol"]),
        ]
        (received,) = receiver.received
        assert received.body["total"] == 4
        now = timezone.now().timestamp() * 1000
        assert all(abs(event["time"] - now) < 60_000 for event in received.body["events"])
        assert not Occurrence.objects.all()

    def test_of_a_batch_are_told_together_a_hundred_at_a_time(self, app, make, receiver):
        make("events")
        names = [f"person{place:03}" for place in range(120)]
        register_users(
            app=app,
            registrations=[Registration(username=name, password=PASSWORD) for name in names],
        )

        work()

        assert told(receiver) == [
            ("users_registered", names[:100]),
            ("users_registered", names[100:]),
        ]

    def test_whose_registration_is_undone_are_not_told(self, app, make, receiver):
        make("events")
        with transaction.atomic():
            person(app, "carol")
            transaction.set_rollback(True)

        work()

        assert receiver.received == []

    def test_of_other_apps_are_not_told_and_other_kinds_are_told_nothing(
        self, app, other_app, make, receiver
    ):
        make("events", app=other_app)
        make("messages")
        make("push")
        person(app, "carol")

        work()

        assert receiver.received == []
        assert not Occurrence.objects.all()

    def test_that_could_not_be_told_are_told_again(self, app, make, receiver):
        endpoint = make("events")
        receiver.answer = lambda _: 500
        person(app, "carol")
        work()
        person(app, "dave")
        receiver.answer = lambda _: 200
        due_again(endpoint)
        work()

        assert told(receiver) == [
            ("users_registered", ["carol"]),
            ("users_registered", ["carol"]),
            ("users_registered", ["dave"]),
        ]

    def test_that_were_given_up_can_be_told_once_more(self, app, make, receiver, settings):
        settings.IM_WEBHOOK_ATTEMPTS = 1
        endpoint = make("events")
        receiver.answer = lambda _: 500
        person(app, "carol")
        work()
        receiver.answer = lambda _: 200
        deliveries.try_again(delivery=endpoint.deliveries.get())
        work()

        assert told(receiver)[1:] == [("users_registered", ["carol"])]
        assert endpoint.deliveries.get().state == "delivered"

    def test_that_waited_too_long_are_forgotten(self, app, make):
        pause_endpoint(endpoint=make("events"))
        person(app, "carol")
        assert not occurrences.forget_old()
        Occurrence.objects.update(happened_at=timezone.now() - timedelta(days=31))

        assert occurrences.forget_old()
        assert not Occurrence.objects.all()

    def test_messages_are_not_for_them(self, app, make, receiver, alice):
        endpoint = make("events")
        say(app, "alice", "alice")

        work()

        assert receiver.received == []
        assert not endpoint.deliveries.all()


class TestPresence:
    @pytest.fixture
    def gateway(self):
        return beat(gateway="here")

    def come(self, user, gateway):
        session_of(user)
        connect(session_ids=[user.sessions.order_by("-pk")[0].pk], gateway_id=gateway)

    def test_is_told_once_of_who_comes_and_who_goes(
        self, app, alice, bobby, make, receiver, gateway
    ):
        make("events", presence=True)
        for user in (alice, alice, bobby):
            self.come(user, gateway)
        occurrences.note_presence()
        occurrences.note_presence()
        Connection.objects.filter(session__user=bobby).delete()
        one_of_two = Connection.objects.filter(session__user=alice)[:1]
        Connection.objects.filter(pk__in=list(one_of_two.values_list("pk", flat=True))).delete()
        occurrences.note_presence()

        work()

        assert told(receiver) == [
            ("users_online", ["alice", "bobby"]),
            ("users_offline", ["bobby"]),
        ]

    def test_of_a_gateway_that_is_gone_is_gone(self, alice, make, receiver, gateway):
        make("events", presence=True)
        self.come(alice, gateway)
        occurrences.note_presence()
        Gateway.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
        occurrences.note_presence()

        work()

        assert told(receiver) == [("users_online", ["alice"]), ("users_offline", ["alice"])]

    def test_of_users_who_are_deleted_ends(self, app, alice, make, receiver, gateway):
        make("events", presence=True)
        self.come(alice, gateway)
        occurrences.note_presence()
        delete_users(app=app, usernames=["alice"])
        occurrences.note_presence()

        work()

        assert told(receiver) == [
            ("users_online", ["alice"]),
            ("users_deleted", ["alice"]),
            ("users_offline", ["alice"]),
        ]

    def test_is_told_only_where_it_is_wanted_and_of_one_s_own_users(
        self, app, other_app, alice, make, receiver, gateway
    ):
        make("events")
        make("events", presence=True, app=other_app)
        self.come(alice, gateway)

        occurrences.note_presence()

        assert not Occurrence.objects.all()
