"""What a link answers: bytes, ranges of them, and nothing that could run."""

import re
import time
from typing import Any

import pytest
from django.test import Client

from apps.core import seals
from apps.messaging.services import media as service
from apps.messaging.services.media_storage import storage
from tests.messaging.uploads import AMR, image, upload

CONTENT = bytes(range(256)) * 1024  # more than one part of an answer


@pytest.fixture
def link(api):
    def made(kind="file", content=CONTENT, **more):
        media_id = upload(api, kind, content, **more).json()["media_id"]
        return api.call("GET", f"/v1/resource?mediaId={media_id}").json()["url"]

    return made


def get(url, **headers):
    reply: Any = Client().get(url, headers=headers)
    body = b"".join(reply.streaming_content) if reply.streaming else reply.content
    return reply, body


def test_all_of_it_is_answered(link):
    reply, body = get(link())

    assert reply.status_code == 200
    assert body == CONTENT
    assert reply["Content-Length"] == str(len(CONTENT))
    assert reply["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, len(CONTENT) - 1),
        ("bytes=70000-140000", 70_000, 140_000),
        ("bytes=262143-", len(CONTENT) - 1, len(CONTENT) - 1),
        ("bytes=-1", len(CONTENT) - 1, len(CONTENT) - 1),
        ("bytes=-9999999", 0, len(CONTENT) - 1),
        ("bytes=10-9999999999999999999", 10, len(CONTENT) - 1),
    ],
)
def test_a_range_is_answered(asked, first, last, link):
    reply, body = get(link(), Range=asked)

    assert reply.status_code == 206
    assert body == CONTENT[first : last + 1]
    assert reply["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert reply["Content-Length"] == str(len(body))


@pytest.mark.parametrize("asked", ["bytes=262144-", "bytes=262144-262150", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(asked, link):
    reply, body = get(link(), Range=asked)

    assert (reply.status_code, body) == (416, b"")
    assert reply["Content-Range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize(
    "asked", ["bytes=-", "bytes=5-2", "bytes=0-1,5-6", "lines=0-1", "bytes=x-", "0-1", "bytes=²-"]
)
def test_what_is_no_single_range_is_passed_over(asked, link):
    reply, body = get(link(), Range=asked.encode().decode("latin-1"))

    assert (reply.status_code, body) == (200, CONTENT)


def test_a_range_of_another_version_is_passed_over(link):
    url = link()
    etag = get(url)[0]["ETag"]

    assert get(url, Range="bytes=0-1", **{"If-Range": etag})[0].status_code == 206
    assert get(url, Range="bytes=0-1", **{"If-Range": '"another"'})[0].status_code == 200


@pytest.mark.parametrize("known", ["{}", "W/{}", '"x", {}', "*"])
def test_who_has_it_is_sent_nothing(known, link):
    url = link()
    etag = get(url)[0]["ETag"]

    reply, body = get(url, **{"If-None-Match": known.format(etag)})

    assert (reply.status_code, body) == (304, b"")
    assert reply["ETag"] == etag
    assert get(url, **{"If-None-Match": '"other"'})[0].status_code == 200


def test_head_is_answered_with_the_headers_alone(link):
    reply = Client().head(link())

    assert (reply.status_code, reply.content) == (200, b"")
    assert reply["Content-Length"] == str(len(CONTENT))


def test_other_methods_are_refused(link):
    assert Client().post(link()).status_code == 405


@pytest.mark.parametrize(
    ("kind", "content", "name", "content_type", "disposition"),
    [
        ("image", image(), "a.html", "image/png", 'inline; filename="a.html"'),
        ("voice", AMR, "a.amr", "audio/amr", 'inline; filename="a.amr"'),
        ("file", image("GIF"), "a.gif", "image/gif", 'inline; filename="a.gif"'),
        ("file", b"<script>1</script>", "a.html", None, 'attachment; filename="a.html"'),
        ("file", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", None, None),
        ("file", b"%PDF-1.4", "a.png", None, 'attachment; filename="a.png"'),
        ("file", b"1", "报告.txt", None, "attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A.txt"),
    ],
)
def test_only_images_and_sounds_are_shown_and_nothing_runs(
    kind, content, name, content_type, disposition, link
):
    reply, body = get(link(kind, content, file_name=name))

    assert body == content
    assert reply["Content-Type"] == content_type or "application/octet-stream"
    assert reply["Content-Type"].startswith(("image/", "audio/", "application/octet-stream"))
    assert "svg" not in reply["Content-Type"]
    assert reply["Content-Disposition"] == (disposition or f'attachment; filename="{name}"')
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert re.fullmatch(r"private, max-age=\d+, immutable", reply["Cache-Control"])
    assert not reply.cookies


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands, at the beginning of an hour."""

    class Clock:
        now = 3600.0 * 500_000

        def time(self) -> float:
            return self.now

    made = Clock()
    monkeypatch.setattr(service, "time", made)
    return made


def test_a_link_expires(link, clock):
    url = link()

    clock.now += 3600
    assert get(url)[0].status_code == 200
    clock.now += 1
    reply, body = get(url)

    assert reply.status_code == 410
    assert reply["Content-Type"] == "application/json; charset=utf-8"
    assert reply.json()["error"] == {
        "code": 890019,
        "message": "The link has expired: ask for a new one",
    }
    assert CONTENT not in body


def test_a_link_is_the_same_for_a_while_and_never_good_for_longer_than_told(link, clock, settings):
    settings.IM_MEDIA_LINK_SECONDS = 400
    first = link()
    clock.now += 99
    same = link()
    left = int(get(same)[0]["Cache-Control"].split("=")[1].split(",")[0])
    clock.now += 1
    other = link()

    assert first == same
    assert other != first
    assert left == 301


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda _: "x" * 60,
        lambda token: token + "A" * 600,
        lambda _: seals.seal("report", [1, int(time.time()) + 10]),
        lambda _: seals.seal("media link", [2**40, int(time.time()) + 10]),
    ],
)
def test_a_forged_link_leads_nowhere(forge, link):
    before, token = link().rsplit("/", 1)

    reply, body = get(f"{before}/{forge(token)}")

    assert reply.status_code == 404
    assert CONTENT not in body


def test_bytes_that_are_gone_are_told_of(link, app):
    url = link()
    storage().delete(app.media.get().stored_as)

    assert get(url)[0].status_code == 404
