"""Idempotency keys: a message that is sent again is not stored again."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from apps.accounts.services.blocks import block_users
from apps.accounts.services.users import delete_users
from apps.core.errors import KEY_REUSED, ImError
from apps.core.models import App
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from tests.conftest import person
from tests.threads import Session, at_once, outcomes_at_once, refusals, until_waiting


def keyed(said: str = "hi", **more: Any) -> Draft:
    draft = Draft(
        target_type="single",
        target_id="bobby",
        from_type="user",
        from_id="alice",
        msg_type="text",
        body={"text": said},
        idempotency_key="once",
    )
    return replace(draft, **more)


@pytest.mark.django_db
class TestOneAfterTheOther:
    def test_the_same_message_is_answered_with_the_first(self, app, alice, bobby):
        first = send_message(app=app, draft=keyed())

        assert send_message(app=app, draft=keyed()) == first
        assert app.messages.count() == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"body": {"text": "ho"}},
            {"body": {"text": "hi", "extras": {}}},
            {"target_id": "alice"},
            {"msg_type": "custom"},
            {"from_type": "api"},
            {"options": {"no_offline": True}},
        ],
        ids=str,
    )
    def test_another_message_under_the_same_key_is_refused(self, app, alice, bobby, other):
        send_message(app=app, draft=keyed())

        with pytest.raises(ImError) as caught:
            send_message(app=app, draft=keyed(**other))

        assert caught.value.code is KEY_REUSED
        assert app.messages.count() == 1

    def test_the_order_of_members_and_the_client_s_clock_do_not_matter(self, app, alice, bobby):
        body = {"text": "hi", "extras": {"a": 1, "b": 2}}
        first = send_message(app=app, draft=keyed(body=body, create_time=1))

        again = keyed(body={"extras": {"b": 2, "a": 1}, "text": "hi"}, create_time=2)

        assert send_message(app=app, draft=again) == first

    def test_a_key_is_the_sender_s_own(self, app, alice, bobby):
        first = send_message(app=app, draft=keyed())

        other = send_message(app=app, draft=keyed(from_id="bobby", target_id="alice"))

        assert other.msg_id > first.msg_id

    def test_a_key_is_the_app_s_own(self, app, other_app, alice, bobby):
        for name in ("alice", "bobby"):
            person(other_app, name)
        first = send_message(app=app, draft=keyed())

        other = send_message(app=other_app, draft=keyed("another message"))

        assert other.msg_id > first.msg_id
        assert app.messages.count() == other_app.messages.count() == 1

    def test_without_a_key_each_is_a_message(self, app, alice, bobby):
        for _ in range(2):
            send_message(app=app, draft=keyed(idempotency_key=None))

        assert app.messages.count() == 2

    def test_what_was_sent_is_answered_though_it_could_not_be_sent_now(self, app, alice, bobby):
        first = send_message(app=app, draft=keyed(from_id="bobby", target_id="alice"))
        block_users(app=app, owner=alice, usernames=["bobby"])
        assert send_message(app=app, draft=keyed(from_id="bobby", target_id="alice")) == first

        delete_users(app=app, usernames=["alice"])
        assert send_message(app=app, draft=keyed(from_id="bobby", target_id="alice")) == first

    def test_a_new_user_of_the_name_has_keys_of_their_own(self, app, alice, bobby):
        first = send_message(app=app, draft=keyed())
        delete_users(app=app, usernames=["alice"])
        person(app, "alice")

        assert send_message(app=app, draft=keyed("another")).msg_id > first.msg_id

    def test_a_filter_that_has_changed_its_mind_does_not_matter(self, app, alice, bobby, settings):
        """The key is held to what was sent, not to what was made of it."""
        first = send_message(app=app, draft=keyed())

        settings.IM_MESSAGE_FILTERS = [f"{__name__}.sign"]

        assert send_message(app=app, draft=keyed()) == first
        with pytest.raises(ImError):
            send_message(app=app, draft=keyed("hi, signed"))


def sign(app: App, draft: Draft) -> Draft:
    """A filter."""
    return replace(draft, body={"text": f"{draft.body['text']}, signed"})


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.mark.parametrize("first_of_the_pair", [True, False])
    def test_all_get_the_one_message(self, app, alice, bobby, first_of_the_pair):
        if not first_of_the_pair:
            send_message(app=app, draft=keyed(idempotency_key=None))
        before = app.messages.count()

        sent = at_once(*[partial(send_message, app=app, draft=keyed())] * 16)

        assert len(set(sent)) == 1
        assert app.messages.count() == before + 1

    def test_all_get_the_one_message_to_a_group(self, app, group):
        draft = keyed(target_type="group", target_id=str(group.pk))

        sent = at_once(*[partial(send_message, app=app, draft=draft)] * 16)

        assert len(set(sent)) == 1
        assert app.messages.said().count() == 1

    def test_of_different_messages_one_wins_and_the_others_are_told(self, app, alice, bobby):
        drafts = [keyed(f"message {number % 4}") for number in range(16)]

        sent = outcomes_at_once(*(partial(send_message, app=app, draft=draft) for draft in drafts))

        assert [error.code for error in refusals(sent)] == [KEY_REUSED] * 12
        (message,) = app.messages.all()
        winners = [
            draft for draft, one in zip(drafts, sent, strict=True) if one not in refusals(sent)
        ]
        assert {draft.body["text"] for draft in winners} == {message.body["text"]}

    def test_a_first_try_that_is_undone_leaves_the_key_free(self, app, alice, bobby):
        send_message(app=app, draft=keyed(idempotency_key=None))
        with Session() as one, Session() as two:
            one.begin()
            lost = one.run(send_message, app=app, draft=keyed())
            retry = two.start(send_message, app=app, draft=keyed())
            until_waiting()
            one.undo()
            stored = retry.result(30)

        assert stored.msg_id > lost.msg_id
        assert app.messages.filter(idempotency_key="once").get().pk == stored.msg_id
