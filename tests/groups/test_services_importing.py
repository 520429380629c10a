"""Groups of another service come in, with their members, under the numbers that they had."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from apps.core.errors import (
    GROUP_FULL,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    PARAMETER_INVALID,
    TOO_MANY_GROUPS,
)
from apps.core.importing import Row
from apps.groups.models import Role
from apps.groups.services.groups import NewGroup, create_group
from apps.groups.services.importing import GROUPS
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from apps.messaging.sync import read_since
from tests.conftest import person

OLD = 22_818_120


@pytest.fixture(autouse=True)
def people(app, alice, bobby, carol, mallory):
    """Mallory is of another app."""


def rows(*values):
    return [Row(number, value) for number, value in enumerate(values, 1)]


def bring(app, *values, **more):
    return [outcome.code for outcome in GROUPS.run(app, rows(*values), **more)]


def told(gid=OLD, **more):
    return {"gid": gid, "name": "friends", "owner_username": "alice", **more}


def members_of(group):
    found = group.members.order_by("pk")
    return list(found.values_list("user__username", "silenced", "shielded", "no_disturb"))


def test_everything_a_group_had_comes_along(app):
    (outcome,) = GROUPS.run(
        app,
        rows(
            told(
                desc="old ones",
                avatar="qiniu/image/j/1",
                flag=2,
                members_username="bobby; carol",
                MaxMemberCount=2000,
                silenced=["bobby"],
                shielded="carol",
                no_disturb=["bobby", "carol"],
                ctime="2015-02-13 10:00:00",
            )
        ),
    )

    assert (outcome.key, outcome.error) == (str(OLD), None)
    group = app.groups.by_gid(OLD)
    assert (group.name, group.description, group.kind) == ("friends", "old ones", 2)
    assert (group.max_members, group.avatar) == (2000, "qiniu/image/j/1")
    assert group.created_at == datetime(2015, 2, 13, 2, tzinfo=UTC)
    assert members_of(group) == [
        ("alice", False, False, False),
        ("bobby", True, False, True),
        ("carol", False, True, True),
    ]
    assert group.members.get(role=Role.OWNER).user.username == "alice"


def test_what_the_api_tells_of_a_group_and_its_members_is_taken_together(app, final_api):
    members = [
        {"username": "bobby", "flag": 0, "nickname": "B"},
        {"username": "alice", "flag": 1, "gender": 1},
    ]
    view = {"gid": OLD, "name": "n", "desc": "", "appkey": "x" * 24, "MaxMemberCount": 500}

    assert bring(app, {**view, "members": members, "mtime": "2015-02-13 10:00:00"}) == [0]

    group = app.groups.by_gid(OLD)
    assert group.owner.username == "alice"
    assert [name for name, *_ in members_of(group)] == ["alice", "bobby"]


def test_its_members_talk_on_and_nothing_is_told_of_the_import(app, alice, bobby, carol):
    bring(app, told(members_username=["bobby", "carol"], shielded=["carol"]))
    draft = Draft(
        target_type="group",
        target_id=str(OLD),
        from_type="user",
        from_id="bobby",
        msg_type="text",
        body={"text": "still here"},
    )

    sent = send_message(app=app, draft=draft)

    read = [
        message.pk for message in read_since(app=app, user=alice, cursor=None, limit=9).messages
    ]
    assert read == [sent.msg_id]
    conversation = app.conversations.get(group=OLD)
    shielded = conversation.participants.filter(shielded=True)
    assert list(shielded.values_list("user", flat=True)) == [carol.pk]


def test_groups_to_come_are_numbered_above(app, alice):
    bring(app, told(), told(gid=OLD + 5))

    made = create_group(app=app, new=NewGroup(owner_username="alice", name="new"))

    assert made.pk == OLD + 6


def test_a_number_below_those_given_is_kept_and_moves_nothing(app, alice):
    first = create_group(app=app, new=NewGroup(owner_username="alice", name="new"))

    assert bring(app, told(gid=5_000_000)) == [0]

    made = create_group(app=app, new=NewGroup(owner_username="alice", name="new"))
    assert made.pk == first.pk + 1


def test_the_same_again_and_anothers_number_are_refused_alike(app, other_app, mallory):
    bring(app, told())

    assert bring(app, told(), told(gid=OLD + 1), told(gid=OLD + 1)) == [
        PARAMETER_INVALID.number,
        0,
        PARAMETER_INVALID.number,
    ]
    assert bring(other_app, told(owner_username="mallory")) == [PARAMETER_INVALID.number]
    assert app.groups.count() == 2


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"gid": None}, PARAMETER_INVALID),
        ({"gid": 999}, PARAMETER_INVALID),
        ({"gid": 10**12}, PARAMETER_INVALID),
        ({"gid": "x"}, PARAMETER_INVALID),
        ({"name": ""}, PARAMETER_INVALID),
        ({"name": "字" * 22}, PARAMETER_INVALID),
        ({"name": "a\nb"}, PARAMETER_INVALID),
        ({"desc": "a" * 251}, PARAMETER_INVALID),
        ({"flag": 3}, PARAMETER_INVALID),
        ({"owner_username": ""}, PARAMETER_INVALID),
        ({"members_username": [1]}, PARAMETER_INVALID),
        ({"members_username": {"a": 1}}, PARAMETER_INVALID),
        ({"MaxMemberCount": 0}, PARAMETER_INVALID),
        ({"ctime": "9999-01-01 00:00:00"}, PARAMETER_INVALID),
        ({"nmae": "x"}, PARAMETER_INVALID),
        ({"owner_username": "nobody"}, NO_SUCH_USER),
        ({"members_username": ["mallory"]}, NO_SUCH_USER),
        ({"MaxMemberCount": 1, "members_username": ["bobby"]}, GROUP_FULL),
        ({"silenced": ["carol"]}, NOT_A_MEMBER),
    ],
)
def test_what_is_wrong_is_refused_and_leaves_nothing(more, code, app):
    values = {name: value for name, value in told(**more).items() if value is not None}

    assert bring(app, values, told(gid=OLD + 9)) == [code.number, 0]

    assert [group.pk for group in app.groups.all()] == [OLD + 9]
    assert app.conversations.count() == 1


def test_nobody_comes_into_more_groups_than_the_app_allows(app):
    app.max_groups_per_user = 2
    app.save()

    codes = bring(app, told(), told(gid=OLD + 1), told(gid=OLD + 2))

    assert codes == [0, 0, TOO_MANY_GROUPS.number]


def test_a_dry_run_stores_nothing_and_moves_no_numbers(app):
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM groups_group_id_seq")
        (before,) = cursor.fetchone()

        assert bring(app, told(), dry_run=True) == [0]

        cursor.execute("SELECT last_value FROM groups_group_id_seq")
        assert cursor.fetchone() == (before,)
    assert not app.groups.exists()
    assert not app.conversations.exists()


def test_a_batch_takes_few_statements_whatever_its_size(app, django_assert_max_num_queries):
    names = [person(app, f"user{number}").username for number in range(20)]
    groups = [told(gid=OLD + number, members_username=names) for number in range(20)]

    with django_assert_max_num_queries(25):
        assert bring(app, *groups) == [0] * 20
