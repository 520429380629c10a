"""A disk that is full: uploads are refused for the moment, and nothing of them stays."""

import tempfile
from functools import partial
from pathlib import Path

import pytest
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from tests.messaging.test_api_media_downloads import get
from tests.messaging.uploads import keep_on_disk, upload

FULL = Path("/dev/full")  # a device that takes nothing


class FullDisk(FileSystemStorage):
    """It has room for half of a file."""

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read(content.size // 2))
        with FULL.open("wb", buffering=0) as rest:
            rest.write(content.read())
        raise AssertionError(f"{FULL} took it")


@pytest.fixture
def full(settings, tmp_path):
    """The disk of media is full until this is called."""
    keep_on_disk(settings, tmp_path, f"{__name__}.FullDisk")
    return partial(keep_on_disk, settings, tmp_path)


def test_what_does_not_fit_is_refused_and_leaves_nothing(api, app, full, tmp_path):
    refused = upload(api, "file", b"too much for it")

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, 899030)
    assert not app.media.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    full()  # there is room now
    stored = upload(api, "file", b"too much for it")
    url = api.call("GET", f"/v1/resource?mediaId={stored.json()['media_id']}").json()["url"]
    assert get(url)[1] == b"too much for it"


def test_no_room_to_receive_it_is_told_alike(api, app, monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", partial(FULL.open, "w+b", buffering=0))

    refused = upload(api, "file", b"nowhere to put it")

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, 899030)
    assert not app.media.exists()
