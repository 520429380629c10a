"""Tenants: their keys, secrets and settings."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from apps.core.models import ApiVersion, App, AppSecret
from apps.core.services.apps import (
    Credentials,
    create_app,
    digest_of,
    resume_app,
    revoke_secret,
    rotate_secret,
    start_log_epoch,
    suspend_app,
    update_app,
)
from tests.threads import at_once

HOUR = timedelta(hours=1)


def live(app: App) -> set[bytes]:
    """The digests of the secrets that open the API now."""
    now = timezone.now()
    return {bytes(secret.digest) for secret in app.secrets.all() if secret.is_live(now)}


def digests(*credentials: Credentials) -> set[bytes]:
    return {digest_of(made.master_secret) for made in credentials}


@pytest.mark.django_db
class TestCreation:
    def test_key_and_secret_are_24_letters_and_digits(self):
        for _ in range(20):
            made = create_app(name="Acme")
            assert re.fullmatch(r"[A-Za-z0-9]{24}", made.app.app_key)
            assert re.fullmatch(r"[A-Za-z0-9]{24}", made.master_secret)
            assert made.master_secret.endswith(made.app.secrets.get().hint)

    def test_two_apps_of_one_name_have_keys_and_secrets_of_their_own(self):
        first, second = create_app(name="Acme"), create_app(name="Acme")

        assert first.app.app_key != second.app.app_key
        assert first.master_secret != second.master_secret

    @pytest.mark.parametrize(
        "wrong",
        [{"name": ""}, {"name": "x" * 101}, {"name": "x", "api_version": "v9"}],
        ids=["nameless", "overlong", "of no version"],
    )
    def test_what_makes_no_app_leaves_none(self, wrong):
        with pytest.raises(ValidationError):
            create_app(**wrong)

        assert not App.objects.exists()
        assert not AppSecret.objects.exists()

    def test_it_speaks_the_draft_unless_told_otherwise(self):
        assert create_app(name="Acme").app.api_version == ApiVersion.DRAFT_2015_02
        assert create_app(name="Acme", api_version="v1").app.api_version == ApiVersion.V1


@pytest.mark.django_db
class TestSecrets:
    def test_the_one_before_lives_on_for_the_time_given(self, app, credentials):
        fresh = rotate_secret(app=app, grace=HOUR)

        assert live(app) == digests(credentials, fresh)
        old = app.secrets.get(digest=digest_of(credentials.master_secret))
        assert not old.is_live(timezone.now() + HOUR)

    def test_at_most_two_live_at_once(self, app):
        made = [rotate_secret(app=app, grace=HOUR) for _ in range(4)]

        assert live(app) == digests(*made[-2:])

    def test_without_grace_the_one_before_ends_now(self, app):
        fresh = rotate_secret(app=app, grace=timedelta())

        assert live(app) == digests(fresh)

    def test_a_later_rotation_gives_the_one_before_no_more_time(self, app, credentials):
        rotate_secret(app=app, grace=timedelta(seconds=1))
        old = app.secrets.get(digest=digest_of(credentials.master_secret))

        rotate_secret(app=app, grace=HOUR)

        after = app.secrets.get(pk=old.pk)
        assert after.expires_at <= old.expires_at

    def test_one_can_be_ended_by_itself(self, app, credentials):
        fresh = rotate_secret(app=app, grace=HOUR)

        revoke_secret(app=app, secret=app.secrets.get(digest=digest_of(credentials.master_secret)))

        assert live(app) == digests(fresh)

    def test_another_apps_secret_is_not_ended(self, app, other_app):
        revoke_secret(app=app, secret=other_app.secrets.get())

        assert len(live(other_app)) == 1


@pytest.mark.django_db
class TestSettings:
    def test_what_another_did_meanwhile_is_not_undone(self, app):
        """An operator's form holds the app as it was when the form was read."""
        as_read = App.objects.get(pk=app.pk)
        suspend_app(app=app)
        start_log_epoch(app=app)

        as_read.name = "Acme & Sons"
        update_app(app=as_read)

        stored = App.objects.get(pk=app.pk)
        assert stored.name == "Acme & Sons"
        assert stored.suspended_at is not None
        assert stored.log_epoch == 2

    @pytest.mark.parametrize(
        "wrong",
        [
            {"time_zone": "Mars/Olympus"},
            {"calls_per_minute": -1},
            {"api_version": "v0"},
            {"name": ""},
        ],
        ids=str,
    )
    def test_a_value_out_of_its_range_is_refused(self, app, wrong):
        for name, value in wrong.items():
            setattr(app, name, value)

        with pytest.raises(ValidationError):
            update_app(app=app)

    def test_suspending_can_be_undone(self, app):
        suspend_app(app=app)
        resume_app(app=app)

        assert App.objects.get(pk=app.pk).suspended_at is None


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_each_log_epoch_is_a_new_one(self, app):
        """A number used twice would let cursors of before live on."""
        stale = [App.objects.get(pk=app.pk) for _ in range(6)]

        epochs = at_once(*(partial(start_log_epoch, app=one) for one in stale))

        assert App.objects.get(pk=app.pk).log_epoch == 7
        assert max(epochs) == 7

    def test_rotations_leave_two_live_secrets(self, app):
        made = at_once(*[partial(rotate_secret, app=app, grace=HOUR)] * 6)

        assert len(live(app)) == 2
        assert live(app) < digests(*made)
        assert app.secrets.count() == 7
