"""Cursors that are of no use: each is refused with a code, and the word resync."""

import pytest

from apps.core.errors import CURSOR_OUTLIVED, CURSOR_UNKNOWN, ImError
from apps.core.seals import seal
from apps.core.services.apps import start_log_epoch
from apps.messaging.drafts import Draft
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message
from apps.messaging.sync import Place, cursor_at, read_since

pytestmark = pytest.mark.django_db
SYNC = "/v1/users/bobby/sync"


@pytest.fixture
def cursor(app, alice, bobby):
    """Where bobby is after one message."""
    draft = Draft(
        target_type="single",
        target_id="bobby",
        from_type="user",
        from_id="alice",
        msg_type="text",
        body={"text": "hi"},
    )
    send_message(app=app, draft=draft)
    return read_since(app=app, user=bobby, cursor=None, limit=10).cursor


def refused(app, user, cursor):
    with pytest.raises(ImError) as caught:
        read_since(app=app, user=user, cursor=cursor, limit=10)
    assert "resync" in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    "garbage",
    ["0", "-1", "null", "AAAA", "=", "+", "é", "\ud7ff", "a b", "x" * 512, "x" * 100_000, "1\n"],
)
def test_garbage_is_unknown(app, bobby, garbage):
    assert refused(app, bobby, garbage) is CURSOR_UNKNOWN


def test_a_cursor_of_another_app_is_unknown(app, other_app, bobby, cursor):
    assert refused(app, bobby, cursor_at(other_app, Place.at(0))) is CURSOR_UNKNOWN


def test_a_cursor_of_something_else_is_unknown(app, bobby):
    other = seal(f"report {app.pk} app", [app.log_epoch, 0])

    assert refused(app, bobby, other) is CURSOR_UNKNOWN


def test_a_cursor_from_before_a_backup_was_restored_is_outlived(app, bobby, cursor):
    start_log_epoch(app=app)

    assert refused(app, bobby, cursor) is CURSOR_OUTLIVED
    again = read_since(app=app, user=bobby, cursor=None, limit=10)
    assert len(again.messages) == 1
    assert again.cursor != cursor


def test_a_cursor_beyond_the_end_of_the_log_is_outlived(app, bobby, cursor):
    """A backup was restored, and nobody started a new epoch."""
    assert (
        refused(app, bobby, cursor_at(app, Place.at(Message.objects.get().pk + 1_000_000)))
        is CURSOR_OUTLIVED
    )


def test_a_cursor_at_the_end_of_the_log_is_good(app, bobby, cursor):
    page = read_since(app=app, user=bobby, cursor=cursor, limit=10)

    assert page.messages == []
    assert page.cursor == cursor
    assert not page.has_more


@pytest.mark.usefixtures("cursor")
@pytest.mark.parametrize("path", [SYNC, "/users/bobby/sync", f"{SYNC}/"])
def test_the_api_tells_that_a_cursor_is_unknown(api, path):
    reply = api.get(path, {"after": "garbage"})

    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == 890001
    assert "resync" in reply.json()["error"]["message"]


def test_the_api_tells_that_a_cursor_is_outlived(app, api, cursor):
    start_log_epoch(app=app)

    reply = api.get(SYNC, {"after": cursor})

    assert reply.status_code == 410
    assert reply.json()["error"]["code"] == 890002
    assert "resync" in reply.json()["error"]["message"]


def test_the_api_takes_its_own_cursors(api, cursor):
    first = api.get(SYNC).json()

    reply = api.get(SYNC, {"after": first["cursor"]})

    assert reply.status_code == 200
    assert reply.json() == {"messages": [], "cursor": first["cursor"], "has_more": False}


def test_an_empty_cursor_is_as_none(api, cursor):
    assert api.get(SYNC, {"after": ""}).json() == api.get(SYNC).json()
