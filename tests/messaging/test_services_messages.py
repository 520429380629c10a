"""Sending: who may, what filters and receivers do to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from apps.accounts.services.blocks import block_users, unblock_users
from apps.accounts.services.users import disable_users, enable_users
from apps.core.errors import (
    FORBIDDEN_SENDER,
    MESSAGE_TOO_LONG,
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    PARAMETER_INVALID,
    SENDER_BLOCKED,
    SENDER_NOT_IN_GROUP,
    ErrorCode,
    ImError,
)
from apps.core.models import App
from apps.groups.services.groups import dissolve_group
from apps.messaging.drafts import Draft
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message
from apps.messaging.signals import MessageSent, message_sent


def text(sender: str, target: str, said: str = "hi", **more: Any) -> Draft:
    draft = Draft(
        target_type="group" if target.isdigit() else "single",
        target_id=target,
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": said},
    )
    return replace(draft, **more)


def refusal(app: App, draft: Draft) -> ErrorCode:
    """Why it is refused; nothing may be stored then."""
    with pytest.raises(ImError) as caught:
        send_message(app=app, draft=draft)
    assert not app.messages.said().exists()
    return caught.value.code


@pytest.mark.django_db
class TestWhoMaySend:
    def test_any_user_may_write_to_any_other(self, app, alice, bobby):
        sent = send_message(app=app, draft=text("bobby", "alice"))

        message = app.messages.get()
        assert (message.pk, message.sent_at) == (sent.msg_id, sent.sent_at)
        assert (message.sender, message.from_id, message.target_id) == (bobby, "bobby", "alice")
        assert message.body == {"text": "hi"}

    @pytest.mark.parametrize("pair", [("nobody", "alice"), ("alice", "nobody")])
    def test_both_must_be_there(self, app, alice, pair):
        assert refusal(app, text(*pair)) is NO_SUCH_USER

    def test_users_of_another_app_are_not_there(self, app, alice, mallory):
        assert refusal(app, text("alice", "mallory")) is NO_SUCH_USER
        assert refusal(app, text("mallory", "alice")) is NO_SUCH_USER

    def test_who_is_disabled_may_not(self, app, alice, bobby):
        disable_users(app=app, users=app.users.filter(pk=bobby.pk))
        assert refusal(app, text("bobby", "alice")) is FORBIDDEN_SENDER

        enable_users(app=app, users=app.users.filter(pk=bobby.pk))
        assert send_message(app=app, draft=text("bobby", "alice"))

    def test_who_is_disabled_still_gets_messages(self, app, alice, bobby):
        disable_users(app=app, users=app.users.filter(pk=bobby.pk))

        assert send_message(app=app, draft=text("alice", "bobby"))

    def test_an_admin_must_be_one(self, app, alice, bobby):
        assert refusal(app, text("bobby", "alice", from_type="admin")) is FORBIDDEN_SENDER

        assert send_message(app=app, draft=text("alice", "bobby", from_type="admin"))

    def test_who_is_blocked_may_not_write_to_that_user(self, app, alice, bobby, carol):
        block_users(app=app, owner=bobby, usernames=["carol"])
        assert refusal(app, text("carol", "bobby")) is SENDER_BLOCKED

        assert send_message(app=app, draft=text("bobby", "carol")), "the other way goes"
        assert send_message(app=app, draft=text("carol", "alice")), "and so does another user"
        unblock_users(app=app, owner=bobby, usernames=["carol"])
        assert send_message(app=app, draft=text("carol", "bobby"))

    def test_who_is_blocked_after_the_first_message_may_not_either(self, app, bobby, carol):
        send_message(app=app, draft=text("carol", "bobby"))
        block_users(app=app, owner=bobby, usernames=["carol"])

        with pytest.raises(ImError) as caught:
            send_message(app=app, draft=text("carol", "bobby"))

        assert caught.value.code is SENDER_BLOCKED
        assert app.messages.count() == 1

    def test_only_members_write_to_a_group_as_themselves(self, app, group, bobby, carol):
        gid = str(group.pk)
        assert refusal(app, text("carol", gid)) is SENDER_NOT_IN_GROUP

        assert send_message(app=app, draft=text("bobby", gid))
        assert send_message(app=app, draft=text("carol", gid, from_type="api"))
        assert send_message(app=app, draft=text("alice", gid, from_type="admin"))

    @pytest.mark.parametrize("gid", ["1", "0", "9" * 18])
    def test_the_group_must_be_there(self, app, alice, gid):
        assert refusal(app, text("alice", gid)) is NO_SUCH_GROUP

    def test_a_group_of_another_app_is_not_there(self, app, other_app, group, mallory):
        with pytest.raises(ImError) as caught:
            send_message(app=other_app, draft=text("mallory", str(group.pk), from_type="api"))

        assert caught.value.code is NO_SUCH_GROUP

    def test_a_dissolved_group_hears_nothing(self, app, group):
        dissolve_group(app=app, gid=group.pk)

        assert refusal(app, text("alice", str(group.pk))) is NO_SUCH_GROUP

    def test_a_body_is_measured_in_bytes(self, app, alice, bobby, settings):
        settings.IM_MESSAGE_BODY_MAX_BYTES = 100
        frame = len('{"text":""}')

        said = "字" * ((100 - frame) // 3) + "x" * ((100 - frame) % 3)
        assert send_message(app=app, draft=text("alice", "bobby", said))
        with pytest.raises(ImError) as caught:
            send_message(app=app, draft=text("alice", "bobby", said + "x"))
        assert caught.value.code is MESSAGE_TOO_LONG


def shout(app: App, draft: Draft) -> Draft:
    """A filter."""
    return replace(draft, body={"text": draft.body["text"].upper()})


def underline(app: App, draft: Draft) -> Draft:
    """Another."""
    return replace(draft, body={"text": f"_{draft.body['text']}_ for {app.name}"})


def refuse_greetings(app: App, draft: Draft) -> Draft:
    """A filter that refuses some."""
    if draft.body["text"] == "hi":
        raise ImError(PARAMETER_INVALID, "msg_body.text: say something")
    return draft


def blow_up(app: App, draft: Draft) -> Draft:
    """A filter that nobody tried before."""
    return replace(draft, body={"text": draft.body["text"] * 1000})


@pytest.mark.django_db
class TestFilters:
    @pytest.fixture
    def use(self, settings) -> Callable[..., None]:
        def use(*filters: Any) -> None:
            settings.IM_MESSAGE_FILTERS = [f"{__name__}.{one.__name__}" for one in filters]

        return use

    def test_what_a_filter_makes_of_it_is_stored(self, app, alice, bobby, use):
        use(shout)
        send_message(app=app, draft=text("alice", "bobby"))

        assert app.messages.get().body == {"text": "HI"}

    def test_filters_run_in_their_order(self, app, alice, bobby, use):
        use(shout, underline)
        send_message(app=app, draft=text("alice", "bobby"))

        assert app.messages.get().body == {"text": "_HI_ for Acme"}

    def test_a_filter_may_refuse(self, app, alice, bobby, use):
        use(refuse_greetings)

        assert refusal(app, text("alice", "bobby")) is PARAMETER_INVALID
        assert send_message(app=app, draft=text("alice", "bobby", "how are you?"))

    def test_what_a_filter_makes_too_long_is_refused(self, app, alice, bobby, use):
        use(blow_up)

        assert refusal(app, text("alice", "bobby", "hello")) is MESSAGE_TOO_LONG


class VetoError(Exception):
    """What a receiver says no with."""


@pytest.fixture
def receive() -> Iterator[Callable[..., None]]:
    """Has functions receive the news of sends, for this test."""
    connected: list[Any] = []

    def connect(receiver: Callable[..., None], sender: Any = None) -> None:
        message_sent.connect(receiver, sender=sender)
        connected.append((receiver, sender))

    yield connect
    for receiver, sender in connected:
        message_sent.disconnect(receiver, sender=sender)


@pytest.mark.django_db(transaction=True)
class TestReceivers:
    @pytest.mark.parametrize("sender", [None, Message], ids=["of all", "of messages"])
    @pytest.mark.parametrize("target", ["bobby", "group"])
    def test_one_that_raises_undoes_the_send(self, app, group, receive, sender, target):
        """Whether it is the first message of a pair or to a group, and however it is connected."""

        def refuse(**news: Any) -> None:
            raise VetoError

        receive(refuse, sender)
        before = app.messages.count()
        with pytest.raises(VetoError):
            send_message(
                app=app, draft=text("alice", str(group.pk) if target == "group" else target)
            )

        assert app.messages.count() == before
        assert not app.conversations.filter(group=None).exists()

    def test_one_that_raises_rings_no_bell(self, app, alice, bobby, receive, monkeypatch):
        rung: list[int] = []
        monkeypatch.setattr("apps.messaging.bells.get", lambda: Recorder(rung))

        def refuse(**news: Any) -> None:
            raise VetoError

        receive(refuse)
        with pytest.raises(VetoError):
            send_message(app=app, draft=text("alice", "bobby"))

        assert rung == []

    def test_one_reads_the_row_in_the_transaction_of_the_send(self, app, alice, bobby, receive):
        news: list[tuple[MessageSent, str, bool]] = []

        def read(*, event: MessageSent, **more: Any) -> None:
            body = Message.objects.get(pk=event.msg_id).body
            news.append((event, body["text"], connection.in_atomic_block))

        receive(read)
        sent = send_message(app=app, draft=text("alice", "bobby"))

        assert news == [(MessageSent(app.pk, sent.msg_id), "hi", True)]

    def test_a_send_without_receivers_is_two_round_trips_at_most(
        self, app, alice, bobby, django_assert_num_queries
    ):
        with django_assert_num_queries(2):
            send_message(app=app, draft=text("alice", "bobby"))
        with django_assert_num_queries(1):
            send_message(app=app, draft=text("alice", "bobby"))


class Recorder:
    """Stands in for the bell."""

    def __init__(self, rung: list[int]) -> None:
        self._rung = rung

    def ring(self, app_id: int) -> None:
        self._rung.append(app_id)
