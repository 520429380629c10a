"""The panels of a user's page: in order, each the latest few and a way to all of them, whatever there is."""

from __future__ import annotations

import hashlib
import io
import zlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.services.users import update_user
from apps.core.models import AuditEntry
from apps.core.services.audit import Actor, Change, record
from apps.groups.services.groups import update_group
from apps.messaging.services.media import Upload, store_media
from tests.admin.conftest import list_of, page_of, world_of
from tests.admin.test_admin_big_world import rows_read
from tests.messaging.uploads import image

ORDER = (
    "Sessions",
    "Friends",
    "Blocks",
    "Groups",
    "Chatrooms",
    "Conversations",
    "Recent messages",
    "Media files",
    "Audit",
)
COUNT = 10_000
#: Of each kind so many of the first user's, in tables that have as many of others.
_MANY = """
INSERT INTO accounts_user (app_id, username, password_hash, is_admin, nickname, avatar, signature, region,
    address, star, created_at, updated_at)
SELECT %(app)s, 'user' || i, '', false, '', '', '', '', '', 0, now(), now() FROM generate_series(1, %(n)s) i;
INSERT INTO accounts_friendship (owner_id, friend_id, note_name, others, created_at)
SELECT %(user)s, id, '', '', now() FROM accounts_user WHERE username LIKE 'user%%';
INSERT INTO accounts_friendship (owner_id, friend_id, note_name, others, created_at)
SELECT id, %(user)s, '', '', now() FROM accounts_user WHERE username LIKE 'user%%';
INSERT INTO accounts_block (owner_id, blocked_id, created_at)
SELECT %(user)s, id, now() FROM accounts_user WHERE username LIKE 'user%%';
WITH made AS (
    INSERT INTO groups_group (app_id, name, description, avatar, kind, owner_id, max_members, created_at,
        updated_at)
    SELECT %(app)s, 'group ' || i, '', '', 1, %(user)s, 500, now(), now() FROM generate_series(1, %(n)s) i
    RETURNING id
) INSERT INTO groups_groupmember (group_id, user_id, role, joined_at) SELECT id, %(user)s, 1, now() FROM made;
WITH made AS (
    INSERT INTO groups_chatroom (app_id, name, description, owner_id, max_members, member_count, created_at,
        updated_at)
    SELECT %(app)s, 'room ' || i, '', %(user)s, 500, 1, now(), now() FROM generate_series(1, %(n)s) i
    RETURNING id
) INSERT INTO groups_chatroommember (chatroom_id, user_id, joined_at) SELECT id, %(user)s, now() FROM made;
WITH made AS (
    INSERT INTO messaging_conversation (app_id, kind, user_low_id, user_high_id, created_at)
    SELECT %(app)s, 1, %(user)s, id, now() FROM accounts_user WHERE username LIKE 'user%%'
    RETURNING id, user_high_id
) INSERT INTO messaging_participant (conversation_id, user_id, starts_after, read_up_to)
SELECT id, one, 0, 0 FROM made, LATERAL (VALUES (%(user)s), (user_high_id)) AS both_of_them (one);
INSERT INTO messaging_message (app_id, conversation_id, sender_id, sent_at, from_type, from_id, from_name,
    target_type, target_id, target_name, msg_type, body)
SELECT %(app)s, c.id, %(user)s, now(), 'user', %(name)s, '', 'single', 'user', '', 'text', '{"text": "hi"}'
FROM messaging_conversation c WHERE kind = 1 AND app_id = %(app)s;
INSERT INTO core_auditentry (at, operator_name, address, app_id, app_name, action, target_type, target_id,
    target_name)
SELECT now(), 'olga', '', %(app)s, '', 'Changed', 'accounts.user', %(user)s::text, %(name)s
FROM generate_series(1, %(n)s) i;
"""


def test_they_are_in_order_and_each_leads_to_a_list_of_the_users_own(browser, app):
    ours = world_of(app, "ours")
    world_of(app, "more")
    record(
        actor=Actor(None, "somebody", "192.0.2.1"),
        action="Changed",
        changes=[Change(target=ours.user, app=app, before={}, after={"nickname": "x"})],
    )

    panels = browser.get(page_of(ours.user)).context["panels"]

    assert tuple(str(panel.title) for panel in panels) == ORDER
    for panel in panels:
        found = browser.get(panel.more).context["cl"].result_list
        assert len(found) == len(panel.rows), str(panel.title)


@pytest.mark.slow
def test_with_ten_thousand_of_each_they_are_the_latest_ten_and_read_little(browser, app, alice):
    with connection.cursor() as cursor:
        given = {"app": app.pk, "user": alice.pk, "name": alice.username, "n": COUNT}
        for statement in _MANY.split(";\n")[:-1]:
            cursor.execute(statement, given)
        cursor.execute("ANALYZE")
    browser.get(page_of(alice))  # what is asked once
    before = rows_read()

    with CaptureQueriesContext(connection) as queries:
        panels = browser.get(page_of(alice)).context["panels"]

    assert len(queries) <= 15
    _compare(before, "the page")
    shown = {str(panel.title): len(panel.rows) for panel in panels}
    assert shown == {**dict.fromkeys(ORDER, 10), "Sessions": 0, "Media files": 0}
    for panel in panels:
        before = rows_read()
        found = browser.get(panel.more).context["cl"]
        # Of the audit, the numbers of all entries are read before their rows.
        _compare(before, str(panel.title), times=2 if panel.title == "Audit" else 1)
        if panel.rows:
            assert len(found.result_list) in (50, 100)
            assert found.older_url


@pytest.mark.slow
def test_the_conversations_of_who_has_long_been_silent_are_not_sought_among_all(
    browser, app, alice, bobby
):
    talk = """
        WITH made AS (
            INSERT INTO messaging_conversation (app_id, kind, user_low_id, user_high_id, created_at)
            SELECT %(app)s, 2, %(user)s, NULL, now() FROM generate_series(1, %(n)s) i RETURNING id
        ) INSERT INTO messaging_participant (conversation_id, user_id, starts_after, read_up_to)
        SELECT id, %(user)s, 0, 0 FROM made
    """
    with connection.cursor() as cursor:
        for user, count in ((alice, 3_000), (bobby, 30_000)):
            cursor.execute(talk, {"app": app.pk, "user": user.pk, "n": count})
        cursor.execute("ANALYZE")
    before = rows_read()["messaging_participant"]

    browser.page(page_of(alice))

    assert rows_read()["messaging_participant"] - before <= 100


def _compare(before: dict[str, int], what: str, times: int = 1) -> None:
    """No more was read than is sorted at once: in no time, and of few tables."""
    read = {table: rows - before.get(table, 0) for table, rows in rows_read().items()}
    assert {table: rows for table, rows in read.items() if rows > times * COUNT + 1000} == {}, what


def test_the_audit_of_one_row_is_a_list(browser, root, app, alice, bobby):
    for user in (alice, bobby):
        browser.answer(page_of(user, "disable"))
    address = f"{list_of(AuditEntry)}?about=accounts.user.{alice.pk}"

    for anyone in (browser, root):
        page = anyone.get(address)
        entries = page.context["cl"].result_list
        assert [entry.target_name for entry in entries] == ["alice"]
        assert "alice" in page.content.decode()


@pytest.mark.parametrize("about", ["accounts.user.0", "x", "..", "accounts.user.x", "a\0", "名.1"])
def test_the_audit_of_what_is_none_is_empty(browser, alice, about):
    browser.answer(page_of(alice, "disable"))

    found = browser.get(list_of(AuditEntry), {"about": about}).context["cl"].result_list

    assert list(found) == []


def test_the_audit_of_another_apps_row_is_empty(browser, root, mallory):
    root.answer(page_of(mallory, "disable"))

    page = browser.get(list_of(AuditEntry), {"about": f"accounts.user.{mallory.pk}"})

    assert list(page.context["cl"].result_list) == []
    assert "mallory" not in page.content.decode()


def upload(app, kind: str = "image") -> str:
    """The media id of a picture that is stored."""
    raw = image(size=(30, 20))
    digest = hashlib.sha256(raw).hexdigest()
    given = Upload(io.BytesIO(raw), "a.png", len(raw), digest, zlib.crc32(raw))
    return store_media(app=app, kind=kind, upload=given).media_id


def test_an_avatar_is_shown_to_whoever_sees_whose_it_is(browser, app, alice, group):
    media_id = upload(app)
    update_user(app=app, username="alice", changes={"avatar": media_id})
    update_group(app=app, gid=group.pk, changes={"avatar": media_id})

    for row in (alice, group):
        page = browser.page(page_of(row))
        source = page.partition('<img src="/media/')[2].partition('"')[0]
        assert "30 × 20" in page  # noqa: RUF001
        assert browser.get(f"/media/{source}").status_code == 200


def test_an_avatar_that_is_not_an_image_of_the_app_is_not_shown(browser, app, other_app, alice):
    for media_id in (upload(other_app), upload(app, "file"), "qiniu/image/j/none"):
        update_user(app=app, username="alice", changes={"avatar": media_id})

        page = browser.page(page_of(alice))
        assert "There is no image of this media id in the app." in page
        assert '<img src="/media/' not in page
