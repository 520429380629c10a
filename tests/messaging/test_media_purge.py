"""Uploads that nothing refers to are removed, and no others."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.services.users import update_user
from apps.groups.services.groups import update_group
from apps.messaging.drafts import Draft
from apps.messaging.models import Media
from apps.messaging.services import media_purge
from apps.messaging.services.media_purge import purge_media
from apps.messaging.services.media_storage import storage
from apps.messaging.services.messages import send_message
from apps.messaging.services.retract import retract_message
from tests.conftest import person
from tests.messaging.uploads import image, upload


@pytest.fixture
def stored(api, app):
    """Store bytes, and let them be old."""

    def store(content, kind="file", client=api):
        media_id = upload(client, kind, content).json()["media_id"]
        old = timezone.now() - timedelta(days=40)
        Media.objects.filter(media_id=media_id).update(seen_at=old)
        return media_id

    return store


def send(app, msg_type, body):
    draft = Draft(
        target_type="single",
        target_id="bobby",
        from_type="user",
        from_id="alice",
        msg_type=msg_type,
        body=body,
    )
    return send_message(app=app, draft=draft)


def purge(app, **more):
    before = timezone.now() - timedelta(days=30)
    return [purged.media_id for purged in purge_media(app=app, seen_before=before, **more)]


def has_bytes(app, content):
    return any(
        storage().exists(media.stored_as) and storage().open(media.stored_as).read() == content
        for media in app.media.all()
    )


def test_what_nothing_refers_to_is_removed_with_its_bytes(app, stored):
    media_id = stored(b"unused")
    name = app.media.get().stored_as

    assert purge(app) == [media_id]
    assert not app.media.exists()
    assert not storage().exists(name)


def test_what_is_in_a_message_a_profile_or_a_group_stays(app, alice, bobby, group, stored):
    used = [stored(f"file {number}".encode()) for number in range(8)]
    send(app, "file", {"media_id": used[0], "fname": "a"})
    send(app, "video", {"video": {"media_id": used[1]}, "thumb": {"media_id": used[2]}})
    send(app, "custom", {"deep": [{"er": ["x", used[3]]}]})
    send(app, "text", {"text": "hello", "extras": {"picture": used[4]}})
    update_user(app=app, username="alice", changes={"avatar": used[5]})
    update_user(app=app, username="bobby", changes={"extras": {"cover": used[6]}})
    update_group(app=app, gid=group.pk, changes={"avatar": used[7]})
    unused = stored(b"unused")

    assert purge(app) == [unused]
    assert set(app.media.values_list("media_id", flat=True)) == set(used)
    assert all(has_bytes(app, f"file {number}".encode()) for number in range(8))


def test_it_is_the_same_in_pieces(app, alice, bobby, group, stored, monkeypatch):
    monkeypatch.setattr(media_purge, "READ_AT_ONCE", 2)
    monkeypatch.setattr(media_purge, "REMOVED_AT_ONCE", 2)
    files = [stored(f"file {number}".encode()) for number in range(9)]
    for media_id in files[:4]:
        send(app, "file", {"media_id": media_id, "fname": "a"})
        send(app, "text", {"text": "see above"})
    update_user(app=app, username="bobby", changes={"avatar": files[4]})

    assert purge(app) == files[5:]
    assert set(app.media.values_list("media_id", flat=True)) == set(files[:5])


def test_what_another_app_refers_to_is_not_referred_to(app, other_app, alice, bobby, stored):
    media_id = stored(b"ours")
    for name in ("alice", "bobby"):
        person(other_app, name)
    send(other_app, "file", {"media_id": media_id})

    assert purge(app) == [media_id]


def test_a_retracted_message_refers_to_nothing(app, alice, bobby, stored):
    media_id = stored(b"taken back")
    sent = send(app, "file", {"media_id": media_id})
    assert purge(app) == []

    retract_message(app=app, sender=alice, msg_id=sent.msg_id)

    assert purge(app) == [media_id]


def test_what_was_uploaded_lately_stays_and_so_does_what_was_uploaded_again(api, app, stored):
    stored(b"again")
    upload(api, "file", b"again")
    upload(api, "file", b"new")

    assert purge(app) == []


def test_bytes_that_another_row_has_stay(app, alice, bobby, stored):
    content = image()
    as_file, as_image = stored(content), stored(content, "image")
    send(app, "image", {"media_id": as_image})
    before = timezone.now() - timedelta(days=30)

    (purged,) = purge_media(app=app, seen_before=before)

    assert (purged.media_id, purged.size) == (as_file, 0)
    assert has_bytes(app, content)


def test_a_dry_run_removes_nothing(app, stored):
    media_id = stored(b"unused")

    assert purge(app, dry_run=True) == [media_id]
    assert has_bytes(app, b"unused")


def test_the_command_goes_through_the_apps(app, other_app, stranger_api, stored, capsys):
    ours, theirs = stored(b"x" * 3 * 1024 * 1024), stored(b"theirs", client=stranger_api)

    call_command("purge_media", "--dry-run", "--verbosity=2")
    said = capsys.readouterr().out
    assert "Acme: 1 would be removed, 3.0 MB" in said
    assert ours in said
    assert theirs in said

    call_command("purge_media", f"--app={app.app_key}")
    assert capsys.readouterr().out == "Acme: 1 removed, 3.0 MB\n"
    assert other_app.media.exists()

    call_command("purge_media")
    assert capsys.readouterr().out == "Acme: 0 removed, 0.0 MB\nRival: 1 removed, 0.0 MB\n"


@pytest.mark.parametrize("arguments", [["--days=0"], ["--app=unknown"]])
def test_what_makes_no_sense_is_refused(arguments, app):
    with pytest.raises(CommandError):
        call_command("purge_media", *arguments)
