"""A broadcast reaches everyone in the app once, whoever is killed on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from apps.accounts.models import User
from apps.accounts.services.blocks import block_users
from apps.accounts.services.users import Registration, disable_users, register_users
from apps.core.errors import KEY_REUSED, ImError
from apps.core.models import Job, JobState, WordPolicy
from apps.core.services.jobs import cancel_job, result_of, submit_job, work_on_jobs
from apps.messaging import jobs
from apps.messaging.drafts import Draft
from apps.messaging.jobs import begin_broadcast
from apps.messaging.models import Message
from apps.messaging.services.sensitive_words import add_words
from tests.at_work import killing, wait_for, working
from tests.conftest import person


def crowd(app, count: int) -> None:
    """So many users."""
    people = [Registration(username=f"user-{n:04}", password="pass phrase") for n in range(count)]
    register_users(app=app, registrations=people)


def draft(text="Hello, all", sender="alice", **more) -> Draft:
    """What is broadcast."""
    said = {"msg_type": "text", "body": {"text": text}, **more}
    return Draft(
        target_type="single", target_id=sender, from_type="console", from_id=sender, **said
    )


def begin(app, text="Hello, all", sender="alice", **more) -> Job:
    """A broadcast."""
    return begin_broadcast(app=app, operator_id=None, draft=draft(text, sender), **more)


def work() -> None:
    while work_on_jobs():
        pass


def told(app) -> Counter[str]:
    """How often each was told."""
    return Counter(app.messages.values_list("target_id", flat=True))


def test_everyone_but_the_sender_is_told_once(app, other_app, alice, bobby, carol):
    person(other_app, "mallory")
    job = begin(app)
    work()

    job.refresh_from_db()
    message = app.messages.order_by("pk")[0]
    assert told(app) == {"bobby": 1, "carol": 1}
    assert (job.state, job.done, job.total, job.refused) == (JobState.DONE, 2, 2, 0)
    assert (message.from_id, message.from_type, message.body) == (
        "alice", "console", {"text": "Hello, all"},
    )  # fmt: skip
    assert not other_app.messages.exists()


def test_the_disabled_and_those_who_come_later_are_passed_over(app, alice, bobby, carol):
    disable_users(app=app, users=app.users.filter(username="bobby"))
    begin(app)
    person(app, "latecomer")
    work()

    assert told(app) == {"carol": 1}


def test_whoever_blocks_the_sender_is_counted_and_named(app, alice, bobby, carol):
    block_users(app=app, owner=bobby, usernames=["carol"])
    job = begin(app, sender="carol")
    work()

    job.refresh_from_db()
    lines = b"".join(result_of(job=job)).decode().splitlines()
    assert (job.done, job.refused) == (2, 1)
    assert lines[0] == "username,code,message"
    assert lines[1].startswith("bobby,803008,")
    assert told(app) == {"alice": 1}


def test_more_than_a_batch_is_told(app, alice, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 10)
    crowd(app, 30)
    job = begin(app)
    work()

    job.refresh_from_db()
    assert (job.done, job.total) == (30, 30)
    assert len(told(app)) == 30


def test_a_batch_that_is_done_again_says_nothing_twice(app, alice, monkeypatch):
    """Killed after the messages, before the position: what a step commits is all there is."""
    monkeypatch.setattr(jobs, "BATCH", 10)
    crowd(app, 25)
    job = begin(app)
    jobs._send(job)

    work()

    assert set(told(app).values()) == {1}
    assert len(told(app)) == 25


def test_a_cancelled_broadcast_stops(app, alice, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 10)
    monkeypatch.setattr("apps.core.services.jobs._ROUND", 0.0)
    crowd(app, 25)
    job = begin(app)
    work_on_jobs()
    cancel_job(job=job)
    work()

    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.CANCELLED, 10)
    assert len(told(app)) == 10


def test_only_those_who_are_chosen_are_told(app, alice, bobby, carol):
    begin(app, to=[alice, carol])
    work()

    assert told(app) == {"carol": 1}


def test_a_message_of_any_type_goes_with_its_options(app, alice, bobby):
    said: dict[str, Any] = {
        "msg_type": "custom",
        "body": {"card": [1]},
        "options": {"notification": {"title": "News"}},
    }
    begin_broadcast(app=app, operator_id=None, draft=replace(draft(), **said))
    work()

    message = app.messages.get()
    assert {name: getattr(message, name) for name in said} == said


def test_the_same_key_begins_one_job(app, other_app, alice, bobby):
    person(other_app, "alice")
    begin(app, key="same")
    with pytest.raises(ImError) as caught:
        begin(app, "Something else", key="same")
    begin(other_app, key="same")

    assert caught.value.code == KEY_REUSED
    assert [job.app for job in Job.objects.order_by("pk")] == [app, other_app]


def test_a_word_is_masked_once_in_what_each_is_told(app, alice, bobby, carol):
    add_words(app=app, words=["casino"])
    app.filters_words, app.word_policy = True, WordPolicy.MASK
    app.save()
    begin(app, "To the casino")
    work()

    assert {message.body["text"] for message in app.messages.all()} == {"To the ******"}
    app.word_policy = WordPolicy.REFUSE
    with pytest.raises(ImError):
        begin(app, "To the casino")


def test_the_job_counts_why_it_reached_some_not(app, alice, bobby, carol, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 1)
    block_users(app=app, owner=bobby, usernames=["carol"])
    block_users(app=app, owner=person(app, "david"), usernames=["carol"])
    job = begin(app, sender="carol")
    work()

    job.refresh_from_db()
    described = {str(name): value for name, value in jobs.BROADCAST.describe(job).items()}
    assert described["Sent"] == 1
    assert described["they have blocked the sender"] == 2


def test_a_broadcast_of_an_earlier_version_goes_on(app, alice, bobby, carol):
    job = submit_job(
        kind=jobs.BROADCAST,
        app=app,
        operator_id=None,
        arguments={"from": "alice", "text": "Hello", "last": carol.pk},
    )
    Job.objects.filter(pk=job.pk).update(position=bobby.pk)
    work()

    job.refresh_from_db()
    assert told(app) == {"carol": 1}
    assert "Hello" in map(str, jobs.BROADCAST.describe(job).values())


def test_what_nobody_could_be_sent_begins_no_job(app, alice, settings):
    with pytest.raises(ImError, match="No such user"):
        begin(app, sender="nobody")
    settings.IM_MESSAGE_BODY_MAX_BYTES = 64
    with pytest.raises(ImError), transaction.atomic():
        begin(app, "x" * 65)

    assert not Job.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_killed_again_and_again_tell_everyone_once(app):
    person(app, "alice")
    crowd(app, 1200)
    job = begin(app)
    lease = {"IM_JOB_LEASE_SECONDS": "1"}
    seen = 0
    killed = killing("jobs", times=3, until=lambda: _beyond(seen), what="somebody is told", **lease)
    for _ in killed:
        seen = Message.objects.count()
    with working("--only", "jobs", **lease):
        wait_for(lambda: Job.objects.get(pk=job.pk).is_over, "the rest is told")

    job.refresh_from_db()
    assert (job.state, job.done, job.refused) == (JobState.DONE, 1200, 0)
    assert set(told(app).values()) == {1}
    assert len(told(app)) == User.objects.count() - 1


def _beyond(seen: int) -> bool:
    return Message.objects.count() > seen
