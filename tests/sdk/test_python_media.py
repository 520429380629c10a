"""The official Python SDK 2.0.0: media, uploaded and sent, and messages taken back."""

import io
import zlib
from pathlib import Path

import jmessage.message
import pytest
from PIL import Image

from tests.sdk.test_python_users import codes

pytestmark = pytest.mark.slow


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "dot.png"
    Image.new("RGB", (3, 2), "red").save(path)
    return path


def test_an_image_is_uploaded_sent_and_fetched(sdk, people, image):
    tom, _, _, _, admin = people
    with image.open("rb") as file:
        told = sdk.media.upload_image(file)

    assert told.status_code == 200
    media = told.json()
    content = image.read_bytes()
    assert (media["width"], media["height"], media["format"]) == (3, 2, "png")
    assert (media["media_crc32"], media["fsize"]) == (zlib.crc32(content), len(content))
    text = jmessage.message.Model().image(media).set_target(tom, "single")
    assert sdk.messages.send(text.set_from(admin, "admin")).status_code == 201
    link = sdk.media.download(media["media_id"])
    assert link.status_code == 200
    assert sdk.client.get(link.json()["url"]).content == content


def test_a_voice_and_a_file_are_uploaded(sdk):
    voice = sdk.media.upload_voice(io.BytesIO(b"#!AMR\n" + b"<" * 32))
    file = sdk.media.upload_file(io.BytesIO(b"dump"))

    assert voice.status_code == file.status_code == 200
    assert voice.json().keys() >= {"media_id", "media_crc32", "hash", "format", "fsize"}
    assert file.json().keys() >= {"media_id", "media_crc32", "hash", "fname", "fsize"}


def test_what_is_no_image_and_what_there_is_not_are_refused(sdk):
    assert codes(sdk.media.upload_image(io.BytesIO(b"dump"))) == (400, 899003)
    assert codes(sdk.media.download("qiniu/image/j/nothing")) == (400, 899003)
