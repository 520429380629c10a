"""The proof: processes that tell are killed in the middle of it, and everything is told, in order."""

from collections.abc import Callable
from random import Random

import pytest

from tests.at_work import Working, wait_for, working
from tests.conftest import person
from tests.console.conftest import say
from tests.webhooks.receiver import Received

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KILLS = 4
MESSAGES = 48
BATCH = 4
VARIABLES = {"IM_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8", "IM_WEBHOOK_BATCH": str(BATCH)}


def telling() -> Working:
    return Working("--only", "webhooks", **VARIABLES)


class Killer:
    """Answers slowly for a receiver, and asks for a kill before, or after, some of its answers."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._countdown = random.randint(1, 3)
        self.worker = telling()
        self.kills = 0

    def answer(self, _: Received) -> int:
        self._countdown -= 1
        if self._countdown == 0 and self.kills < KILLS:
            self._countdown = self._random.randint(1, 3)
            self.kills += 1
            self.worker.process.kill()  # before it has the answer, so that it can't have recorded it
            self.worker.process.wait()
            self.worker = telling()
        return 200


def runs_of(posts: list[Received], ids_of: Callable[[Received], list[int]]) -> list[list[int]]:
    """The batches, one after another, with repetitions of a batch taken for one."""
    batches: list[list[int]] = []
    for ids in map(ids_of, posts):
        if not batches or batches[-1] != ids:
            batches.append(ids)
    return batches


def test_kill_9_loses_nothing_keeps_the_order_and_repeats_only_what_was_under_way(
    app, alice, bobby, make, receiver
):
    endpoint = make()
    killer = Killer(Random())  # noqa: S311 the more moments are met over time, the better
    receiver.answer = killer.answer
    ids = [say(app, "alice", "bobby") for _ in range(MESSAGES)]

    wait_for(lambda: position(endpoint) == ids[-1], "everything to be told")
    killer.worker.end()

    batches = runs_of(receiver.received, lambda received: received.ids)
    assert [msg_id for batch in batches for msg_id in batch] == ids
    assert killer.kills == KILLS
    assert len(receiver.received) == len(batches) + KILLS
    assert set(endpoint.deliveries.values_list("state", flat=True)) == {"delivered"}


def test_kill_9_loses_no_user_and_keeps_the_order(app, make, receiver):
    endpoint = make("events")
    killer = Killer(Random())  # noqa: S311 likewise
    receiver.answer = killer.answer
    names = [person(app, f"person{place:03}").username for place in range(MESSAGES)]

    wait_for(lambda: not endpoint.occurrences.exists(), "everything to be told")
    killer.worker.end()

    told: list[str] = []
    for received in receiver.received:
        batch = [event["usernames"][0] for event in received.body["events"]]
        if told[-len(batch) :] != batch:
            told += batch
    assert told == names


def test_workers_side_by_side_tell_everything_once_and_in_order(app, alice, bobby, make, receiver):
    endpoints = [make(url=f"http://127.0.0.1:{receiver.port}/{place}") for place in range(3)]
    with working("--only", "webhooks", **VARIABLES), working("--only", "webhooks", **VARIABLES):
        ids = [say(app, "alice", "bobby") for _ in range(MESSAGES)]
        wait_for(
            lambda: all(position(endpoint) == ids[-1] for endpoint in endpoints),
            "everything to be told",
        )

    for endpoint in endpoints:
        path = endpoint.url.rpartition("/")[2]
        posts = [received for received in receiver.received if received.path == f"/{path}"]
        assert [msg_id for received in posts for msg_id in received.ids] == ids


def test_a_slow_receiver_holds_up_no_other(app, alice, bobby, make, receiver):
    slow = make(url=f"http://127.0.0.1:{receiver.port}/slow")
    quick = make(url=f"http://127.0.0.1:{receiver.port}/quick")
    done = receiver.server.done
    receiver.answer = lambda received: (received.path == "/slow" and done.wait(60) and 0) or 200
    with working("--only", "webhooks", **{**VARIABLES, "IM_WEBHOOK_TIMEOUT_SECONDS": "9"}):
        ids = [say(app, "alice", "bobby") for _ in range(3 * BATCH)]
        receiver.wait_for(lambda posts: any(post.path == "/slow" for post in posts))
        wait_for(lambda: position(quick) == ids[-1], "the quick one to be told")
        behind = position(slow)
        done.set()

    assert behind < ids[0]


def position(endpoint) -> int:
    """How far it has been told."""
    endpoint.refresh_from_db()
    found: int = endpoint.position
    return found
