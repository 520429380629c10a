"""The long-poll: a sync that waits for a message."""

import threading
import time
from typing import Any

import pytest

from apps.messaging import bells
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from apps.messaging.sync import Place, cursor_at, place_of
from apps.messaging.waiting import PARK, TAKEN_UP, Parked
from tests.threads import PATIENCE, Session

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/users/bobby/sync"
SOON = 15.0  # seconds: far less than the waits below, far more than a message takes


@pytest.fixture(autouse=True)
def the_bell_alone_wakes(settings):
    settings.IM_SAFETY_SECONDS = 60


def send(app, said: str = "hi", target: str = "bobby") -> None:
    draft = Draft(
        target_type="single",
        target_id=target,
        from_type="user",
        from_id="alice",
        msg_type="text",
        body={"text": said},
    )
    send_message(app=app, draft=draft)


@pytest.fixture
def waits(monkeypatch):
    """Set once somebody waits for the process's bell."""
    bell = bells.get()
    waits = threading.Event()
    wait_past = bell.wait_past

    def tell_and_wait(app_id: int, count: int, seconds: float) -> bool:
        waits.set()
        return wait_past(app_id, count, seconds)

    monkeypatch.setattr(bell, "wait_past", tell_and_wait)
    return waits


def texts(reply: Any) -> list[str]:
    assert reply.status_code == 200
    return [row["msg_body"]["text"] for row in reply.json()["messages"]]


def test_it_answers_as_soon_as_a_message_comes(app, api, alice, bobby, waits):
    with Session() as poll:
        waiting = poll.start(api.get, PATH, {"wait": 50})
        assert waits.wait(PATIENCE)
        began = time.monotonic()
        send(app)
        reply = waiting.result(PATIENCE)

    assert texts(reply) == ["hi"]
    assert time.monotonic() - began < SOON


def test_a_message_between_the_read_and_the_wait_is_not_missed(app, api, alice, bobby, monkeypatch):
    bell = bells.get()
    wait_past = bell.wait_past

    def send_and_wait(app_id: int, count: int, seconds: float) -> bool:
        with Session() as other:
            other.run(send, app)
        return wait_past(app_id, count, seconds)

    monkeypatch.setattr(bell, "wait_past", send_and_wait)
    began = time.monotonic()

    assert texts(api.get(PATH, {"wait": 50})) == ["hi"]
    assert time.monotonic() - began < SOON


def test_it_does_not_wait_where_something_is_there(app, api, alice, bobby, waits):
    send(app)

    assert texts(api.get(PATH, {"wait": 50})) == ["hi"]
    assert not waits.is_set()


@pytest.mark.parametrize("query", [{}, {"wait": "0"}, {"wait": ""}])
def test_it_does_not_wait_unless_told_to(api, bobby, waits, query):
    assert texts(api.get(PATH, query)) == []
    assert not waits.is_set()


def test_in_vain_it_answers_in_time_with_nothing_and_a_cursor_to_the_same_place(app, api, bobby):
    cursor = cursor_at(app, Place.at(0))
    began = time.monotonic()

    reply = api.get(PATH, {"wait": 1, "after": cursor})

    assert 1 <= time.monotonic() - began < 1 + SOON
    told = reply.json()
    assert place_of(app, told.pop("cursor")) == Place.at(0)
    assert told == {"messages": [], "has_more": False}


def test_a_message_to_somebody_else_does_not_end_the_wait(app, api, alice, bobby, waits):
    with Session() as poll:
        began = time.monotonic()
        waiting = poll.start(api.get, PATH, {"wait": 2})
        assert waits.wait(PATIENCE)
        send(app, "to myself", "alice")
        reply = waiting.result(PATIENCE)

    assert texts(reply) == []
    assert time.monotonic() - began >= 2


def test_a_lost_ring_costs_time_and_no_message(app, api, alice, bobby, settings, monkeypatch):
    settings.IM_SAFETY_SECONDS = 1
    deaf = threading.Event()

    def hear_nothing(app_id: int, count: int, seconds: float) -> bool:
        deaf.set()
        time.sleep(seconds)
        return False

    monkeypatch.setattr(bells.get(), "wait_past", hear_nothing)
    with Session() as poll:
        waiting = poll.start(api.get, PATH, {"wait": 50})
        assert deaf.wait(PATIENCE)
        began = time.monotonic()
        send(app)
        reply = waiting.result(PATIENCE)

    assert texts(reply) == ["hi"]
    assert time.monotonic() - began < 1 + SOON


@pytest.mark.parametrize("cursor", ["garbage", None])
def test_a_useless_cursor_is_refused_without_waiting(app, api, bobby, waits, cursor):
    reply = api.get(PATH, {"wait": 50, "after": cursor or cursor_at(app, Place.at(10**15))})

    assert reply.json()["error"]["code"] in {890001, 890002}
    assert not waits.is_set()


@pytest.mark.parametrize("wait", ["-1", "61", "1.5", "x", "1e1", "٣", "9" * 50])
def test_a_wait_that_is_none_is_refused(api, bobby, wait):
    reply = api.get(PATH, {"wait": wait})

    assert reply.status_code == 400
    assert reply.json()["error"]["message"].startswith("wait: ")


class TestParking:
    """Where the server can hold a request without a thread."""

    def test_a_request_with_nothing_to_say_is_parked(self, app, api, bobby, waits):
        parked: list[Parked] = []

        reply = api.get(PATH, {"wait": 50}, **{PARK: parked.append})

        assert texts(reply) == []
        assert not waits.is_set()
        (one,) = parked
        assert (one.app, one.user) == (app, bobby)
        assert 45 < one.seconds <= 50

    def test_one_with_something_to_say_is_not(self, app, api, alice, bobby):
        send(app)
        parked: list[Parked] = []

        assert texts(api.get(PATH, {"wait": 50}, **{PARK: parked.append})) == ["hi"]
        assert parked == []

    def test_one_taken_up_again_keeps_to_its_time_and_is_not_counted_again(self, api, bobby):
        parked: list[Parked] = []
        first = api.get(PATH, {"wait": 50}, **{PARK: parked.append})
        again: list[Parked] = []
        api.get(PATH, {"wait": 50}, **{PARK: again.append, TAKEN_UP: parked[0]})
        after = api.get(PATH)

        assert again[0].deadline == parked[0].deadline
        left = "X-Rate-Limit-Remaining"
        assert int(after.headers[left]) == int(first.headers[left]) - 1

    def test_one_taken_up_after_its_time_is_answered(self, app, api, bobby):
        past = Parked(app, bobby, Place.at(0), time.monotonic() - 1)
        again: list[Parked] = []

        reply = api.get(PATH, {"wait": 50}, **{PARK: again.append, TAKEN_UP: past})

        assert texts(reply) == []
        assert again == []
