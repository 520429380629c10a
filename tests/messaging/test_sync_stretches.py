"""Who may read which stretch of a conversation."""

import pytest

from apps.accounts.services.users import delete_users, disable_users
from apps.core.errors import NO_SUCH_GROUP, SENDER_NOT_IN_GROUP, ImError
from apps.core.models import App
from apps.groups.models import Group
from apps.groups.services.groups import (
    NewGroup,
    create_group,
    dissolve_group,
    transfer_group,
    update_group,
)
from apps.groups.services.members import change_members
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from apps.messaging.sync import read_since
from tests.conftest import person

pytestmark = pytest.mark.django_db


def tell(app: App, group: Group, said: str, sender: str = "alice") -> None:
    draft = Draft(
        target_type="group",
        target_id=str(group.pk),
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": said},
    )
    send_message(app=app, draft=draft)


def whisper(app: App, sender: str, target: str, said: str) -> None:
    draft = Draft(
        target_type="single",
        target_id=target,
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": said},
    )
    send_message(app=app, draft=draft)


def test_a_new_group_is_read_from_its_creation(alice, bobby, group, heard):
    assert heard(alice) == heard(bobby) == ["create_group"]


def test_who_is_added_reads_from_that_on(app, alice, group, carol, heard):
    tell(app, group, "before")
    change_members(app=app, gid=group.pk, add=["carol"])
    tell(app, group, "after")

    assert heard(carol) == ["add_members", "after"]
    assert heard(alice) == ["create_group", "before", "add_members", "after"]


def test_who_is_removed_reads_up_to_that_and_no_further(app, alice, bobby, group, heard):
    tell(app, group, "before")
    change_members(app=app, gid=group.pk, remove=["bobby"])
    tell(app, group, "after")

    assert heard(bobby) == ["create_group", "before", "remove_members"]
    assert heard(alice) == ["create_group", "before", "remove_members", "after"]
    with pytest.raises(ImError) as caught:
        tell(app, group, "may I?", "bobby")
    assert caught.value.code is SENDER_NOT_IN_GROUP


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_who_comes_back_reads_two_stretches_and_no_row_twice(app, bobby, group, heard, limit):
    tell(app, group, "first")
    change_members(app=app, gid=group.pk, remove=["bobby"])
    tell(app, group, "missed")
    change_members(app=app, gid=group.pk, add=["bobby"])
    tell(app, group, "second")

    expected = ["create_group", "first", "remove_members", "add_members", "second"]
    assert heard(bobby, limit) == expected


def test_leaving_and_coming_back_over_and_over_loses_and_doubles_nothing(app, bobby, group, heard):
    expected = ["create_group"]
    for number in range(5):
        tell(app, group, f"in {number}")
        change_members(app=app, gid=group.pk, remove=["bobby"])
        tell(app, group, f"out {number}")
        change_members(app=app, gid=group.pk, add=["bobby"])
        expected += [f"in {number}", "remove_members", "add_members"]

    assert heard(bobby) == expected
    assert heard(bobby, 1) == expected
    visible = app.messages.visible_to(bobby).in_report_order()
    assert visible.count() == len(expected)


def test_a_cursor_from_the_first_stretch_goes_on_in_the_second(app, bobby, group):
    first = read_since(app=app, user=bobby, cursor=None, limit=10)
    change_members(app=app, gid=group.pk, remove=["bobby"])
    tell(app, group, "missed")
    change_members(app=app, gid=group.pk, add=["bobby"])
    tell(app, group, "heard")

    page = read_since(app=app, user=bobby, cursor=first.cursor, limit=10)

    kinds = [row.body.get("event_type") or row.body["text"] for row in page.messages]
    assert kinds == ["remove_members", "add_members", "heard"]


def test_a_dissolved_group_is_read_to_its_end(app, alice, bobby, group, heard):
    tell(app, group, "bye")
    dissolve_group(app=app, gid=group.pk)

    assert heard(alice) == heard(bobby) == ["create_group", "bye", "dissolve_group"]
    with pytest.raises(ImError) as caught:
        tell(app, group, "anybody?")
    assert caught.value.code is NO_SUCH_GROUP


def test_who_was_removed_before_does_not_hear_of_the_end(app, bobby, group, heard):
    change_members(app=app, gid=group.pk, remove=["bobby"])
    dissolve_group(app=app, gid=group.pk)

    assert heard(bobby) == ["create_group", "remove_members"]


def test_members_hear_of_changes_and_of_a_new_owner(app, bobby, group, heard):
    update_group(app=app, gid=group.pk, changes={"name": "foes"})
    transfer_group(app=app, gid=group.pk, username="bobby")

    assert heard(bobby) == ["create_group", "update_group", "change_owner"]


def test_coming_and_going_in_one_change_are_two_events(app, alice, bobby, carol, group, heard):
    change_members(app=app, gid=group.pk, add=["carol"], remove=["bobby"])

    assert heard(alice) == ["create_group", "add_members", "remove_members"]
    assert heard(bobby) == ["create_group", "add_members", "remove_members"]
    assert heard(carol) == ["add_members", "remove_members"]


def test_when_the_owner_is_deleted_the_oldest_member_has_the_group(app, bobby, carol, group, heard):
    change_members(app=app, gid=group.pk, add=["carol"])

    delete_users(app=app, usernames=["alice"])

    group.refresh_from_db()
    assert group.owner == bobby
    assert heard(bobby) == ["create_group", "add_members", "exit_group", "change_owner"]
    event = app.messages.get(body__event_type="exit_group")
    assert event.body["to_username_list"] == ["alice"]


def test_when_the_last_member_is_deleted_the_group_is_dissolved(app, alice, bobby, group):
    delete_users(app=app, usernames=["alice", "bobby"])

    assert not app.groups.standing().exists()
    events = app.messages.order_by("pk").values_list("body__event_type", flat=True)
    assert list(events) == ["create_group", "dissolve_group"]


def test_a_deletion_from_many_groups_is_told_in_each(app, bobby, heard):
    person(app, "david")
    for owner in ("bobby", "david", "bobby"):
        new = NewGroup(owner_username=owner, name="x", members_username=["david", "bobby"])
        create_group(app=app, new=new)

    delete_users(app=app, usernames=["david"])

    told = heard(bobby)
    assert told.count("create_group") == told.count("exit_group") == 3
    assert told.count("change_owner") == 1
    assert app.groups.standing().filter(owner=bobby).count() == 3


def test_who_takes_a_deleted_name_sees_nothing_of_before(app, alice, bobby, group, heard):
    tell(app, group, "to the group", "bobby")
    whisper(app, "alice", "bobby", "to bobby")
    delete_users(app=app, usernames=["bobby"])

    second = person(app, "bobby")

    assert heard(second) == []
    assert not app.messages.visible_to(second).exists()
    assert "to bobby" in heard(alice)
    said = app.messages.said().order_by("pk").values_list("from_id", "target_id")
    assert list(said) == [("bobby", str(group.pk)), ("alice", "bobby")]


def test_what_a_deleted_user_said_stays_with_those_who_heard_it(app, alice, bobby, heard):
    whisper(app, "bobby", "alice", "remember me")

    delete_users(app=app, usernames=["bobby"])

    assert heard(alice) == ["remember me"]
    message = app.messages.get()
    assert (message.from_id, message.target_id) == ("bobby", "alice")


def test_a_disabled_user_still_reads(app, alice, bobby, group, heard):
    disable_users(app=app, users=app.users.filter(pk=bobby.pk))
    tell(app, group, "bobby is quiet")

    assert heard(bobby) == ["create_group", "bobby is quiet"]


def test_third_parties_read_nothing(app, alice, bobby, carol, group, heard):
    whisper(app, "alice", "bobby", "a secret")
    tell(app, group, "among us")

    assert heard(carol) == []
    assert not app.messages.visible_to(carol).exists()


def test_apps_with_the_same_names_read_their_own(app, other_app, alice, bobby, heard):
    for name in ("alice", "bobby"):
        person(other_app, name)
    whisper(app, "alice", "bobby", "ours")
    whisper(other_app, "alice", "bobby", "theirs")

    assert heard(bobby) == ["ours"]


def test_pages_tell_whether_more_follows(app, alice, bobby):
    for number in range(5):
        whisper(app, "alice", "bobby", f"{number}")

    def pages(limit: int) -> list[tuple[list[str], bool]]:
        found = []
        cursor = None
        while True:
            page = read_since(app=app, user=bobby, cursor=cursor, limit=limit)
            found.append(([row.body["text"] for row in page.messages], page.has_more))
            cursor = page.cursor
            if not page.has_more:
                return found

    assert pages(5) == [(["0", "1", "2", "3", "4"], False)]
    assert pages(4) == [(["0", "1", "2", "3"], True), (["4"], False)]
    assert pages(2) == [(["0", "1"], True), (["2", "3"], True), (["4"], False)]


def test_following_costs_one_query_and_its_beginning_and_the_end_of_the_log_one_more(
    app, alice, bobby, group, django_assert_num_queries
):
    for number in range(20):
        tell(app, group, f"{number}")
    with django_assert_num_queries(2):
        first = read_since(app=app, user=bobby, cursor=None, limit=10)

    with django_assert_num_queries(1):
        page = read_since(app=app, user=bobby, cursor=first.cursor, limit=500)

    with django_assert_num_queries(2):
        assert not read_since(app=app, user=bobby, cursor=page.cursor, limit=500).messages
