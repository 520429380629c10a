"""Uploads that nothing refers to go by and by, in pieces, done by one process at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.chores import registered
from apps.core.erasing import begin_erasing
from apps.core.models import App
from apps.core.services.apps import create_app
from apps.core.services.jobs import work_on_jobs
from apps.messaging.models import Media, MediaPurge
from apps.messaging.services import media_purge
from apps.messaging.services.media_purge import purge_by_and_by
from apps.messaging.services.media_storage import storage
from tests.at_work import killing, wait_for, working
from tests.conftest import ApiClient, person
from tests.messaging.test_media_purge import send
from tests.messaging.test_media_purge import stored as stored
from tests.messaging.uploads import keep_on_disk, upload
from tests.threads import Session


def work() -> int:
    """Until nothing is left to do; how many pieces that were."""
    pieces = 0
    while purge_by_and_by():
        pieces += 1
    return pieces


def test_it_is_a_chore():
    assert registered()["unused-media"].step is purge_by_and_by


def test_what_nothing_refers_to_goes_with_its_bytes_and_the_rest_stays(
    api, app, alice, bobby, stored
):
    used, unused = stored(b"used"), stored(b"unused")
    name = app.media.get(media_id=unused).stored_as
    send(app, "file", {"media_id": used, "fname": "a"})
    upload(api, "file", b"new")
    work()

    assert not app.media.filter(media_id=unused).exists()
    assert not storage().exists(name)
    assert app.media.count() == 2


def test_nothing_goes_where_everything_is_to_be_kept(app, stored, settings):
    settings.IM_MEDIA_UNUSED_DAYS = 0
    stored(b"unused")

    assert work() == 0
    assert app.media.exists()


def test_the_days_are_counted_from_the_last_upload(app, stored, settings):
    settings.IM_MEDIA_UNUSED_DAYS = 41
    stored(b"forty days ago")

    assert work() == 0
    settings.IM_MEDIA_UNUSED_DAYS = 39
    assert work() > 0
    assert not app.media.exists()


def test_an_app_is_gone_through_once_in_so_many_hours(app, stored, settings):
    used = stored(b"unused")
    work()
    stored(b"unused, too")

    assert used
    assert work() == 0
    ended = timezone.now() - timedelta(hours=settings.IM_MEDIA_PURGE_HOURS, seconds=1)
    MediaPurge.objects.update(ended_at=ended)
    assert work() > 0
    assert not app.media.exists()


def test_an_app_without_old_uploads_is_not_read(api, app):
    upload(api, "file", b"new")

    assert work() == 0
    assert not MediaPurge.objects.exists()


def test_a_piece_is_bounded_and_the_next_one_goes_on_there(app, alice, bobby, stored, monkeypatch):
    monkeypatch.setattr(media_purge, "READ_AT_ONCE", 5)
    monkeypatch.setattr(media_purge, "REMOVED_AT_ONCE", 3)
    used = stored(b"used")
    send(app, "file", {"media_id": used, "fname": "a"})
    for number in range(12):
        send(app, "text", {"text": str(number)})
        stored(f"unused {number}".encode())
    pieces = work()

    # The users, the groups; 13 messages in three pieces; 13 uploads in five.
    assert pieces == 1 + 1 + 3 + 5
    assert [media.media_id for media in app.media.all()] == [used]


def test_what_is_said_between_two_pieces_keeps_its_file(app, alice, bobby, stored):
    late, unused = stored(b"sent late"), stored(b"unused")
    while not MediaPurge.objects.filter(phase=len(media_purge._SOURCES)).exists():
        purge_by_and_by()
    send(app, "file", {"media_id": late, "fname": "a"})
    work()

    assert [media.media_id for media in app.media.all()] == [late]
    assert unused


def test_a_mark_of_an_earlier_round_is_none(app, alice, bobby, stored):
    media_id = stored(b"named once")
    sent = send(app, "file", {"media_id": media_id, "fname": "a"})
    work()
    assert app.media.exists()

    app.messages.filter(pk=sent.msg_id).delete()
    long_ago = timezone.now() - timedelta(days=2)
    Media.objects.update(named_at=long_ago)
    MediaPurge.objects.update(ended_at=long_ago)
    work()
    assert not app.media.exists()


def test_a_piece_that_fails_is_done_again(app, stored, monkeypatch):
    for number in range(3):
        stored(f"unused {number}".encode())
    forget = media_purge._forget_bytes
    calls: list[Media] = []

    def stumble(media: Media) -> bool:
        calls.append(media)
        if len(calls) == 2:
            raise OSError
        return forget(media)

    monkeypatch.setattr(media_purge, "_forget_bytes", stumble)
    with pytest.raises(OSError):  # noqa: PT011 it has no text
        work()
    assert app.media.count() == 3

    work()
    assert not app.media.exists()


def test_an_app_that_is_being_deleted_is_left_to_that(app, stored):
    stored(b"unused")
    begin_erasing(app=app, operator_id=None)

    assert work() == 0


def test_files_go_with_their_app_and_those_of_others_stay(app, stranger_api, stored):
    stored(b"ours")
    stored(b"theirs", client=stranger_api)
    ours, theirs = (media.stored_as for media in Media.objects.order_by("pk"))
    begin_erasing(app=app, operator_id=None)
    while work_on_jobs():
        pass

    assert not App.objects.filter(pk=app.pk).exists()
    assert not storage().exists(ours)
    assert storage().exists(theirs)


@pytest.mark.django_db(transaction=True)
def test_while_one_is_at_it_others_find_nothing_to_do(stored):
    stored(b"unused")
    with Session() as other:
        other.begin()
        assert other.run(purge_by_and_by)
        assert not purge_by_and_by()
        other.commit()

    assert purge_by_and_by()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_killed_again_and_again_remove_all_of_it_and_nothing_else(settings, tmp_path):
    """Two at a time, killed in the middle of it, until the round is done."""
    keep_on_disk(settings, tmp_path)
    credentials = create_app(name="Acme", calls_per_minute=0)
    app = credentials.app
    for name in ("alice", "bobby"):
        person(app, name)
    api = ApiClient(credentials)
    ids = [
        upload(api, "file", f"file {number}".encode()).json()["media_id"] for number in range(350)
    ]
    Media.objects.update(seen_at=timezone.now() - timedelta(days=40))
    names = [media.stored_as for media in app.media.order_by("pk")]
    used = set(range(0, 350, 7))
    for number in used:
        send(app, "file", {"media_id": ids[number], "fname": "a"})
    where = {"IM_MEDIA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "imserver.settings.dev"}
    left = 350
    killed = killing(
        "unused-media",
        times=2,
        until=lambda: _fewer_than(left, app),
        what="something is removed",
        **where,
    )
    for _ in killed:
        left = app.media.count()
    with working("--only", "unused-media", **where), working("--only", "unused-media", **where):
        done = MediaPurge.objects.filter(ended_at__isnull=False)
        wait_for(done.exists, "the round is done")

    assert set(app.media.values_list("media_id", flat=True)) == {ids[number] for number in used}
    kept = {number for number, name in enumerate(names) if storage().exists(name)}
    assert kept == used


def _fewer_than(left: int, app: App) -> bool:
    return app.media.count() < left
