"""Lists of big tables: every row once, in order, without counting."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.admin import UserAdmin
from apps.accounts.models import User
from apps.accounts.services.blocks import block_users
from apps.accounts.services.friends import add_friends
from apps.accounts.services.sessions import open_session
from apps.accounts.services.users import Registration, register_users
from apps.core.adminkit.big_tables import read_key, write_key
from apps.core.adminkit.numbers import about
from apps.core.services.apps import create_app
from apps.groups.admin import GroupAdmin
from apps.groups.models import Group
from apps.groups.services.chatroom_members import add_chatroom_members
from apps.groups.services.groups import NewGroup, create_group
from apps.groups.services.members import change_members
from apps.messaging.admin import MessageAdmin
from apps.messaging.models import Message
from tests.admin.conftest import list_of, lists_of, page_of, say, world_of

#: No page may count these.
BIG = ("accounts_user", "groups_group", "groups_groupmember", "messaging_message")


def walk(browser, model, direction: str, **query) -> list[list[int]]:
    """The primary keys on each page, from the first to the last in that direction."""
    pages = []
    address = list_of(model)
    while address:
        changelist = browser.get(address, query).context["cl"]
        pages.append([row.pk for row in changelist.result_list])
        address = getattr(changelist, f"{direction}_url")
        address = f"{list_of(model)}{address}" if address else ""
        query = {}
    return pages


def enrol(app, count: int, start: int = 0) -> None:
    """Register that many users."""
    register_users(
        app=app,
        registrations=[
            Registration(username=f"user{number:04d}", password="pass")
            for number in range(start, start + count)
        ],
    )


@pytest.fixture
def short_pages(monkeypatch):
    """Three rows to a page."""
    monkeypatch.setattr(UserAdmin, "list_per_page", 3)
    monkeypatch.setattr(MessageAdmin, "list_per_page", 3)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_turning_to_older_pages_shows_every_user_once(browser, app, short_pages, count):
    enrol(app, count)

    pages = walk(browser, User, "older")

    expected = list(app.users.order_by("-pk").values_list("pk", flat=True))
    assert [pk for page in pages for pk in page] == expected
    assert all(len(page) == 3 for page in pages[:-1])


def test_turning_back_shows_the_same_pages(browser, app, short_pages):
    enrol(app, 9)
    forth = walk(browser, User, "older")
    oldest = app.users.order_by("pk")[0]

    back = walk(browser, User, "newer", older_than=str(oldest.pk + 3))

    assert back[::-1] == forth


def test_the_rows_of_several_apps_are_merged_in_order(root, app, other_app, short_pages):
    for start in range(0, 8, 2):
        enrol(app, 2, start)
        enrol(other_app, 1, start)

    pages = walk(root, User, "older")

    assert [pk for page in pages for pk in page] == list(
        User.objects.order_by("-pk").values_list("pk", flat=True)
    )


def test_many_apps_are_read_as_one_table(root, app, short_pages, monkeypatch):
    monkeypatch.setattr("apps.core.adminkit.big_tables._MOST_MERGED", 2)
    apps = [app, *(create_app(name=f"App {number}").app for number in range(3))]
    for each in apps:
        enrol(each, 2)

    pages = walk(root, User, "older")

    assert [pk for page in pages for pk in page] == list(
        User.objects.order_by("-pk").values_list("pk", flat=True)
    )


def test_with_very_many_apps_days_are_looked_for_in_one(root, app, alice, monkeypatch):
    monkeypatch.setattr("apps.core.adminkit.big_tables._MOST_MERGED", 2)
    for number in range(3):
        create_app(name=f"App {number}")

    page = root.page(list_of(User), created_at_from="2020-01-01")

    assert "Choose one app" in page
    assert "alice" not in page
    assert "alice" in root.page(list_of(User), created_at_from="2020-01-01", app=app.pk)


def test_messages_of_equal_times_are_shown_once_each(
    root, app, other_app, alice, bobby, short_pages
):
    world = world_of(other_app, "far")
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in (0, 0, 0, 0, 1, 2)]
    for moment in moments:
        message = say(app, "alice", "bobby")
        Message.objects.filter(pk=message.pk).update(sent_at=moment)
    Message.objects.filter(pk=world.message.pk).update(sent_at=moments[0])

    pages = walk(root, Message, "older", sent_at_from="2026-01-01", sent_at_to="2026-12-31")

    said = Message.objects.said().order_by("-sent_at", "-pk")
    assert [pk for page in pages for pk in page] == list(said.values_list("pk", flat=True))


def test_what_is_found_by_its_beginning_is_shown_from_a_to_z(root, app, other_app, short_pages):
    here = ["user_b", "user_B", "user_a", "user_e", "nobody", "user_d", "User_a"]
    register_users(
        app=app, registrations=[Registration(username=name, password="pass") for name in here]
    )
    there = ["user_a", "user_c", "user_b2"]
    register_users(
        app=other_app,
        registrations=[Registration(username=name, password="pass") for name in there],
    )

    forth = walk(root, User, "older", q="user")
    back = walk(root, User, "newer", q="user", older_than=write_key(("user_c", 2**62)))

    found = User.objects.filter(username__startswith="user").order_by("username", "pk")
    assert [pk for page in forth for pk in page] == list(found.values_list("pk", flat=True))
    assert [len(page) for page in forth] == [3, 3, 2]
    assert back[::-1] == forth
    assert ">Next</a>" in root.page(list_of(User), q="user")


def test_groups_of_equal_names_are_shown_once_each(browser, app, alice, monkeypatch):
    monkeypatch.setattr(GroupAdmin, "list_per_page", 2)
    names = ("Team", "Team", "Tea", "Team", "Team", "Coffee")
    first, second, tea, third, fourth, _coffee = (
        create_group(app=app, new=NewGroup(owner_username="alice", name=name)).pk for name in names
    )

    pages = walk(browser, Group, "older", q="Tea")

    assert pages == [[tea, first], [second, third], [fourth]]


def test_a_page_keeps_its_filters(browser, app, short_pages):
    enrol(app, 8)

    changelist = browser.get(list_of(User), {"q": "user", "state": "enabled"}).context["cl"]

    assert "q=user" in changelist.older_url
    assert "state=enabled" in changelist.older_url


def test_a_new_filter_begins_at_the_first_page(browser, app, short_pages):
    enrol(app, 8)
    changelist = browser.get(list_of(User), {"older_than": "99999"}).context["cl"]

    assert "older_than" not in changelist.get_query_string({"state": "enabled"})


def test_rows_that_went_meanwhile_leave_the_first_page(browser, app, short_pages):
    enrol(app, 2)

    newer = walk(browser, User, "older", newer_than="999999999")
    older = walk(browser, User, "older", older_than="1")

    assert len(newer[0]) == len(older[0]) == 2


@pytest.mark.parametrize("place", ["", "abc", "-1", "1_2", "1.5", "9" * 30, "１", "_", "\0"])  # noqa: RUF001
def test_a_place_that_is_none_is_the_first_page(browser, app, alice, bobby, place):
    say(app, "alice", "bobby")

    for name in ("older_than", "newer_than"):
        for model in (User, Message):
            response = browser.get(list_of(model), {name: place})
            assert response.status_code == 200
            assert len(response.context["cl"].result_list) == model.objects.count()


@given(
    st.integers(min_value=0, max_value=2**62),
    st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_key_survives_the_address(pk, moment):
    assert read_key(write_key((pk,)), ("pk",)) == (pk,)
    assert read_key(write_key((moment, pk)), ("sent_at", "pk")) == (moment, pk)


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_a_key_with_a_text_survives_the_address(name):
    assert read_key(write_key((name, 7)), ("name", "pk"), ("name",)) == (name, 7)


@given(st.text())
def test_no_text_breaks_the_reading_of_a_key(text):
    for fields in (("pk",), ("sent_at", "pk"), ("name", "pk")):
        key = read_key(text, fields, ("name",))
        assert key is None or len(key) == len(fields)


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, 0), (7, 7), (99, 99), (101, 100), (1_234, 1_200), (2_960_001, 3_000_000)],
)
def test_an_estimate_has_two_digits(number, said):
    assert about(number) == said


def test_an_estimate_is_shown_where_there_are_more_pages(browser, app, short_pages):
    enrol(app, 4)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user")

    page = browser.page(list_of(User))

    assert re.search(r"about 4\s+users", page)


def test_an_estimate_below_what_is_seen_is_not_shown(browser, app, short_pages, monkeypatch):
    enrol(app, 4)
    monkeypatch.setattr(
        "apps.core.adminkit.big_tables.KeysetChangeList._planned_rows", lambda _self: 1
    )

    assert re.search(r"more than 3\s+users", browser.page(list_of(User)))


def test_a_single_page_says_how_many_there_are(browser, app):
    enrol(app, 1)
    one = browser.page(list_of(User))
    enrol(app, 2, 1)
    three = browser.page(list_of(User))

    assert re.search(r"1\s+user\b", one)
    assert re.search(r"3\s+users\b", three)


@pytest.fixture(params=["browser", "root"])
def anyone(request, olga):
    """An operator, and a superuser."""
    return request.getfixturevalue(request.param)


def cost(anyone, address: str) -> int:
    """How many queries a page takes. None of them counts a big table."""
    with CaptureQueriesContext(connection) as queries:
        anyone.page(address)
    for query in queries.captured_queries:
        counting = re.search(r'COUNT\((?:\*|"\w+"\."id")\).*?FROM "(\w+)"', query["sql"])
        assert counting is None or counting[1] not in BIG, query["sql"]
    return len(queries)


def test_no_page_takes_more_than_15_queries_nor_more_for_more_rows(
    anyone, app, other_app, settings
):
    settings.IM_SESSIONS_PER_USER = 100
    ours = world_of(app, "ours")
    world_of(other_app, "theirs")
    addresses = [*lists_of(ours), *(page_of(row) for row in ours.rows), "/admin/"]
    few = {address: cost(anyone, address) for address in addresses}

    for number in range(20):
        more = world_of(app, f"more{number:02d}")
        crowd(ours, more)
    many = {address: cost(anyone, address) for address in addresses}

    assert max(many.values()) <= 15
    # A list that has filled its page asks the planner how many rows there are.
    grown = {address: (few[address], many[address]) for address in addresses}
    assert {address: (was, now) for address, (was, now) in grown.items() if now > was + 1} == {}


def crowd(ours, more) -> None:
    """Bring the owner of another world of the same app into ours: a member, a block, a talk, a session."""
    change_members(app=ours.app, gid=ours.group.pk, add=[more.user.username])
    change_members(app=ours.app, gid=more.group.pk, add=[ours.user.username])
    block_users(app=ours.app, owner=ours.user, usernames=[more.user.username])
    add_friends(app=ours.app, owner=ours.user, usernames=[more.user.username])
    add_chatroom_members(app=ours.app, room_id=more.room.pk, usernames=[ours.user.username])
    say(ours.app, ours.user.username, more.user.username)
    say(ours.app, more.user.username, ours.group.pk)
    open_session(app=ours.app, user=ours.user, platform="j", device_id=more.user.username)


def test_opening_a_page_of_a_user_asks_for_a_few_rows_of_each_kind(browser, app):
    ours = world_of(app, "ours")
    for number in range(12):
        crowd(ours, world_of(app, f"more{number:02d}"))

    panels = browser.get(page_of(ours.user)).context["panels"]

    *shown, media, audit = panels
    assert [len(panel.rows) for panel in shown] == [10] * len(shown)
    assert [str(panel.title) for panel in (media, audit)] == ["Media files", "Audit"]
    assert all(panel.more for panel in panels)
