"""Media in the console: found, measured, shown for a reason, removed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.models import AuditEntry
from apps.messaging.admin import media as page
from apps.messaging.models import Media
from apps.messaging.services.media import link_token
from apps.messaging.services.media_storage import storage
from tests.admin.conftest import list_of, looking, page_of, say, ticked_only
from tests.conftest import session_of
from tests.messaging.uploads import image, store, upload

REASON = "A complaint of the user"
SHOW = "admin:messaging_media_show_images"


@pytest.fixture
def cat(app):
    """An image of alice's."""
    return store(app, image(), "cat.png", uploader="alice")


@pytest.fixture
def report(app):
    """A file of the app's server's."""
    return store(app, b"%PDF-1.4", "report.pdf", kind="file")


def shown(browser, **query) -> list[str]:
    """The names in the list."""
    response = browser.get(list_of(Media), query)
    return [media.file_name for media in response.context["cl"].result_list]


def open_files(browser) -> None:
    answered = browser.answer(reverse(SHOW), reason=REASON)
    assert answered.status_code == 302, answered.content


def looks() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=page.LOOKED).order_by("pk"))


def test_the_list_tells_what_it_is_how_large_and_who_uploaded_it(browser, cat, report):
    told = browser.page(list_of(Media))

    assert shown(browser) == ["report.pdf", "cat.png"]
    assert "alice" in told
    assert "the app" in told
    assert f"{cat.size} B" in told


def test_whoever_uploads_by_themselves_is_the_uploader_and_who_comes_second_is_not(
    app, alice, bobby, api
):
    for client in (session_of(alice), session_of(bobby)):
        upload(client, "image", image(), path="/client/v1/media")
    upload(api, "file", b"of the server")

    assert [media.uploader for media in app.media.order_by("pk")] == ["alice", ""]


def test_media_are_found_by_kind_uploader_id_and_day(browser, app, cat, report):
    Media.objects.filter(pk=cat.pk).update(created_at=timezone.now() - timedelta(days=9))
    ago = (timezone.now() - timedelta(days=5)).date()

    assert shown(browser, kind="image") == ["cat.png"]
    assert shown(browser, kind="file") == ["report.pdf"]
    assert shown(browser, kind="nonsense") == ["report.pdf", "cat.png"]
    assert shown(browser, q="alice") == ["cat.png"]
    assert shown(browser, q="ali") == []
    assert shown(browser, q=report.media_id) == ["report.pdf"]
    assert shown(browser, created_at_from=ago) == ["report.pdf"]
    assert shown(browser, created_at_to=ago) == ["cat.png"]


def test_sizes_are_told_for_each_app_exactly_while_they_are_few(root, app, other_app, cat, report):
    store(other_app, b"x" * 2048, "big", kind="file")
    told = root.page(list_of(Media))

    assert f"2 files, {cat.size + report.size} B" in told
    assert "1 files, 2 KiB" in told
    assert f"{cat.size + report.size} B" in root.page(page_of(app))


def test_sizes_of_many_are_estimated(root, app, monkeypatch):
    monkeypatch.setattr(page, "COUNTED", 3)
    for content in b"abcde":
        store(app, bytes([content]) * 1000, "a.txt", kind="file")

    ((_app, number, size),) = page.totals_of([app])
    assert not number.exact
    assert number.value >= 3
    assert size.startswith("about ")


def test_images_are_shown_for_a_reason_alone_and_each_page_is_noted(browser, app, cat, report):
    assert "im-preview" not in browser.page(list_of(Media))
    assert "reason" in browser.answer(reverse(SHOW), reason="x").context["form"].errors
    assert looks() == []

    open_files(browser)
    told = browser.page(list_of(Media))

    assert told.count("im-preview") == 1
    assert f'src="{reverse("media", args=[link_token(cat)])}"' in told
    (look,) = looks()
    assert (look.app, look.target_type) == (app, "core.app")
    assert look.details == {
        "Reason": REASON, "First file": report.media_id, "Last file": cat.media_id,
    }  # fmt: skip
    assert AuditEntry.objects.get(action="Show images").details == {"Reason": REASON}


def test_a_reason_opens_one_app_and_for_a_while(root, app, other_app, cat, monkeypatch):
    now = 1_700_000_000.0
    monkeypatch.setattr("apps.messaging.admin.reasons.time.time", lambda: now)
    store(other_app, image(colour="blue"), "theirs.png")
    root.answer(f"{reverse(SHOW)}?app={app.pk}", reason=REASON)

    assert "im-preview" in root.page(list_of(Media), app=app.pk)
    assert "im-preview" not in root.page(list_of(Media), app=other_app.pk)
    assert "im-preview" not in root.page(list_of(Media))
    now += 1000
    assert "im-preview" not in root.page(list_of(Media), app=app.pk)


def test_who_has_several_apps_is_asked_of_which(root, app, other_app, cat):
    told = root.page(reverse(SHOW))

    assert f"{reverse(SHOW)}?app={app.pk}" in told
    assert f"{reverse(SHOW)}?app={other_app.pk}" in told


def test_a_file_is_looked_at_for_a_reason_and_each_look_is_noted(browser, cat):
    asked = browser.page(page_of(cat, "look"))
    browser.answer(page_of(cat, "look"), reason=REASON)
    response = browser.get(page_of(cat, "look"))

    assert 'name="reason"' in asked
    assert response.status_code == 302
    assert b"".join(browser.get(response.url).streaming_content) == image()
    (look,) = looks()
    assert (look.target_id, look.details) == (str(cat.pk), {"Reason": REASON})


def test_who_may_not_read_is_shown_no_image_whatever_was_opened(browser, olga, cat):
    open_files(browser)
    ticked_only(olga, looking())

    assert browser.get(reverse(SHOW)).status_code == 403
    assert browser.get(page_of(cat, "look")).status_code == 403
    assert "im-preview" not in browser.page(list_of(Media))
    assert looks() == []


def test_removed_files_answer_that_and_their_messages_stay(browser, app, alice, bobby, cat, api):
    message = say(
        app, "alice", "bobby", msg_type="image", body={"media_id": cat.media_id, "fname": "cat"}
    )
    url = reverse("media", args=[link_token(cat)])
    before = Client().get(url).status_code
    done = browser.answer(page_of(cat, "remove"))
    gone = Client().get(url)
    asked = api.get(f"/v1/resource?mediaId={cat.media_id}")

    assert "1 file removed." in browser.said(done)
    assert before == 200
    assert gone.status_code == 404
    assert gone.json()["error"] == {"code": 890021, "message": "The file was removed"}
    assert asked.status_code == 400
    assert "there is no such media" in asked.json()["error"]["message"]
    assert not storage().exists(cat.stored_as)
    assert app.messages.filter(pk=message.pk, retracted_at=None).exists()
    entry = AuditEntry.objects.get(action="Remove media files")
    assert (entry.target_name, entry.app, entry.after) == (cat.media_id, app, None)


def test_ticked_files_are_removed_and_bytes_that_another_has_stay(browser, app, cat, report):
    same = store(app, image(), "the same bytes", kind="file")
    browser.run(list_of(Media), "remove_selected", [cat, report], confirmed="yes")

    assert [media.pk for media in app.media.all()] == [same.pk]
    assert storage().exists(same.stored_as)
    assert not storage().exists(report.stored_as)


def test_the_page_of_a_user_tells_what_they_uploaded(browser, app, alice, bobby, cat):
    assert page_of(cat) in browser.page(page_of(alice))
    assert page_of(cat) not in browser.page(page_of(bobby))
