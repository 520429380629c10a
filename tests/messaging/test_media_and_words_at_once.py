"""The same bytes stored and removed, and words added, by several at the same time."""

import hashlib
import io
import zlib
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from apps.core.errors import PARAMETER_INVALID
from apps.messaging.services.media import Upload, store_media
from apps.messaging.services.media_purge import purge_media
from apps.messaging.services.media_storage import storage
from apps.messaging.services.sensitive_words import add_words
from tests.messaging.uploads import keep_on_disk
from tests.threads import at_once, outcomes_at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = b"the same bytes" * 10_000


@pytest.fixture(autouse=True)
def disk(settings, tmp_path):
    """Files of their own for each reader and writer."""
    keep_on_disk(settings, tmp_path)
    return tmp_path


def store(app):
    upload = Upload(
        io.BytesIO(CONTENT),
        "a",
        len(CONTENT),
        hashlib.sha256(CONTENT).hexdigest(),
        zlib.crc32(CONTENT),
    )
    return store_media(app=app, kind="file", upload=upload).media_id


def test_the_same_bytes_uploaded_at_once_are_one_file_and_one_id(app, disk):
    ids = at_once(*(partial(store, app) for _ in range(8)))

    files = [path for path in disk.rglob("*") if path.is_file()]
    assert len(set(ids)) == 1
    assert app.media.count() == 1
    assert [file.read_bytes() for file in files] == [CONTENT]


def test_bytes_that_are_uploaded_again_while_they_are_removed_are_whole_or_gone(app):
    for _ in range(10):
        store(app)
        app.media.update(seen_at=timezone.now() - timedelta(days=40))
        before = timezone.now() - timedelta(days=30)

        def purge(before=before):
            return list(purge_media(app=app, seen_before=before))

        media_id, _ = at_once(partial(store, app), purge)

        media = app.media.get()
        assert media.media_id == media_id
        with storage().open(media.stored_as) as file:
            assert file.read() == CONTENT


def test_words_added_at_once_never_exceed_what_there_is_room_for(app):
    app.max_sensitive_words = 5

    outcomes = outcomes_at_once(
        *(partial(add_words, app=app, words=[f"word{n}"]) for n in range(9))
    )

    assert {error.code for error in refusals(outcomes)} == {PARAMETER_INVALID}
    assert outcomes.count(1) == 5
    assert app.sensitive_words.count() == 5


def test_one_word_added_at_once_is_added_once(app):
    outcomes = outcomes_at_once(*(partial(add_words, app=app, words=["word"]) for _ in range(4)))

    assert outcomes.count(1) == 1
    assert len(refusals(outcomes)) == 3
    assert app.sensitive_words.count() == 1
