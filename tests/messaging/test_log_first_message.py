"""The first message of a pair of users, which makes their conversation."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from apps.accounts.services.users import delete_users
from apps.core.errors import NO_SUCH_USER
from apps.core.models import App
from apps.messaging.drafts import Draft
from apps.messaging.models import Conversation, Message
from apps.messaging.services.messages import send_message
from apps.messaging.signals import message_sent
from apps.messaging.sync import read_since
from tests.conftest import person
from tests.deletions import during_deletion_of, pause_at_deletion
from tests.threads import Pause, Session, at_once, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def text(sender: str, target: str, said: str = "hi", key: str | None = None) -> Draft:
    return Draft(
        target_type="single",
        target_id=target,
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": said},
        idempotency_key=key,
    )


@pytest.fixture
def pause(monkeypatch: pytest.MonkeyPatch) -> Pause:
    """Stops the first deletion of users when it has locked them."""
    return pause_at_deletion(monkeypatch)


@pytest.fixture
def listened() -> Iterator[None]:
    """Somebody listens to sends, each of which is a transaction then."""

    def listen(**news: Any) -> None:
        pass

    message_sent.connect(listen)
    yield
    message_sent.disconnect(listen)


def test_both_sides_send_it_at_once_into_one_conversation(app, alice, bobby):
    names = ["alice", "bobby"] * 8

    at_once(
        *(
            partial(send_message, app=app, draft=text(name, other))
            for name, other in zip(names, names[1:] + names[:1], strict=True)
        )
    )

    conversation = app.conversations.get()
    assert {conversation.user_low, conversation.user_high} == {alice, bobby}
    assert {row.user for row in conversation.participants.all()} == {alice, bobby}
    assert conversation.participants.count() == 2
    for user in (alice, bobby):
        page = read_since(app=app, user=user, cursor=None, limit=100)
        assert [row.from_id for row in page.messages].count(user.username) == 8
        assert len(page.messages) == 16


def test_a_note_to_oneself_is_a_conversation_of_one(app, alice):
    at_once(*[partial(send_message, app=app, draft=text("alice", "alice"))] * 4)

    conversation = app.conversations.get()
    assert conversation.user_low == conversation.user_high == alice
    assert [row.user for row in conversation.participants.all()] == [alice]
    assert len(read_since(app=app, user=alice, cursor=None, limit=100).messages) == 4


@pytest.mark.parametrize("deleted", ["alice", "bobby"])
@pytest.mark.usefixtures("alice", "bobby")
def test_it_is_refused_when_one_of_them_is_deleted_meanwhile(app, pause, deleted):
    sending = partial(send_message, app=app, draft=text("alice", "bobby"))

    assert during_deletion_of(deleted, app, pause, sending) is NO_SUCH_USER
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.usefixtures("listened", "group")
def test_a_repeated_message_does_not_deadlock_with_the_deletion_of_its_sender(app, pause):
    """The repetition waits for the log's lock and has it then: it must not wait for users after that."""
    send_message(app=app, draft=text("alice", "bobby"))
    repeated = partial(send_message, app=app, draft=text("alice", "bobby", key="once"))
    with Session() as first, Session() as again, Session() as deleter:
        first.begin()
        stored = first.run(repeated)
        repetition = again.start(repeated)
        until_waiting()
        deletion = deleter.start(delete_users, app=app, usernames=["alice"])
        pause.until_reached()
        first.commit()
        answered = repetition.result(30)
        pause.go_on()
        deletion.result(30)

    assert answered == stored


def test_another_user_of_a_deleted_name_starts_a_conversation_of_their_own(app, alice, bobby):
    send_message(app=app, draft=text("alice", "bobby", "for the first bobby"))
    delete_users(app=app, usernames=["bobby"])
    second = person(app, "bobby")

    send_message(app=app, draft=text("alice", "bobby", "for the second"))

    def read(app: App, user: Any) -> list[str]:
        page = read_since(app=app, user=user, cursor=None, limit=100)
        return [row.body["text"] for row in page.messages]

    assert read(app, second) == ["for the second"]
    assert read(app, alice) == ["for the first bobby", "for the second"]
