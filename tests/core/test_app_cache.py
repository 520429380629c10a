"""Apps remembered for a few seconds: a change is seen at once by the processes of its machine."""

import pytest

from apps.core import app_cache, marks
from apps.core.models import App, AppSecret
from apps.core.models.app import AppQuerySet
from apps.core.services.apps import (
    create_app,
    digest_of,
    resume_app,
    revoke_secret,
    rotate_secret,
    start_log_epoch,
    suspend_app,
    update_app,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def remembered_for_long(settings):
    settings.IM_APP_CACHE_SECONDS = 300


def test_a_known_app_costs_no_query(app, django_assert_num_queries):
    app_cache.get(app.app_key)

    with django_assert_num_queries(0):
        found = app_cache.get(app.app_key)
        assert found is not None
        assert found == app
        assert len(found.secrets.all()) == 1


def test_an_unknown_key_costs_no_second_query(django_assert_num_queries):
    assert app_cache.get("no such key") is None

    with django_assert_num_queries(0):
        assert app_cache.get("no such key") is None


def test_nothing_is_remembered_for_no_seconds(app, settings, django_assert_num_queries):
    settings.IM_APP_CACHE_SECONDS = 0
    app_cache.forget(app.app_key)
    app_cache.get(app.app_key)

    with django_assert_num_queries(2):
        app_cache.get(app.app_key)


@pytest.mark.parametrize("change", [suspend_app, resume_app, start_log_epoch, rotate_secret])
def test_a_change_by_a_service_is_seen_at_once(app, change):
    app_cache.get(app.app_key)

    change(app=app)

    found = app_cache.get(app.app_key)
    assert found is not None
    assert found.suspended_at == app.suspended_at
    assert found.log_epoch == app.log_epoch
    assert list(found.secrets.all()) == list(app.secrets.all())


def test_new_settings_are_seen_at_once(app):
    app_cache.get(app.app_key)

    app.time_zone = "Europe/Vienna"
    update_app(app=app)

    found = app_cache.get(app.app_key)
    assert found is not None
    assert str(found.zone) == "Europe/Vienna"


def test_an_ended_secret_is_seen_at_once(app):
    app_cache.get(app.app_key)

    revoke_secret(app=app, secret=app.secrets.get())

    found = app_cache.get(app.app_key)
    assert found is not None
    assert all(secret.expires_at for secret in found.secrets.all())


def test_what_was_read_before_a_change_is_not_remembered_after_it(app, monkeypatch):
    """Another thread suspends the app between our reading its row and our remembering it."""
    by_key = AppQuerySet.by_key

    def by_key_and_then_a_change(apps, app_key):
        found = by_key(apps, app_key)
        suspend_app(app=app)
        return found

    app_cache.forget(app.app_key)
    monkeypatch.setattr(AppQuerySet, "by_key", by_key_and_then_a_change)
    app_cache.get(app.app_key)
    monkeypatch.undo()

    found = app_cache.get(app.app_key)
    assert found is not None
    assert found.suspended_at is not None


def test_a_change_by_another_process_is_seen_at_once(app, monkeypatch, tmp_path):
    ours, theirs = marks.Marks(tmp_path / "marks"), marks.Marks(tmp_path / "marks")
    monkeypatch.setattr(marks, "of_apps", lambda: ours)
    app_cache.get(app.app_key)

    App.objects.filter(pk=app.pk).update(filters_words=True)
    theirs.change(app.app_key)

    found = app_cache.get(app.app_key)
    assert found is not None
    assert found.filters_words


@pytest.mark.parametrize(
    ("path", "switch"),
    [("/sensitiveword/status", "filters_words"), ("/sdkregister/status", "sdk_registration")],
)
def test_a_switch_is_told_as_it_stands_whichever_machine_has_set_it(api, app, path, switch):
    assert api.call("get", path).json() == {"status": 0}

    App.objects.filter(pk=app.pk).update(**{switch: True})

    assert api.call("get", path).json() == {"status": 1}


def test_a_key_that_was_unknown_is_known_at_once(app):
    key = "k" * 24
    assert app_cache.get(key) is None

    brought = create_app(name="moved in", app_key=key).app

    assert app_cache.get(key) == brought


def test_only_so_many_are_remembered(app, monkeypatch):
    monkeypatch.setattr(app_cache, "_AT_MOST", 3)
    for number in range(10):
        app_cache.get(f"key {number}")

    assert len(app_cache._entries) == 3
    assert "key 9" in app_cache._entries


def test_a_secret_is_kept_as_its_digest_alone(credentials):
    (secret,) = AppSecret.objects.all()

    assert bytes(secret.digest) == digest_of(credentials.master_secret)
    assert credentials.master_secret not in str(vars(secret))
