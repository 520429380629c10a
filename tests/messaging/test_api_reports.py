"""Reports over the wire: what they count, how far they page, whose chatrooms they leave out."""

from urllib.parse import quote

import pytest

from apps.messaging.api import first_reports, reports
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from apps.messaging.services.retract import retract_message

DAY = "begin_time=2015-02-12+00:00:00&end_time=2015-02-18+00:00:00"


def say(app, words, target_id="bobby", target_type="single", from_id="alice", **more):
    draft = Draft(
        target_type=target_type,
        target_id=str(target_id),
        from_type="user",
        from_id=from_id,
        msg_type="text",
        body={"text": words},
        **more,
    )
    sent = send_message(app=app, draft=draft)
    app.messages.filter(pk=sent.msg_id).update(sent_at="2015-02-13T10:00:00+08:00")
    return sent.msg_id


def ask(api, path, query):
    reply = api.call("get", f"{path}?{query}")
    assert reply.status_code == 200, reply.content
    return reply.json()


def words(reply):
    return [row["msg_body"].get("text") for row in reply["messages"]]


def walk(api, path, count):
    """Every page of a report of version 2."""
    page = ask(api, path, f"count={count}&{DAY}")
    pages = [page]
    while "cursor" in page:
        page = ask(api, path, f"cursor={page['cursor']}")
        pages.append(page)
    return pages


@pytest.fixture(autouse=True)
def cast(alice, bobby):
    """Alice and bobby."""


class TestTotals:
    def test_a_total_that_is_counted_out_stays_exact(self, app, api):
        for number in range(7):
            say(app, str(number))

        pages = walk(api, "/v2/messages", 3)

        assert [page["total"] for page in pages] == [7, 7, 7]
        assert [page["count"] for page in pages] == [3, 3, 1]

    def test_a_total_of_many_is_more_than_what_was_read_until_it_is_exact(
        self, app, api, monkeypatch
    ):
        monkeypatch.setattr(reports, "COUNTED_AT_MOST", 5)
        for number in range(12):
            say(app, str(number))

        pages = walk(api, "/v2/messages", 2)

        totals = [page["total"] for page in pages]
        read = [sum(page["count"] for page in pages[: place + 1]) for place in range(len(pages))]
        assert read[-1] == totals[-1] == 12
        assert totals == sorted(totals)
        assert all(
            total > so_far for total, so_far in zip(totals, read, strict=True) if so_far < 12
        )
        assert totals[0] == 5

    def test_it_is_counted_once_for_many_pages(self, app, api, django_assert_num_queries):
        for number in range(9):
            say(app, str(number))
        first = ask(api, "/v2/messages", f"count=3&{DAY}")

        with django_assert_num_queries(1):
            ask(api, "/v2/messages", f"cursor={first['cursor']}")


class TestWhoseRoomsAreWhere:
    def test_a_user_s_report_leaves_chatrooms_out_and_the_app_s_does_not(self, app, api, room):
        say(app, "to bobby")
        say(app, "to the room", room.pk, "chatroom")

        assert words(ask(api, "/v2/users/bobby/messages", f"count=9&{DAY}")) == ["to bobby"]
        assert words(ask(api, "/v1/users/bobby/messages", "count=9")) == ["to bobby"]
        assert words(ask(api, "/v2/messages", f"count=9&{DAY}")) == ["to bobby", "to the room"]
        room_report = ask(api, f"/v2/chatrooms/{room.pk}/messages", f"count=9&{DAY}")
        assert words(room_report) == ["to the room"]

    def test_a_name_that_was_told_is_told_of_groups_and_rooms(self, app, api, group, room):
        for target, kind, path in (
            (group, "group", f"/v2/groups/{group.pk}/messages"),
            (room, "chatroom", f"/v2/chatrooms/{room.pk}/messages"),
        ):
            say(app, "bare", target.pk, kind)
            say(app, "named", target.pk, kind, from_name="Alice")
            rows = ask(api, path, f"count=9&{DAY}")["messages"]
            assert [row["set_from_name"] for row in rows] == [0, 1]

    def test_the_platform_of_a_client_is_told(self, app, api):
        say(app, "by phone", from_platform="i")
        say(app, "by the server")

        rows = ask(api, "/v2/messages", f"count=9&{DAY}")["messages"]

        assert [row.get("from_platform") for row in rows] == ["i", None]

    def test_what_was_taken_back_is_there_without_its_body(self, app, api, alice, settings):
        settings.IM_RETRACT_SECONDS = 10**9
        pk = say(app, "oops")
        retract_message(app=app, sender=alice, msg_id=pk)

        (row,) = ask(api, "/v2/messages", f"count=9&{DAY}")["messages"]

        assert (row["msg_body"], row["retracted"]) == ({}, True)


class TestVersionOne:
    def test_pages_are_cut_out_of_the_whole_in_its_order(self, app, api):
        for number in range(7):
            say(app, str(number))
        whole = words(ask(api, "/v1/messages", "count=1000"))

        for start in range(9):
            page = ask(api, "/v1/messages", f"start={start}&count=3")
            assert words(page) == whole[start : start + 3]
            assert (page["total"], page["start"], page["count"]) == (7, start, len(words(page)))

    def test_the_bounds_are_inclusive_and_either_may_be_left_out(self, app, api):
        say(app, "ten")
        for query, found in (
            ("begin_time=2015-02-13 10:00:00", 1),
            ("begin_time=2015-02-13 10:00:01", 0),
            ("end_time=2015-02-13 10:00:00", 1),
            ("end_time=2015-02-13 09:59:59", 0),
        ):
            page = ask(api, "/v1/messages", f"count=1&{quote(query, safe='=')}")
            assert page["total"] == found, query

    def test_no_more_are_counted_than_can_be_paged(self, app, api, monkeypatch):
        monkeypatch.setattr(first_reports, "FURTHEST_START", 2)
        monkeypatch.setattr(first_reports, "MOST_ROWS", 1)
        for number in range(5):
            say(app, str(number))

        assert ask(api, "/v1/messages", "count=1")["total"] == 3

    def test_a_page_far_in_costs_as_many_queries_as_any(
        self, app, api, django_assert_max_num_queries
    ):
        for number in range(5):
            say(app, str(number))
        ask(api, "/v1/messages", "count=1")

        with django_assert_max_num_queries(3):
            ask(api, "/v1/messages", "start=3&count=2")
