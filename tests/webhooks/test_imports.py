"""What is imported is no news: endpoints are told nothing of it."""

import pytest

from apps.accounts.services.importing import USERS
from apps.accounts.services.users import Registration, register_user
from apps.core.importing import Row
from apps.messaging.drafts import Draft
from apps.messaging.services.importing import HISTORY
from apps.messaging.services.messages import send_message
from apps.webhooks.models import EndpointKind
from tests.webhooks.conftest import work


def said(msgid):
    return {
        "msgid": msgid,
        "msg_ctime": 1_493_794_522_950 + msgid,
        "target_type": "single",
        "target_id": "bobby",
        "from_id": "alice",
        "msg_type": "text",
        "msg_body": {"text": "then"},
    }


@pytest.mark.parametrize(
    ("kind", "name"), [(EndpointKind.MESSAGES, "messages"), (EndpointKind.PUSH, "pushes")]
)
def test_imported_messages_are_passed_over_and_the_next_one_is_told(
    kind, name, app, alice, bobby, make, receiver
):
    make(kind)
    outcomes = HISTORY.run(app, [Row(number, said(number)) for number in range(1, 30)])
    assert not any(outcome.error for outcome in outcomes)
    draft = Draft(
        target_type="single",
        target_id="bobby",
        from_type="user",
        from_id="alice",
        msg_type="text",
        body={"text": "now"},
    )
    send_message(app=app, draft=draft)

    work()

    told = [row for got in receiver.received for row in got.body[name]]
    texts = [row.get("msg_body", row.get("msg", {}).get("msg_body")) for row in told]
    assert [text["text"] for text in texts] == ["now"]


def test_imported_users_are_not_told_of_and_registered_ones_are(app, make, receiver):
    make(EndpointKind.EVENTS)

    USERS.run(app, [Row(1, {"username": "moved"})])
    register_user(app=app, registration=Registration(username="fresh", password="secret"))
    work()

    (got,) = receiver.received
    assert "fresh" in str(got.body)
    assert "moved" not in str(got.body)
