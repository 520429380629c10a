"""Telling: in order, signed, in batches, again after failures, and what becomes of it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.core.services.apps import suspend_app
from apps.groups.services.members import change_members
from apps.messaging.services.retract import retract_message
from apps.webhooks import sending
from apps.webhooks.models import Delivery
from apps.webhooks.services import deliveries
from apps.webhooks.services.endpoints import (
    pause_endpoint,
    remove_endpoint,
    resume_endpoint,
    rotate_secret,
    update_endpoint,
)
from apps.webhooks.signing import secret_of
from tests.conftest import person
from tests.console.conftest import say
from tests.webhooks.conftest import states, work

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("alice", "bobby")
class TestMessages:
    def test_are_posted_as_reports_have_them(self, app, api, make, receiver):
        make()
        msg_id = say(app, "alice", "bobby")

        work()

        (received,) = receiver.received
        assert received.path == "/hook"
        assert received.headers["content-type"] == "application/json; charset=utf-8"
        assert received.body["total"] == 1
        day = timezone.now().astimezone(app.zone).strftime("%Y-%m-%d")
        query = f"count=10&begin_time={day}+00:00:00&end_time={day}+23:59:59"
        report = api.call("get", f"/v2/messages?{query}").json()
        assert received.body["messages"] == report["messages"]
        assert received.ids == [msg_id]
        assert received.body["messages"][0]["msg_body"]["content"] == "hello"  # the draft's name

    def test_have_the_final_names_for_an_app_of_the_final_api(self, final_app, make, receiver):
        person(final_app, "alice", is_admin=True)
        make(app=final_app)
        say(final_app, "alice", "alice")

        work()

        assert receiver.received[0].body["messages"][0]["msg_body"] == {"text": "hello"}

    def test_are_signed_with_a_secret_of_the_endpoint_s_own(self, app, make, receiver, credentials):
        endpoint = make()
        say(app, "alice", "bobby")

        work()

        (received,) = receiver.received
        secret = secret_of(endpoint)
        assert received.credentials == (app.app_key, secret)
        assert received.is_signed_with(secret)
        assert not received.is_signed_with(secret[:-1])
        assert abs(int(received.headers["x-im-timestamp"]) - timezone.now().timestamp()) < 60
        assert credentials.master_secret not in str(received.headers)

    def test_are_signed_with_another_secret_after_a_rotation(self, app, make, receiver):
        endpoint = make()
        before = secret_of(endpoint)
        rotate_secret(endpoint=endpoint)
        say(app, "alice", "bobby")

        work()

        endpoint.refresh_from_db()
        assert secret_of(endpoint) != before
        assert receiver.received[0].is_signed_with(secret_of(endpoint))

    def test_come_in_order_in_batches(self, app, make, receiver, settings):
        settings.IM_WEBHOOK_BATCH = 3
        endpoint = make()
        ids = [say(app, "alice", "bobby") for _ in range(7)]

        work()

        assert [received.ids for received in receiver.received] == [ids[:3], ids[3:6], ids[6:]]
        endpoint.refresh_from_db()
        assert endpoint.position == ids[-1]
        assert states(endpoint) == ["delivered"] * 3

    def test_of_before_the_endpoint_are_not_told(self, app, make, receiver):
        say(app, "alice", "bobby")
        make()

        work()

        assert receiver.received == []

    def test_of_other_apps_are_not_told(self, app, other_app, make, receiver, mallory):
        make()
        say(other_app, "mallory", "mallory")

        work()

        assert receiver.received == []

    def test_are_told_without_events_unless_these_are_wanted(self, app, make, receiver, group):
        endpoint = make()
        person(app, "carol")
        change_members(app=app, gid=group.pk, add=["carol"])
        msg_id = say(app, "bobby", group)

        work()

        assert receiver.ids == [msg_id]
        endpoint.refresh_from_db()
        assert endpoint.position == msg_id

    def test_are_told_with_events_in_their_place(self, app, make, receiver, group, alice):
        make(group_events=True)
        first = say(app, "bobby", group)
        person(app, "carol")
        change_members(app=app, gid=group.pk, add=["carol"])
        second = say(app, "alice", group)
        retract_message(app=app, sender=alice, msg_id=second)

        work()

        rows = receiver.received[0].body["messages"]
        said = [row["msg_body"].get("event_type", row["msgid"]) for row in rows]
        assert said == [first, "add_members", second, "retract_message"]

    def test_that_are_retracted_before_they_are_told_have_no_body(self, app, alice, make, receiver):
        make()
        msg_id = say(app, "alice", "bobby")
        retract_message(app=app, sender=alice, msg_id=msg_id)

        work()

        (row,) = receiver.received[0].body["messages"]
        assert (row["msg_body"], row["retracted"]) == ({}, True)

    def test_that_were_imported_are_no_news(self, app, make, receiver):
        endpoint = make()
        old = say(app, "alice", "bobby")
        app.messages.filter(pk=old).update(source_id=7)
        work()
        assert receiver.received == []
        endpoint.refresh_from_db()
        assert endpoint.position == old

        new = say(app, "alice", "bobby")
        work()

        assert receiver.ids == [new]

    def test_go_to_each_endpoint_of_the_app(self, app, make, receiver):
        make()
        make(url=f"http://127.0.0.1:{receiver.port}/other")
        say(app, "alice", "bobby")

        work()

        assert {received.path for received in receiver.received} == {"/hook", "/other"}

    def test_a_log_of_events_alone_moves_the_cursor_and_posts_nothing(
        self, app, make, receiver, group
    ):
        endpoint = make()
        person(app, "carol")
        change_members(app=app, gid=group.pk, add=["carol"])

        work()

        endpoint.refresh_from_db()
        assert endpoint.position == app.messages.order_by("-pk")[0].pk
        assert receiver.received == []
        assert states(endpoint) == []


@pytest.mark.usefixtures("alice", "bobby")
class TestPausing:
    def test_a_paused_endpoint_is_told_nothing_and_everything_when_it_is_resumed(
        self, app, make, receiver
    ):
        endpoint = make()
        pause_endpoint(endpoint=endpoint)
        msg_id = say(app, "alice", "bobby")
        work()
        assert receiver.received == []

        resume_endpoint(endpoint=endpoint)
        work()

        assert receiver.ids == [msg_id]

    def test_the_endpoints_of_a_suspended_app_are_told_nothing(self, app, make, receiver):
        make()
        say(app, "alice", "bobby")
        suspend_app(app=app)

        work()

        assert receiver.received == []

    def test_another_url_is_tried_at_once(self, app, make, receiver):
        endpoint = make(url="http://127.0.0.1:1/")
        msg_id = say(app, "alice", "bobby")
        work()
        update_endpoint(endpoint=endpoint, changes={"url": receiver.url})
        work()

        assert receiver.ids == [msg_id]

    def test_a_removed_endpoint_leaves_nothing(self, app, make, receiver):
        endpoint = make()
        say(app, "alice", "bobby")
        work()
        remove_endpoint(endpoint=endpoint)
        work()

        assert not Delivery.objects.all()


def test_old_deliveries_are_forgotten_unless_they_are_under_way(
    app, alice, make, receiver, settings
):
    settings.IM_WEBHOOK_BATCH = 1
    endpoint = make()
    say(app, "alice", "alice")
    say(app, "alice", "alice")
    answers = iter([200, 500])
    receiver.answer = lambda _: next(answers)
    work()
    assert states(endpoint) == ["delivered", "pending"]
    long_ago = timezone.now() - timedelta(days=settings.IM_WEBHOOK_KEEP_DAYS + 1)
    endpoint.deliveries.update(created_at=long_ago)

    assert deliveries.forget_old()
    assert not deliveries.forget_old()

    assert states(endpoint) == ["pending"]


def test_a_post_to_try_an_endpoint_has_no_rows(make, receiver):
    kinds: dict[str, Any] = {"messages": "messages", "events": "events", "push": "pushes"}
    for kind, name in kinds.items():
        endpoint = make(kind)

        assert sending.ping(endpoint).taken

        received = receiver.received[-1]
        assert json.loads(received.raw) == {"total": 0, name: []}
        assert received.is_signed_with(secret_of(endpoint))
