"""Reading over the wire: sync, its cursors and its waiting; reports, their windows and their cursors."""

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import quote

import pytest
from django.db import transaction

from apps.accounts.services.users import Registration, register_users
from apps.core.services.apps import create_app, start_log_epoch, update_app
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from tests.conftest import PASSWORD, ApiClient, person
from tests.threads import at_once

MORNING = datetime(2015, 2, 13, 2, tzinfo=UTC)  # 10 o'clock in the app's zone


def refusal(reply):
    error = reply.json()["error"]
    return reply.status_code, error["code"]


def say(app, words, from_id="alice", target_id="bobby", **more):
    draft = {"target_type": "single", "target_id": target_id, "from_type": "user", **more}
    sent = send_message(
        app=app, draft=Draft(from_id=from_id, msg_type="text", body={"text": words}, **draft)
    )
    return sent.msg_id


def sync(api, username="bobby", **query):
    pairs = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
    reply = api.call("get", f"/users/{username}/sync?{pairs}")
    assert reply.status_code == 200, reply.content
    return reply.json()


def words(reply):
    return [message["msg_body"].get("text") for message in reply["messages"]]


@pytest.mark.usefixtures("alice", "bobby")
class TestSync:
    def test_pages_are_followed_to_the_end_and_on(self, app, api):
        for number in range(5):
            say(app, str(number))
        page = sync(api, limit=2)
        seen, more = words(page), [page["has_more"]]
        while page["has_more"]:
            page = sync(api, after=page["cursor"], limit=2)
            seen += words(page)
            more.append(page["has_more"])

        say(app, "later")

        assert seen == ["0", "1", "2", "3", "4"]
        assert more == [True, True, False]
        assert words(sync(api, after=page["cursor"])) == ["later"]

    def test_a_page_holds_a_hundred_unless_told_otherwise(self, app, api):
        for number in range(101):
            say(app, str(number))

        assert len(sync(api)["messages"]) == 100
        assert len(sync(api, limit=500)["messages"]) == 101

    def test_both_read_what_was_said_between_them(self, app, api, carol):
        say(app, "hello")
        say(app, "hi", from_id="bobby", target_id="alice")

        assert words(sync(api, "alice")) == words(sync(api, "bobby")) == ["hello", "hi"]
        assert words(sync(api, "carol")) == []

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "-" * 600, "é", "%F0%9F%98%80"])
    def test_what_is_no_cursor_is_refused(self, cursor, api):
        assert refusal(api.call("get", f"/users/bobby/sync?after={cursor}")) == (400, 890001)

    def test_an_altered_cursor_is_refused(self, app, api):
        say(app, "hello")
        cursor = sync(api)["cursor"]
        altered = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")

        assert refusal(api.call("get", f"/users/bobby/sync?after={altered}")) == (400, 890001)

    def test_a_cursor_is_outlived_by_a_restored_backup(self, app, api):
        say(app, "hello")
        cursor = sync(api)["cursor"]
        start_log_epoch(app=app)

        assert refusal(api.call("get", f"/users/bobby/sync?after={cursor}")) == (410, 890002)
        assert words(sync(api)) == ["hello"]

    def test_the_final_api_tells_so_too(self, final_app, final_api):
        person(final_app, "alice")
        cursor = sync(final_api, "alice")["cursor"]
        start_log_epoch(app=final_app)

        assert refusal(final_api.call("get", f"/v1/users/alice/sync?after={cursor}")) == (
            410,
            890002,
        )

    def test_a_cursor_may_be_used_by_any_reader_of_the_app(self, app, api):
        say(app, "hello")
        cursor = sync(api, "alice")["cursor"]
        say(app, "again")

        assert words(sync(api, "bobby", after=cursor)) == ["again"]

    def test_without_anything_new_a_wait_ends_by_itself(self, api):
        began = time.monotonic()

        reply = sync(api, wait=1)

        assert reply["messages"] == []
        assert 0.9 < time.monotonic() - began < 10

    def test_with_something_new_there_is_no_wait(self, app, api):
        say(app, "hello")

        assert words(sync(api, wait=60)) == ["hello"]

    @pytest.mark.parametrize("query", ["limit=1.0", "limit=x", "wait=-1", "wait=1s", "limit=-5"])
    def test_what_is_no_number_is_refused(self, query, api):
        assert refusal(api.call("get", f"/users/bobby/sync?{query}")) == (400, 899003)

    def test_the_longest_wait_is_the_server_s_to_say(self, api, settings):
        settings.IM_LONG_POLL_MAX_SECONDS = 5

        reply = api.call("get", "/users/bobby/sync?wait=6")

        assert reply.json()["error"]["message"] == "wait: must be a whole number from 0 to 5"


@pytest.mark.django_db(transaction=True)
def test_a_wait_ends_with_the_message_that_comes():
    credentials = create_app(name="Waiting")
    app = credentials.app
    register_users(
        app=app,
        registrations=[
            Registration(username=name, password=PASSWORD) for name in ("alice", "bobby")
        ],
    )

    def speak():
        time.sleep(0.3)
        with transaction.atomic():
            say(app, "at last")
        return {"messages": []}

    began = time.monotonic()
    heard, _ = at_once(partial(sync, ApiClient(credentials), wait=20), speak)

    assert words(heard) == ["at last"]
    assert time.monotonic() - began < 15


def report(api, path="messages", *, begin, end, count=1000):
    window = f"begin_time={quote(begin)}&end_time={quote(end)}"
    reply = api.call("get", f"/v2/{path}?count={count}&{window}")
    assert reply.status_code == 200, reply.content
    return reply.json()


@pytest.mark.usefixtures("alice", "bobby")
class TestReports:
    @pytest.fixture(autouse=True)
    def said(self, app, alice, bobby):
        """Five messages, a second apart from 10:00:00, the last half a second late."""
        for number in range(5):
            msg_id = say(app, str(number))
            late = timedelta(milliseconds=500 if number == 4 else 0)
            moment = MORNING + timedelta(seconds=number) + late
            app.messages.filter(pk=msg_id).update(sent_at=moment)

    @pytest.mark.parametrize(
        ("begin", "end", "found"),
        [
            ("2015-02-13 10:00:00", "2015-02-13 10:00:04", ["0", "1", "2", "3", "4"]),
            ("2015-02-13 10:00:01", "2015-02-13 10:00:03", ["1", "2", "3"]),
            ("2015-02-13 10:00:02", "2015-02-13 10:00:02", ["2"]),
            ("2015-02-13 10:00:04", "2015-02-13 10:00:04", ["4"]),
            ("2015-02-13 10:00:05", "2015-02-20 10:00:05", []),
            ("2015-02-06 10:00:00", "2015-02-13 10:00:00", ["0"]),
            ("2015-02-12 00:00:00", "2015-02-13 09:59:59", []),
        ],
    )
    def test_both_ends_of_a_window_are_in_it(self, begin, end, found, api):
        reply = report(api, begin=begin, end=end)

        assert words(reply) == found
        assert reply["total"] == reply["count"] == len(found)
        assert "cursor" not in reply

    def test_times_are_in_the_app_s_own_zone(self, app, api):
        app.time_zone = "America/New_York"
        update_app(app=app)

        reply = report(api, begin="2015-02-12 21:00:01", end="2015-02-12 21:00:02")

        assert words(reply) == ["1", "2"]
        assert reply["messages"][0]["create_time"] == 1423792801
        assert reply["messages"][0]["msg_ctime"] == 1423792801000

    def test_a_report_is_read_on_to_its_end(self, app, api):
        page = report(api, begin="2015-02-13 10:00:00", end="2015-02-13 10:00:04", count=2)
        say(app, "meanwhile, and out of the window")
        pages = [page]
        while "cursor" in page:
            page = api.call("get", f"/v2/messages?cursor={page['cursor']}").json()
            pages.append(page)

        assert [words(page) for page in pages] == [["0", "1"], ["2", "3"], ["4"]]
        assert [page["total"] for page in pages] == [5, 5, 5]
        assert [page["count"] for page in pages] == [2, 2, 1]

    def test_messages_of_one_moment_are_neither_skipped_nor_repeated(self, app, api):
        app.messages.update(sent_at=MORNING)
        page = report(api, begin="2015-02-13 10:00:00", end="2015-02-13 10:00:00", count=2)
        seen = words(page)
        while "cursor" in page:
            page = api.call("get", f"/v2/messages?cursor={page['cursor']}").json()
            seen += words(page)

        assert seen == ["0", "1", "2", "3", "4"]

    def test_a_cursor_is_good_for_two_minutes(self, api, monkeypatch):
        begin, end = "2015-02-13 10:00:00", "2015-02-13 10:00:04"
        cursor = report(api, begin=begin, end=end, count=2)["cursor"]
        now = time.time()

        monkeypatch.setattr("apps.messaging.api.reports.time.time", lambda: now + 119)
        assert api.call("get", f"/v2/messages?cursor={cursor}").status_code == 200

        monkeypatch.setattr("apps.messaging.api.reports.time.time", lambda: now + 122)
        reply = api.call("get", f"/v2/messages?cursor={cursor}")
        assert refusal(reply) == (400, 899003)
        assert reply.json()["error"]["message"].startswith("cursor: has expired")

    def test_a_user_s_history_is_what_they_could_read(self, app, api, group, carol):
        api.call("post", f"/groups/{group.pk}/members", ["carol"])
        for sender in ("alice", "carol"):
            say(app, f"of {sender}", sender, str(group.pk), target_type="group")
        api.call("delete", f"/groups/{group.pk}/members", ["carol"])
        say(app, "without carol", "alice", str(group.pk), target_type="group")
        now = datetime.now(app.zone)
        begin, end = (
            f"{now + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S}" for minutes in (-5, 5)
        )

        def of(path):
            return words(report(api, path, begin=begin, end=end))

        assert of("users/carol/messages") == ["of alice", "of carol"]
        assert of("users/bobby/messages") == ["of alice", "of carol", "without carol"]
        assert of(f"groups/{group.pk}/messages") == ["of alice", "of carol", "without carol"]
        assert of("messages") == ["of alice", "of carol", "without carol"]

    def test_what_a_deleted_user_said_is_still_told_of_the_app(self, api):
        api.call("delete", "/users/alice")

        reply = report(api, begin="2015-02-13 10:00:00", end="2015-02-13 10:00:04")

        assert {message["from_id"] for message in reply["messages"]} == {"alice"}

    @pytest.mark.parametrize(
        ("begin", "end", "status"),
        [
            ("2015-02-13 10:00:00", "2015-02-20 10:00:00", 200),
            ("2015-02-13 10:00:00", "2015-02-20 10:00:01", 400),
            ("2015-02-13 10:00:01", "2015-02-13 10:00:00", 400),
            ("2015-02-13", "2015-02-14", 400),
            ("", "2015-02-14 00:00:00", 400),
            ("0001-01-01 00:00:00", "0001-01-02 00:00:00", 200),
            ("9999-12-30 00:00:00", "9999-12-31 23:59:59", 200),
            ("2015-02-30 00:00:00", "2015-03-01 00:00:00", 400),
        ],
    )
    def test_a_window_is_of_a_week_at_most(self, begin, end, status, api):
        query = f"count=1&begin_time={quote(begin)}&end_time={quote(end)}"

        assert api.call("get", f"/v2/messages?{query}").status_code == status
