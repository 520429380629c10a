"""The pages of apps and their secrets."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from apps.core.models import App, AppSecret
from apps.core.services.apps import digest_of
from tests.admin.conftest import list_of, page_of
from tests.conftest import ApiClient, basic

SETTINGS = {
    "name": "Fresh",
    "api_version": "v1",
    "time_zone": "Europe/Berlin",
    "device_policy": "one",
    "calls_per_minute": "120",
    "max_group_members": "50",
    "max_groups_per_user": "7",
    "word_policy": "mask",
    "max_sensitive_words": "5000",
}


def secret_in(page: str) -> str:
    """The secret that a page shows."""
    found = re.search(r'id="master-secret"[^>]*>\s*([A-Za-z0-9]{24})\s*<', page)
    assert found is not None
    return found[1]


def may_call(app: App, secret: str) -> bool:
    """Whether the secret opens the API."""
    client = ApiClient()
    client.defaults["HTTP_AUTHORIZATION"] = basic(app.app_key, secret)
    return bool(client.call("get", "/v1/users?start=0&count=1").status_code == 200)


def test_an_app_is_created_with_all_its_settings_and_its_secret_works(root):
    response = root.post(reverse("admin:core_app_add"), SETTINGS)

    app = App.objects.get()
    page = response.content.decode()
    assert response.status_code == 200
    assert app.app_key in page
    assert may_call(app, secret_in(page))
    stored = {name: str(getattr(app, name)) for name in SETTINGS}
    assert stored == SETTINGS
    assert app.sdk_registration is False


def test_the_secret_is_shown_in_that_one_answer_and_stored_nowhere(root):
    response = root.post(reverse("admin:core_app_add"), SETTINGS)

    app = App.objects.get()
    secret = secret_in(response.content.decode())
    assert "no-store" in response.headers["Cache-Control"]
    assert not any(secret in morsel.value for morsel in root.cookies.values())
    assert all(secret not in str(session.get_decoded()) for session in Session.objects.all())
    assert bytes(app.secrets.get().digest) == digest_of(secret)
    later = [
        page_of(app),
        page_of(app, "history"),
        list_of(App),
        list_of(AppSecret),
        page_of(app.secrets.get()),
    ]
    assert all(secret not in root.page(address) for address in [*later, reverse("admin:index")])


def test_reloading_the_answer_leads_to_the_app(root):
    page = root.post(reverse("admin:core_app_add"), SETTINGS).content.decode()

    assert f'data-shown-once="{page_of(App.objects.get())}"' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 101),
        ("name", "nul\0"),
        ("api_version", "v9"),
        ("time_zone", "Mars/Olympus"),
        ("device_policy", "seven"),
        ("calls_per_minute", "-1"),
        ("calls_per_minute", "99999999999999999999"),
        ("max_group_members", ""),
        ("max_groups_per_user", "many"),
    ],
)
def test_settings_out_of_range_are_told_at_their_field(root, app, field, value):
    for address in (reverse("admin:core_app_add"), page_of(app)):
        response = root.post(address, {**SETTINGS, field: value})

        assert response.status_code == 200
        assert field in response.context["adminform"].form.errors
    assert App.objects.get().name == "Acme"


def test_settings_are_changed_and_noted(browser, app):
    response = browser.post(page_of(app), {**SETTINGS, "sdk_registration": "on"})

    assert response.status_code == 302
    changed = App.objects.get()
    assert {name: str(getattr(changed, name)) for name in SETTINGS} == SETTINGS
    assert changed.sdk_registration is True
    assert changed.app_key == app.app_key
    assert "olga" in browser.page(page_of(app, "history"))


def test_a_new_secret_lives_beside_the_old_one_for_the_time_chosen(browser, credentials):
    app = credentials.app
    response = browser.answer(page_of(app, "new_secret"), grace="3600")

    fresh = secret_in(response.content.decode())
    assert may_call(app, fresh)
    assert may_call(app, credentials.master_secret)
    old = app.secrets.order_by("pk")[0]
    assert old.expires_at is not None
    assert timedelta(minutes=59) < old.expires_at - timezone.now() < timedelta(minutes=61)


def test_a_new_secret_may_end_the_old_one_at_once(browser, credentials):
    response = browser.answer(page_of(credentials.app, "new_secret"), grace="0")

    assert may_call(credentials.app, secret_in(response.content.decode()))
    assert not may_call(credentials.app, credentials.master_secret)


@pytest.mark.parametrize("grace", ["", "-1", "99999999999", "a day"])
def test_another_time_than_those_offered_is_refused(browser, app, grace):
    response = browser.answer(page_of(app, "new_secret"), grace=grace)

    assert "grace" in response.context["form"].errors
    assert app.secrets.count() == 1


def test_looking_at_the_page_makes_no_secret(browser, app):
    browser.page(page_of(app, "new_secret"))
    browser.post(page_of(app, "new_secret"), {"grace": "0"})

    assert app.secrets.count() == 1


def test_a_secret_is_ended(browser, credentials):
    secret = credentials.app.secrets.get()

    done = browser.answer(page_of(secret, "end"))

    assert "The secret has ended." in browser.said(done)
    assert not may_call(credentials.app, credentials.master_secret)
    assert page_of(secret, "end") not in browser.page(page_of(credentials.app))


def test_the_last_secret_is_not_ended_without_a_warning(browser, app):
    alone = browser.page(page_of(app.secrets.get(), "end"))
    browser.answer(page_of(app, "new_secret"), grace="3600")
    one_of_two = browser.page(page_of(app.secrets.first(), "end"))

    assert "only live secret" in alone
    assert "only live secret" not in one_of_two


def test_a_suspended_app_is_refused_until_it_is_resumed(browser, credentials):
    app = credentials.app
    browser.answer(page_of(app, "suspend"))
    suspended = may_call(app, credentials.master_secret)
    page = browser.page(page_of(app))
    browser.answer(page_of(app, "resume"))

    assert not suspended
    assert page_of(app, "resume") in page
    assert page_of(app, "suspend") not in page
    assert may_call(app, credentials.master_secret)


def test_an_app_is_found_by_a_part_of_its_name_or_its_key(root, app, other_app):
    by_name = root.page(list_of(App), q="cme")
    by_key = root.page(list_of(App), q=other_app.app_key)

    assert "Acme" in by_name
    assert "Rival" not in by_name
    assert "Rival" in by_key
    assert "Acme" not in by_key


def test_an_app_is_not_deleted_without_its_name_nor_its_key_forged(root, app):
    gone = root.post(reverse("admin:core_app_delete", args=[app.pk]), {"post": "yes"})
    root.run(list_of(App), "delete_selected", [app], post="yes")
    root.post(page_of(app), {**SETTINGS, "app_key": "A" * 24, "log_epoch": "9"})

    assert "Delete the app" in gone.content.decode()
    kept = App.objects.get()
    assert (kept.app_key, kept.log_epoch) == (app.app_key, 1)
