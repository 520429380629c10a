"""Messages between apps: a row in each log, which tell the same."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from apps.accounts.models import Block, User
from apps.accounts.services.users import delete_users, disable_users
from apps.core.errors import (
    CROSS_APP_REFUSED,
    FORBIDDEN_SENDER,
    KEY_REUSED,
    MESSAGE_TOO_LONG,
    NO_SUCH_GROUP,
    NO_SUCH_TARGET_APP,
    NO_SUCH_USER,
    SENDER_BLOCKED,
    SENDER_NOT_IN_GROUP,
    ErrorCode,
    ImError,
)
from apps.core.models import App
from apps.core.services.cross_app_grants import grant_cross_app, revoke_cross_app
from apps.groups.models import Group
from apps.groups.services.groups import dissolve_group
from apps.groups.services.members import MemberChange, change_members, change_members_across
from apps.messaging.drafts import Draft
from apps.messaging.inbox import history, threads_of
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message
from apps.messaging.services.retract import retract_message
from apps.messaging.signals import MessageSent, message_sent
from apps.messaging.sync import read_since
from tests.conftest import person

pytestmark = pytest.mark.django_db


def text(sender: str, target: Any, of: App | None = None, said: str = "hi", **more: Any) -> Draft:
    to_group = isinstance(target, Group)
    draft = Draft(
        target_type="group" if to_group else "single",
        target_id=str(target.pk) if to_group else target,
        target_app_key=of.app_key if of else "",
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": said},
    )
    return replace(draft, **more)


def heard(user: User) -> Sequence[Message]:
    return read_since(app=user.app, user=user, cursor=None, limit=100).messages


def texts(user: User) -> list[str]:
    return [row.body["text"] for row in heard(user) if row.msg_type == "text"]


def events(user: User) -> list[str]:
    return [row.body["event_type"] for row in heard(user) if row.msg_type == "event"]


def refusal(app: App, draft: Draft) -> ErrorCode:
    before = Message.objects.count()
    with pytest.raises(ImError) as caught:
        send_message(app=app, draft=draft)
    assert Message.objects.count() == before
    return caught.value.code


@pytest.fixture
def granted(app: App, other_app: App) -> None:
    """Each app may operate on the other one."""
    grant_cross_app(app=app, target=other_app)
    grant_cross_app(app=other_app, target=app)


@pytest.fixture
def shared(app: App, other_app: App, mallory: User, group: Group) -> Group:
    """Alice's group, with mallory of the other app in it."""
    change = MemberChange(app=other_app, add=["mallory"])
    change_members_across(app=app, gid=group.pk, changes=[change])
    return Group.objects.get(pk=group.pk)


@pytest.mark.usefixtures("granted")
class TestToAUser:
    def test_both_read_it_in_the_log_of_their_own_app(self, app, other_app, alice, mallory):
        sent = send_message(app=app, draft=text("alice", "mallory", other_app))

        (mine,), (theirs,) = heard(alice), heard(mallory)
        assert (mine.app, theirs.app) == (app, other_app)
        assert mine.pk == sent.msg_id != theirs.pk
        assert mine.origin_id == theirs.origin_id == sent.msg_id
        assert mine.sent_at == theirs.sent_at == sent.sent_at
        assert (mine.from_app_key, mine.target_app_key) == ("", other_app.app_key)
        assert (theirs.from_app_key, theirs.target_app_key) == (app.app_key, "")
        for row in (mine, theirs):
            assert (row.from_id, row.target_id, row.body) == ("alice", "mallory", {"text": "hi"})
            assert row.sender_id == alice.pk

    def test_an_answer_comes_into_the_same_conversations(self, app, other_app, alice, mallory):
        send_message(app=app, draft=text("alice", "mallory", other_app))
        send_message(app=other_app, draft=text("mallory", "alice", app, "ho"))

        for user in (alice, mallory):
            (thread,) = threads_of(app=user.app, user=user, limit=10)
            rows, _more = history(
                app=user.app,
                user=user,
                conversation_id=thread.conversation.pk,
                before=None,
                limit=10,
            )
            assert [row.body["text"] for row in rows] == ["hi", "ho"]
            assert thread.unread == 1

    def test_people_of_one_name_are_told_apart(self, app, other_app, alice):
        namesake = person(other_app, "alice")

        send_message(app=app, draft=text("alice", "alice", other_app))

        assert texts(alice) == texts(namesake) == ["hi"]
        send_message(app=app, draft=text("alice", "alice", said="note"))
        assert texts(alice) == ["hi", "note"]
        assert texts(namesake) == ["hi"]

    def test_it_takes_a_grant_in_its_own_direction(self, app, other_app, alice, mallory):
        revoke_cross_app(app=app, target=other_app)

        assert refusal(app, text("alice", "mallory", other_app)) is CROSS_APP_REFUSED
        assert send_message(app=other_app, draft=text("mallory", "alice", app))

    def test_without_a_grant_nobody_learns_who_is_there(self, app, other_app, alice):
        revoke_cross_app(app=app, target=other_app)

        assert refusal(app, text("alice", "nobody", other_app)) is CROSS_APP_REFUSED

    def test_unknown_apps_and_users_are_named_as_such(self, app, other_app, alice, mallory):
        unknown = replace(text("alice", "mallory"), target_app_key="x" * 24)

        assert refusal(app, unknown) is NO_SUCH_TARGET_APP
        assert refusal(app, text("alice", "nobody", other_app)) is NO_SUCH_USER
        assert refusal(app, text("nobody", "mallory", other_app)) is NO_SUCH_USER

    def test_a_block_refuses_it(self, app, other_app, alice, mallory):
        Block.objects.create(owner=mallory, blocked=alice)

        assert refusal(app, text("alice", "mallory", other_app)) is SENDER_BLOCKED
        assert send_message(app=other_app, draft=text("mallory", "alice", app))

    def test_who_is_disabled_or_no_admin_may_not(self, app, other_app, alice, bobby, mallory):
        disable_users(app=app, users=app.users.filter(pk=alice.pk))
        as_admin = text("bobby", "mallory", other_app, from_type="admin")

        assert refusal(app, text("alice", "mallory", other_app)) is FORBIDDEN_SENDER
        assert refusal(app, as_admin) is FORBIDDEN_SENDER

    def test_the_same_key_stores_it_once_in_both_logs(self, app, other_app, alice, mallory):
        once = text("alice", "mallory", other_app, idempotency_key="k1")

        first = send_message(app=app, draft=once)

        assert send_message(app=app, draft=once) == first
        assert texts(alice) == texts(mallory) == ["hi"]
        other = text("alice", "mallory", other_app, "ho", idempotency_key="k1")
        assert refusal(app, other) is KEY_REUSED

    def test_a_namesake_in_the_own_app_is_another_target_for_a_key(self, app, other_app, alice):
        person(app, "mallory")
        person(other_app, "mallory")
        send_message(app=app, draft=text("alice", "mallory", idempotency_key="k1"))

        again = text("alice", "mallory", other_app, idempotency_key="k1")
        assert refusal(app, again) is KEY_REUSED

    def test_naming_the_own_app_is_no_other_message(self, app, alice, bobby):
        sent = send_message(app=app, draft=text("alice", "bobby", app))

        assert Message.objects.get(pk=sent.msg_id).origin_id is None

    def test_it_is_announced_in_both_apps(self, app, other_app, alice, mallory):
        told: list[MessageSent] = []

        def listen(*, event: MessageSent, **kwargs: object) -> None:
            told.append(event)

        message_sent.connect(listen)
        try:
            send_message(app=app, draft=text("alice", "mallory", other_app))
        finally:
            message_sent.disconnect(listen)

        assert {event.app_id for event in told} == {app.pk, other_app.pk}
        assert {event.msg_id for event in told} == {heard(alice)[0].pk, heard(mallory)[0].pk}

    def test_the_filters_are_those_of_both_apps(
        self, app, other_app, alice, mallory, settings, monkeypatch
    ):
        settings.IM_MESSAGE_FILTERS = ["tests.messaging.test_services_across.mark"]

        send_message(app=app, draft=text("alice", "mallory", other_app))

        assert texts(mallory) == ["hi, Acme, Rival"]

    def test_what_is_too_long_is_refused(self, app, other_app, alice, mallory, settings):
        settings.IM_MESSAGE_BODY_MAX_BYTES = 20

        too_long = text("alice", "mallory", other_app, "x" * 20)
        assert refusal(app, too_long) is MESSAGE_TOO_LONG

    def test_retracting_takes_back_both_and_tells_both(self, app, other_app, alice, mallory):
        sent = send_message(app=app, draft=text("alice", "mallory", other_app))

        retract_message(app=app, sender=alice, msg_id=sent.msg_id)

        for user in (alice, mallory):
            said, event = heard(user)
            assert said.retracted_at is not None
            assert event.body["event_type"] == "retract_message"
            assert event.body["msg_id"] == said.pk
            assert event.body["from_username"] == "alice"
        assert heard(mallory)[1].from_app_key == app.app_key

    def test_deleting_either_leaves_the_other_what_was_said(self, app, other_app, alice, mallory):
        send_message(app=app, draft=text("alice", "mallory", other_app))

        delete_users(app=other_app, usernames=["mallory"])

        assert texts(alice) == ["hi"]
        (thread,) = threads_of(app=app, user=alice, limit=10)
        assert None in (thread.conversation.user_low, thread.conversation.user_high)


def mark(app: App, draft: Draft) -> Draft:
    """A filter that leaves its app's name."""
    return replace(draft, body={"text": f"{draft.body['text']}, {app.name}"})


class TestToAGroup:
    def test_all_members_hear_each_other(self, app, other_app, alice, bobby, mallory, shared):
        send_message(app=app, draft=text("alice", shared, said="one"))
        send_message(app=other_app, draft=text("mallory", shared, app, "two"))
        send_message(app=other_app, draft=text("mallory", shared, said="three"))

        for user in (alice, bobby, mallory):
            assert texts(user) == ["one", "two", "three"]

    def test_each_log_says_whose_the_names_are(self, app, other_app, alice, mallory, shared):
        sent = send_message(app=other_app, draft=text("mallory", shared, app))

        mine, theirs = heard(alice)[-1], heard(mallory)[-1]
        assert theirs.pk == sent.msg_id == mine.origin_id
        assert (mine.from_app_key, mine.target_app_key) == (other_app.app_key, "")
        assert (theirs.from_app_key, theirs.target_app_key) == ("", app.app_key)
        assert mine.target_id == theirs.target_id == str(shared.pk)

    def test_who_comes_and_goes_is_told_with_the_apps_of_the_names(
        self, app, other_app, alice, mallory, shared
    ):
        change_members(app=app, gid=shared.pk, remove=["bobby"])

        added, removed = heard(mallory)
        assert added.body["event_type"] == "add_members"
        assert added.body["to_username_list"] == ["mallory"]
        assert added.body["to_appkey_list"] == [other_app.app_key]
        assert removed.body["to_appkey_list"] == [app.app_key]
        assert added.target_app_key == app.app_key
        assert events(alice) == ["create_group", "add_members", "remove_members"]

    def test_who_has_left_hears_no_more(self, app, other_app, alice, mallory, shared):
        change = MemberChange(app=other_app, remove=["mallory"])
        change_members_across(app=app, gid=shared.pk, changes=[change])
        send_message(app=app, draft=text("alice", shared))

        assert events(mallory) == ["add_members", "remove_members"]
        assert texts(mallory) == []
        assert not other_app.messages.filter(msg_type="text").exists()

    def test_no_grant_is_needed_by_a_member_and_one_is_by_others(
        self, app, other_app, alice, mallory, shared
    ):
        person(other_app, "oscar", is_admin=True)
        as_admin = text("oscar", shared, app, from_type="admin")

        assert refusal(other_app, as_admin) is CROSS_APP_REFUSED
        grant_cross_app(app=other_app, target=app)
        send_message(app=other_app, draft=as_admin)
        assert texts(mallory) == texts(alice) == ["hi"]
        assert refusal(other_app, text("oscar", shared, app)) is SENDER_NOT_IN_GROUP

    def test_an_app_without_members_in_it_keeps_what_it_sent(self, app, other_app, alice, group):
        person(other_app, "oscar", is_admin=True)
        grant_cross_app(app=other_app, target=app)

        sent = send_message(app=other_app, draft=text("oscar", group, app, from_type="admin"))

        assert other_app.messages.get().pk == sent.msg_id
        assert texts(alice) == ["hi"]

    def test_a_group_that_is_not_there_is_absent(self, app, other_app, mallory, group):
        assert refusal(other_app, text("mallory", group)) is NO_SUCH_GROUP
        grant_cross_app(app=other_app, target=app)
        dissolve_group(app=app, gid=group.pk)
        assert refusal(other_app, text("mallory", group, app)) is NO_SUCH_GROUP

    def test_a_key_holds_in_a_shared_group(self, app, other_app, alice, mallory, shared):
        once = text("alice", shared, idempotency_key="k1")

        assert send_message(app=app, draft=once) == send_message(app=app, draft=once)
        assert texts(mallory) == ["hi"]

    def test_retracting_takes_all_copies_back(self, app, other_app, alice, mallory, shared):
        sent = send_message(app=other_app, draft=text("mallory", shared))

        retract_message(app=other_app, sender=mallory, msg_id=sent.msg_id)

        assert Message.objects.filter(retracted_at__isnull=False).count() == 2
        assert events(alice)[-1] == events(mallory)[-1] == "retract_message"

    def test_dissolving_it_ends_it_for_all(self, app, other_app, alice, mallory, shared):
        dissolve_group(app=app, gid=shared.pk)

        assert events(mallory)[-1] == events(alice)[-1] == "dissolve_group"
        assert not mallory.participations.present().exists()

    def test_deleting_a_member_of_another_app_is_told(self, app, other_app, alice, shared):
        person(other_app, "oscar")
        change = MemberChange(app=other_app, add=["oscar"])
        change_members_across(app=app, gid=shared.pk, changes=[change])

        delete_users(app=other_app, usernames=["mallory"])

        assert events(alice)[-1] == "exit_group"
        assert heard(alice)[-1].body["to_username_list"] == ["mallory"]
        assert events(other_app.users.get(username="oscar"))[-1] == "exit_group"
