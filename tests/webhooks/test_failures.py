"""When a receiver fails: again after pauses, given up at last, paused when dead; the others don't notice."""

import pytest

from apps.webhooks import batches
from apps.webhooks.models import Delivery, DeliveryState, PauseReason
from apps.webhooks.services import deliveries
from apps.webhooks.services.endpoints import (
    resume_endpoint,
)
from tests.console.conftest import say
from tests.webhooks.conftest import due_again, states, work

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("alice", "bobby")
class TestFailures:
    @pytest.fixture
    def refusing(self, receiver):
        receiver.answer = lambda _: 500
        receiver.answer_body = b"no\0\n disk"

    @pytest.mark.usefixtures("refusing")
    def test_are_noted_and_tried_again_after_a_pause_with_the_same_rows(self, app, make, receiver):
        endpoint = make()
        first = say(app, "alice", "bobby")
        work()
        second = say(app, "alice", "bobby")
        work()

        (delivery,) = endpoint.deliveries.all()
        assert (delivery.state, delivery.attempts, delivery.status) == ("pending", 1, 500)
        assert (delivery.problem, delivery.detail) == ("refused", "no disk")
        assert receiver.ids == [first]

        receiver.answer = lambda _: 200
        due_again(endpoint)
        work()

        assert receiver.ids == [first, first, second]
        assert [received.headers["x-im-attempt"] for received in receiver.received] == [
            "1",
            "2",
            "1",
        ]
        assert states(endpoint) == ["delivered", "delivered"]

    @pytest.mark.usefixtures("refusing")
    def test_are_waited_for_longer_each_time(self, app, make):
        endpoint = make()
        say(app, "alice", "bobby")
        pauses = []
        for _ in range(5):
            due_again(endpoint)
            work()
            endpoint.refresh_from_db()
            assert endpoint.next_attempt_at is not None
            assert endpoint.attempted_at is not None
            pauses.append(round((endpoint.next_attempt_at - endpoint.attempted_at).total_seconds()))

        assert pauses == [1, 2, 4, 8, 16]

    @pytest.mark.parametrize(
        ("status", "headers"), [(301, {"Location": "/elsewhere"}), (404, {}), (503, {})]
    )
    def test_are_whatever_is_no_2xx_and_redirects_lead_nowhere(
        self, app, make, receiver, status, headers
    ):
        receiver.answer = lambda _: status
        receiver.answer_headers = headers
        endpoint = make()
        say(app, "alice", "bobby")

        work()

        assert [received.path for received in receiver.received] == ["/hook"]
        assert endpoint.deliveries.get().status == status

    def test_are_also_no_answer_in_time(self, app, make, receiver, settings):
        settings.IM_WEBHOOK_TIMEOUT_SECONDS = 0.2
        receiver.answer = lambda _: receiver.server.done.wait(5) or 200
        endpoint = make()
        say(app, "alice", "bobby")

        try:
            work()
        finally:
            receiver.server.done.set()

        assert endpoint.deliveries.get().problem == "late"

    def test_are_also_no_listener(self, app, make, receiver):
        endpoint = make(url="http://127.0.0.1:1/")
        say(app, "alice", "bobby")

        work()

        delivery = endpoint.deliveries.get()
        assert delivery.status is None
        assert delivery.problem == "unreachable"
        assert "ConnectError" in delivery.detail

    @pytest.mark.usefixtures("refusing")
    def test_end_in_giving_up_and_going_on(self, app, make, receiver, settings):
        settings.IM_WEBHOOK_ATTEMPTS = 2
        endpoint = make()
        first = say(app, "alice", "bobby")
        work()
        due_again(endpoint)
        work()
        second = say(app, "alice", "bobby")
        receiver.answer = lambda _: 200
        work()

        assert receiver.ids == [first, first, second]
        assert states(endpoint) == ["parked", "delivered"]
        endpoint.refresh_from_db()
        assert endpoint.position == second

    @pytest.mark.usefixtures("refusing")
    def test_one_after_another_pause_the_endpoint_and_nothing_is_lost(
        self, app, make, receiver, settings
    ):
        settings.IM_WEBHOOK_ATTEMPTS = 1
        settings.IM_WEBHOOK_BATCH = 1
        endpoint = make()
        ids = [say(app, "alice", "bobby") for _ in range(5)]

        work()

        endpoint.refresh_from_db()
        assert endpoint.paused_because == PauseReason.FAILURES
        assert states(endpoint) == ["parked"] * 3
        receiver.answer = lambda _: 200
        receiver.received.clear()
        resume_endpoint(endpoint=endpoint)
        for parked in endpoint.deliveries.all():
            assert deliveries.try_again(delivery=parked)
        work()
        assert receiver.ids == ids

    @pytest.mark.usefixtures("refusing")
    def test_of_what_is_tried_again_leave_it_given_up(self, app, make, receiver, settings):
        settings.IM_WEBHOOK_ATTEMPTS = 1
        endpoint = make()
        say(app, "alice", "bobby")
        work()
        (parked,) = endpoint.deliveries.all()

        assert deliveries.try_again(delivery=parked)
        assert not deliveries.try_again(delivery=parked)
        work()

        parked.refresh_from_db()
        assert (parked.state, parked.attempts) == (DeliveryState.PARKED, 2)

    def test_to_make_a_body_put_one_endpoint_off_and_leave_the_others(
        self, app, other_app, make, receiver, mallory, monkeypatch, caplog
    ):
        broken = make()
        make(app=other_app)
        say(app, "alice", "bobby")
        msg_id = say(other_app, "mallory", "mallory")
        real = batches.body_of

        def breaking(delivery: Delivery) -> bytes | None:
            if delivery.endpoint_id == broken.pk:
                raise ValueError("unthinkable")
            return real(delivery)

        monkeypatch.setattr(batches, "body_of", breaking)
        work()

        assert receiver.ids == [msg_id]
        assert "can't be told what is next" in caplog.text
        broken.refresh_from_db()
        assert broken.next_attempt_at is not None
