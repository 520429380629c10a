"""Friends and blacklists of another service come in."""

import pytest

from apps.accounts.services.importing_relations import BLACKLISTS, FRIENDS
from apps.core.errors import ADMIN_NOT_BLOCKABLE, NO_SUCH_USER, PARAMETER_INVALID
from apps.core.importing import Row
from tests.conftest import person


@pytest.fixture(autouse=True)
def people(app, alice, bobby, carol, mallory):
    """Alice is an API admin; mallory is of another app."""


def bring(importer, app, *values, **more):
    told = [Row(number, value) for number, value in enumerate(values, 1)]
    return [outcome.code for outcome in importer.run(app, told, **more)]


def friends_of(app, username):
    rows = app.users.by_username(username).friendships.order_by("friend__username")
    return list(rows.values_list("friend__username", "note_name", "others"))


def test_one_row_makes_friends_of_both_and_notes_one_side(app):
    row = {"username": "alice", "friend": "bobby", "note_name": "Bob", "others": "小学"}

    assert bring(FRIENDS, app, row) == [0]

    assert friends_of(app, "alice") == [("bobby", "Bob", "小学")]
    assert friends_of(app, "bobby") == [("alice", "", "")]


@pytest.mark.parametrize("at_once", [True, False])
def test_each_side_may_have_a_row_of_its_own(app, at_once):
    one = {"username": "alice", "friend": "bobby", "note_name": "Bob"}
    other = {"username": "bobby", "friend": "alice", "note_name": "Al"}

    if at_once:
        assert bring(FRIENDS, app, one, other) == [0, 0]
    else:
        assert bring(FRIENDS, app, one) + bring(FRIENDS, app, other) == [0, 0]

    assert friends_of(app, "alice") == [("bobby", "Bob", "")]
    assert friends_of(app, "bobby") == [("alice", "Al", "")]


def test_friends_again_change_nothing_but_do_not_lose_a_note(app):
    row = {"username": "alice", "friend": "bobby", "note_name": "Bob"}
    bring(FRIENDS, app, row)

    assert bring(FRIENDS, app, row) == [0]
    assert bring(FRIENDS, app, {**row, "note_name": "Robert"}) == [PARAMETER_INVALID.number]
    assert friends_of(app, "alice") == [("bobby", "Bob", "")]


@pytest.mark.parametrize("importer", [FRIENDS, BLACKLISTS])
def test_rows_that_name_nobody_are_refused_and_the_others_stored(importer, app):
    other = importer.columns[1]

    codes = bring(
        importer,
        app,
        {"username": "bobby", other: "nobody"},
        {"username": "bobby", other: "mallory"},
        {"username": "bobby", other: "bobby"},
        {"username": "bobby"},
        {"username": "bobby", other: "carol", "x": "y"},
        {"username": "bobby", other: "carol"},
    )

    assert codes == [NO_SUCH_USER.number] * 2 + [PARAMETER_INVALID.number] * 3 + [0]
    bobby = app.users.by_username("bobby")
    assert bobby.friendships.count() + bobby.blocks.count() == 1


def test_a_note_has_its_limits(app):
    pair = {"username": "alice", "friend": "bobby"}

    for wrong in ({"note_name": "a" * 65}, {"note_name": "a\nb"}, {"others": "a" * 251}):
        assert bring(FRIENDS, app, {**pair, **wrong}) == [PARAMETER_INVALID.number]


def test_blacklists_come_in_and_again_change_nothing(app):
    rows = [{"username": "bobby", "blocked": "carol"}, {"username": "carol", "blocked": "bobby"}]

    assert bring(BLACKLISTS, app, *rows) == [0, 0]
    assert bring(BLACKLISTS, app, *rows, rows[0]) == [0, 0, 0]

    bobby = app.users.by_username("bobby")
    assert [block.blocked.username for block in bobby.blocks.in_list_order()] == ["carol"]


def test_an_admin_cannot_be_blocked(app):
    row = {"username": "bobby", "blocked": "alice"}

    assert bring(BLACKLISTS, app, row) == [ADMIN_NOT_BLOCKABLE.number]


@pytest.mark.parametrize("importer", [FRIENDS, BLACKLISTS])
def test_a_dry_run_stores_nothing(importer, app):
    row = {"username": "bobby", importer.columns[1]: "carol"}

    assert bring(importer, app, row, dry_run=True) == [0]
    bobby = app.users.by_username("bobby")
    assert bobby.friendships.count() + bobby.blocks.count() == 0


@pytest.mark.parametrize("importer", [FRIENDS, BLACKLISTS])
def test_a_batch_takes_few_statements_whatever_its_size(
    importer, app, django_assert_max_num_queries
):
    for number in range(20):
        person(app, f"user{number}")
    rows = [
        {"username": f"user{number}", importer.columns[1]: f"user{number + 1}"}
        for number in range(19)
    ]

    with django_assert_max_num_queries(7):
        assert bring(importer, app, *rows) == [0] * 19
