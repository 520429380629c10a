"""Who and what is suggested in the console while a name is typed."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.services.users import update_user
from apps.groups.admin.gatherings import CHATROOMS, GROUPS
from apps.groups.models import Group
from apps.groups.services.chatrooms import NewChatroom, create_chatroom
from apps.groups.services.groups import NewGroup, create_group
from tests.admin.conftest import Browser, list_of, ticked_only
from tests.admin.test_admin_big_world import rows_read
from tests.conftest import person


def suggested(browser, model: type, term: str, **query: object) -> list[tuple[str, str]]:
    """What is typed for each row, and what is said of it."""
    answer = browser.get(f"{list_of(model)}suggested/", {"term": term, **query})
    assert answer.status_code == 200
    return [(row["value"], row["label"]) for row in answer.json()["results"]]


def test_users_are_suggested_by_how_their_names_begin(browser, app, alice, bobby):
    update_user(app=app, username="alice", changes={"nickname": "Alice Liddell"})
    person(app, "albert")

    assert suggested(browser, User, "al") == [("albert", ""), ("alice", "Alice Liddell")]
    assert suggested(browser, User, " ali ") == [("alice", "Alice Liddell")]
    assert suggested(browser, User, "lice") == []
    for nothing in ("", "  ", "\0", "a" * 256):
        assert suggested(browser, User, nothing) == []


def test_they_are_the_first_ten(browser, app):
    for number in range(12):
        person(app, f"user{number:02d}")

    assert [name for name, _ in suggested(browser, User, "user")] == [
        f"user{number:02d}" for number in range(10)
    ]


@pytest.mark.parametrize(
    ("gathering", "create", "new"),
    [(GROUPS, create_group, NewGroup), (CHATROOMS, create_chatroom, NewChatroom)],
)
def test_groups_and_chatrooms_are_suggested_by_name_and_by_number_while_they_stand(
    browser, app, alice, gathering, create, new
):
    hikers, gone = (
        create(app=app, new=new(owner_username="alice", name=name))
        for name in ("Hikers", "Hikers of old")
    )
    gathering.end(gone)

    assert suggested(browser, gathering.model, "Hik") == [(str(hikers.pk), "Hikers")]
    assert suggested(browser, gathering.model, str(hikers.pk)) == [(str(hikers.pk), "Hikers")]
    assert suggested(browser, gathering.model, str(gone.pk)) == []


def test_nobody_is_suggested_of_an_app_that_is_not_the_operators(
    browser, app, other_app, alice, mallory
):
    assert suggested(browser, User, "mal") == []
    assert suggested(browser, User, "mal", app=other_app.pk) == []
    assert suggested(browser, User, "ali", app=other_app.pk) == []
    assert suggested(browser, User, "ali", app="nonsense") == []


def test_of_several_apps_one_has_to_be_chosen_first(root, app, other_app, alice, mallory):
    assert suggested(root, User, "ali") == []
    assert suggested(root, User, "ali", app="") == []
    assert suggested(root, User, "ali", app=app.pk) == [("alice", "")]
    assert suggested(root, User, "ali", app=other_app.pk) == []


def test_who_may_not_see_users_is_suggested_none(app, alice, olga):
    nobody = Browser(ticked_only(olga, []))

    assert nobody.get(f"{list_of(User)}suggested/", {"term": "a"}).status_code == 403


def test_few_are_found_among_many_by_an_index(browser, app, other_app, alice, mallory):
    for place in (app, other_app):
        User.objects.bulk_create(User(app=place, username=f"many{n:05d}") for n in range(3000))
        Group.objects.bulk_create(
            Group(app=place, owner=alice, name=f"many {n}", max_members=5) for n in range(3000)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user, groups_group")
    before = rows_read()

    with CaptureQueriesContext(connection) as queries:
        assert len(suggested(browser, User, "many029")) == 10
        assert len(suggested(browser, Group, "many 29")) == 10

    after = rows_read()
    assert after["accounts_user"] - before["accounts_user"] < 40
    assert after["groups_group"] - before["groups_group"] < 40
    assert len(queries) <= 12


@pytest.mark.parametrize(
    ("page", "boxes"),
    [
        (lambda: reverse("admin:compose"), {"sender", "user", "group", "chatroom"}),
        (lambda: reverse("admin:groups_group_add"), {"owner_username"}),
        (lambda: reverse("admin:groups_chatroom_add"), {"owner_username"}),
    ],
)
def test_the_boxes_know_where_to_ask(browser, app, page, boxes):
    shown = browser.get(page())
    context = shown.context
    form = context["adminform"].form if "adminform" in context else context["form"]

    asking = {
        name for name, field in form.fields.items() if "data-suggestions" in field.widget.attrs
    }
    assert asking == boxes
    assert "imserver/suggestions.js" in shown.content.decode()
