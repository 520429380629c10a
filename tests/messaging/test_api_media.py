"""Uploading over HTTP, as the SDKs and everybody else do it, and being lied to."""

import hashlib
import io
import struct
import zlib

import pytest

from apps.core.services.cross_app_grants import grant_cross_app
from apps.messaging.models import Media
from apps.messaging.services.media_storage import storage
from tests.conftest import session_of
from tests.messaging.uploads import AMR, image, multipart, upload


def refused(reply):
    assert reply.status_code == 400, reply.content
    error = reply.json()["error"]
    assert error["code"] == 899003
    return error["message"]


@pytest.mark.parametrize(
    ("kind", "word"), [("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("BMP", "bmp")]
)
def test_an_image_is_answered_with_its_size_and_format(kind, word, final_api):
    content = image(kind, (30, 20))

    reply = upload(final_api, "image", content)

    told = reply.json()
    media_id = told.pop("media_id")
    assert reply.status_code == 200
    assert media_id.startswith("qiniu/image/j/")
    assert set(media_id) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-"
    )
    assert told == {
        "media_crc32": zlib.crc32(content),
        "width": 30,
        "height": 20,
        "format": word,
        "fsize": len(content),
        "hash": hashlib.sha256(content).hexdigest(),
    }


def test_a_file_is_answered_with_its_name_and_a_voice_with_its_format(api):
    file = upload(api, "file", b"\x00anything", file_name="报告 1.dmp").json()
    voice = upload(api, "voice", AMR).json()

    assert file.pop("media_id").startswith("qiniu/file/j/")
    assert voice.pop("media_id").startswith("qiniu/voice/j/")
    assert file == {
        "media_crc32": zlib.crc32(b"\x00anything"),
        "fname": "报告 1.dmp",
        "fsize": 9,
        "hash": hashlib.sha256(b"\x00anything").hexdigest(),
    }
    assert voice == {
        "media_crc32": zlib.crc32(AMR),
        "hash": hashlib.sha256(AMR).hexdigest(),
        "format": "amr",
        "fsize": len(AMR),
    }


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("/home/me/photos/a.png", "a.png"),
        ("C:\\\\photos\\\\a.png", "a.png"),
        ("../../etc/passwd", "passwd"),
        ("a.png\u202egnp.exe", "a.pnggnp.exe"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
    ],
)
def test_of_a_name_what_follows_the_last_slash_is_kept(sent, kept, api):
    assert upload(api, "file", b"1", file_name=sent).json()["fname"] == kept


@pytest.mark.parametrize("name", ["image", "filename", "字段", "a b"])
def test_the_part_may_have_any_name(name, api):
    assert upload(api, "image", image(), name=name).status_code == 200


def test_a_stray_line_end_is_part_of_the_content_and_the_sum(api):
    told = upload(api, "image", image() + b"\r\n", boundary="========7d4a6d158c9").json()

    assert told["fsize"] == len(image()) + 2
    assert told["media_crc32"] == zlib.crc32(image() + b"\r\n")
    assert (told["width"], told["height"]) == (3, 2)


def test_the_first_of_several_files_counts_and_fields_do_not(api):
    one, content_type = multipart(b"one", file_name="one", boundary="line")
    field = b'--line\r\nContent-Disposition: form-data; name="x"\r\n\r\nfield\r\n'
    body = field + one.removesuffix(b"--\r\n") + b"\r\n" + multipart(b"two", boundary="line")[0]

    reply = api.raw("POST", "/v1/resource?type=file", body, content_type=content_type)

    assert reply.json()["fname"] == "one"
    assert reply.json()["fsize"] == 3


def test_the_same_bytes_are_stored_once_and_have_one_id_of_each_kind(api, stranger_api, app):
    one = upload(api, "image", image()).json()
    again = upload(api, "image", image(), file_name="other.png").json()
    as_file = upload(api, "file", image(), file_name="other.png").json()
    elsewhere = upload(stranger_api, "image", image()).json()

    assert one == again
    assert as_file["fname"] == "other.png"
    assert as_file["media_id"] != one["media_id"]
    assert elsewhere["media_id"] != one["media_id"]
    _, files = storage().listdir(f"{app.pk}/{one['hash'][:2]}")
    assert files == [one["hash"]]
    assert app.media.count() == 2


@pytest.mark.parametrize(
    ("kind", "content", "name"),
    [
        ("image", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png"),
        ("image", b"\xff\xd8\xff\xe0 and no more", "a.jpg"),
        ("image", b"GIF89a", "a.gif"),
        ("image", AMR, "a.png"),
        ("image", image("WEBP"), "a.png"),
        ("voice", image(), "a.amr"),
        ("voice", b"anything", "a.mp3"),
        ("voice", b"\xff", "a.mp3"),
    ],
)
def test_the_bytes_count_and_not_the_name(kind, content, name, api, app):
    assert refused(upload(api, kind, content, file_name=name)).startswith("file: is not a")
    assert not app.media.exists()


def test_a_right_image_under_a_wrong_name_is_what_it_is(api):
    assert upload(api, "image", image("GIF"), file_name="a.jpg").json()["format"] == "gif"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_truncated_image_is_refused(kind, part, api):
    content = image(kind, (200, 200))

    told = refused(upload(api, "image", content[: int(len(content) * part)]))

    assert told == "file: is not a whole image (jpg, bmp, gif, png)"


def a_png_that_says(width: int, height: int) -> bytes:
    def part(name: bytes, data: bytes) -> bytes:
        sums = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + sums

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(10_000_000))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", pixels) + part(b"IEND", b"")


@pytest.mark.parametrize("side", [7100, 12_000, 65_000])
def test_an_image_that_would_unpack_to_a_great_many_pixels_is_refused(side, api):
    bomb = a_png_that_says(side, side)
    assert len(bomb) < 20_000

    assert refused(upload(api, "image", bomb)).startswith("file: ")


def test_the_number_of_pixels_is_a_setting(api, settings):
    settings.IM_MEDIA_MAX_PIXELS = 5

    told = refused(upload(api, "image", image()))

    assert told == "file: must have at most 5 pixels"


def test_an_empty_file_is_refused(api):
    assert refused(upload(api, "file", b"")) == "file: is empty"


def test_a_limit_is_a_limit_but_for_two_bytes(api, settings):
    settings.IM_MEDIA_MAX_BYTES = 5000

    assert upload(api, "file", bytes(5002)).status_code == 200
    assert refused(upload(api, "file", bytes(5003))) == "file: must be at most 5000 bytes"


def test_eight_megabytes_and_a_line_end_are_taken(api):
    assert upload(api, "file", bytes(8 * 1024 * 1024 + 2)).status_code == 200


class Counted(io.BytesIO):
    """A body that counts what is read of it."""

    read_so_far = 0

    def read(self, size: int | None = -1, /) -> bytes:
        part = super().read(size)
        self.read_so_far += len(part)
        return part


@pytest.mark.parametrize("told", ["a length that is true", "a length that is a lie"])
def test_a_file_that_is_too_long_is_not_read_to_its_end(told, api, settings, app):
    settings.IM_MEDIA_MAX_BYTES = 100_000
    body, content_type = multipart(bytes(5_000_000))
    counted = Counted(body)
    length = len(body) if "true" in told else 160_000

    reply = api.post(
        "/v1/resource?type=file",
        content_type=content_type,
        **{"wsgi.input": counted, "CONTENT_LENGTH": str(length)},
    )

    assert refused(reply) == "file: must be at most 100000 bytes"
    assert counted.read_so_far <= (0 if "true" in told else 300_000)
    assert not app.media.exists()


def test_a_body_that_is_cut_off_is_refused(api, app):
    body, content_type = multipart(image())

    for cut in (20, 150, len(body) - 60, len(body) - 40):
        reply = api.raw("POST", "/v1/resource?type=image", body[:cut], content_type=content_type)

        assert refused(reply).startswith(("body: ", "file: "))
    assert not app.media.exists()


@pytest.mark.parametrize(
    ("content_type", "told"),
    [
        ("multipart/form-data", "body: Invalid boundary in multipart: None"),
        ("multipart/form-data; boundary=", "body: Invalid boundary in multipart: "),
        ("multipart/form-data; boundary=other", "body: was cut off"),
        ("application/json", "Content-Type: must be multipart/form-data"),
        ("image/png", "Content-Type: must be multipart/form-data"),
        ("", "Content-Type: must be multipart/form-data"),
    ],
)
def test_what_is_no_multipart_body_is_refused(content_type, told, api):
    body, _ = multipart(image())

    reply = api.raw("POST", "/v1/resource?type=image", body, content_type=content_type)

    assert refused(reply) == told


def test_a_body_without_a_file_is_refused(api):
    field = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    kind = "multipart/form-data; boundary=x"

    for body in (b"", field):
        reply = api.raw("POST", "/v1/resource?type=image", body, CONTENT_TYPE=kind)

        assert refused(reply) == "file: is required"


@pytest.mark.parametrize("query", ["", "?type=", "?type=video", "?type=IMAGE"])
def test_the_type_is_one_of_three(query, api):
    reply = api.raw("POST", f"/v1/resource{query}", b"", content_type="multipart/form-data")

    assert refused(reply) == "type: must be one of image, file, voice"


def test_an_upload_by_nobody_is_refused_before_it_is_read(nobody_api):
    counted = Counted(multipart(image())[0])

    reply = nobody_api.post(
        "/v1/resource?type=image",
        content_type="multipart/form-data; boundary=x",
        **{"wsgi.input": counted, "CONTENT_LENGTH": "1000"},
    )

    assert reply.status_code == 401
    assert counted.read_so_far == 0


def test_a_link_leads_to_this_server_or_to_the_public_address(api, settings):
    media_id = upload(api, "image", image()).json()["media_id"]
    here = api.call("GET", f"/v1/resource?mediaId={media_id}").json()["url"]
    settings.IM_PUBLIC_URL = "https://im.example.com"
    there = api.call("GET", f"/v1/resource?mediaId={media_id}").json()["url"]

    assert here.startswith("http://testserver/media/")
    assert there.startswith("https://im.example.com/media/")


def test_media_that_is_not_the_apps_is_unknown(api, stranger_api):
    media_id = upload(stranger_api, "image", image()).json()["media_id"]

    for asked in (media_id, "qiniu/image/j/0", "%E5%9B%BE"):
        reply = api.call("GET", f"/v1/resource?mediaId={asked}")
        assert refused(reply) == "mediaId: there is no such media"
    assert refused(api.call("GET", "/v1/resource")) == "mediaId: is required"


def test_apps_that_work_together_give_out_links_to_each_others(
    api, stranger_api, app, other_app, mallory
):
    media_id = upload(api, "image", image()).json()["media_id"]
    theirs = f"/client/v1/media?media_id={media_id}"
    mallorys = session_of(mallory)
    assert mallorys.call("GET", theirs).status_code == 400

    grant = grant_cross_app(app=app, target=other_app)
    assert mallorys.call("GET", theirs).status_code == 200
    assert stranger_api.call("GET", f"/v1/resource?mediaId={media_id}").status_code == 200
    back = upload(stranger_api, "image", image()).json()["media_id"]
    assert api.call("GET", f"/v1/resource?mediaId={back}").status_code == 200

    grant.delete()
    assert mallorys.call("GET", theirs).status_code == 400


def test_a_user_uploads_and_gets_links_to_what_others_uploaded(api, bobby, mallory):
    bobbys, mallorys = session_of(bobby), session_of(mallory)
    told = upload(bobbys, "image", image(), path="/client/v1/media").json()
    servers = upload(api, "file", b"from the server").json()

    for media_id in (told["media_id"], servers["media_id"]):
        link = bobbys.call("GET", f"/client/v1/media?media_id={media_id}")
        assert link.json()["url"].startswith("http://testserver/media/")
        stranger = mallorys.call("GET", f"/client/v1/media?media_id={media_id}")
        assert refused(stranger) == "media_id: there is no such media"


def test_a_user_uploads_so_many_a_minute(bobby, carol, settings):
    settings.IM_CLIENT_UPLOADS_PER_MINUTE = 2
    bobbys, carols = session_of(bobby), session_of(carol)

    replies = [upload(bobbys, "file", b"1", path="/client/v1/media") for _ in range(3)]

    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert replies[2].json()["error"]["code"] == 890020
    assert upload(carols, "file", b"1", path="/client/v1/media").status_code == 200


def test_nothing_else_takes_a_larger_body_for_it(api):
    reply = api.raw("POST", "/v1/messages", b" " * (5 * 1024 * 1024))

    assert refused(reply) == "body: must be at most 4194304 bytes"


def test_half_written_bytes_of_a_crash_are_replaced(api, app):
    media_id = upload(api, "image", image()).json()["media_id"]
    media = Media.objects.get(media_id=media_id)
    storage().delete(media.stored_as)
    with storage().open(media.stored_as, "wb") as file:
        file.write(b"half")

    upload(api, "image", image())

    with storage().open(media.stored_as) as file:
        assert file.read() == image()
