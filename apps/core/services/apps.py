"""Tenants: created, keyed, suspended."""

import hashlib
import secrets
import string
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.core import app_cache
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import ApiVersion, App, AppSecret, Job
from apps.core.models.app import key_format

_ALPHABET = string.ascii_letters + string.digits
_KEY_LENGTH = 24  # the official Java client refuses keys and secrets of any other length
_NO_SETTINGS = frozenset(
    {"id", "app_key", "log_epoch", "words_version", "suspended_at", "deletion", "created_at"}
)


@dataclass(frozen=True)
class Credentials:
    """An app with its secret in clear: the only moment at which it can be seen."""

    app: App
    master_secret: str


def digest_of(master_secret: str) -> bytes:
    """The stored form of a master secret: 32 bytes of SHA-256."""
    return hashlib.sha256(master_secret.encode()).digest()


def _new_key() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_KEY_LENGTH))


def _add_secret(app: App, master_secret: str = "") -> str:
    master_secret = master_secret or _new_key()
    app.secrets.create(digest=digest_of(master_secret), hint=master_secret[-4:])
    return master_secret


@transaction.atomic
def create_app(
    *,
    name: str,
    api_version: str = ApiVersion.DRAFT_2015_02,
    calls_per_minute: int | None = None,
    app_key: str = "",
    master_secret: str = "",
) -> Credentials:
    """Create a tenant with a key and one secret, both of 24 letters and digits, made up unless given.

    `calls_per_minute`: None is the server's default, 0 is no limit. A given key and secret are those that the
    app had at another service, so that its servers and clients go on with them.
    Raises `django.core.exceptions.ValidationError` for an empty or overlong name, an unknown version, a key
    that is taken, or a key or secret of another form.
    """
    if master_secret:
        key_format(master_secret)
    app = App(
        name=name,
        app_key=app_key or _new_key(),
        api_version=api_version,
        calls_per_minute=calls_per_minute,
    )
    app.full_clean()
    app.save(force_insert=True)
    app_cache.forget(app.app_key)  # somebody may have asked with a key that the app brings along
    return Credentials(app, _add_secret(app, master_secret))


@transaction.atomic
def rotate_secret(*, app: App, grace: timedelta | None = None) -> Credentials:
    """Give the app a new secret. The one before lives on for `grace`; older ones end now.

    `grace` is `settings.IM_SECRET_GRACE_SECONDS` unless given; zero ends the old secret at once (other
    machines follow within `settings.IM_APP_CACHE_SECONDS`).
    """
    if grace is None:
        grace = timedelta(seconds=settings.IM_SECRET_GRACE_SECONDS)
    now = timezone.now()
    App.objects.select_for_update(no_key=True).get(
        pk=app.pk
    )  # tenant-free: this is the tenant itself
    live = [secret for secret in app.secrets.order_by("-id") if secret.is_live(now)]
    for place, secret in enumerate(live):
        ends = now + grace if place == 0 else now
        if secret.expires_at is None or ends < secret.expires_at:
            secret.expires_at = ends
            secret.save(update_fields=["expires_at"])
    master_secret = _add_secret(app)
    app_cache.forget(app.app_key)
    return Credentials(app, master_secret)


def revoke_secret(*, app: App, secret: AppSecret) -> None:
    """End one secret of the app now."""
    app.secrets.filter(pk=secret.pk).update(expires_at=timezone.now())
    app_cache.forget(app.app_key)


def suspend_app(*, app: App) -> None:
    """Refuse every call of the app (code 2003) until `resume_app`."""
    app.suspended_at = timezone.now()
    app.save(update_fields=["suspended_at"])
    app_cache.forget(app.app_key)


def resume_app(*, app: App) -> None:
    """Undo `suspend_app`. Raises PARAMETER_INVALID once the app's deletion has begun."""
    kept = App.objects.filter(pk=app.pk, deletion=None)  # tenant-free: the tenant itself
    if not kept.update(suspended_at=None):
        raise ImError(PARAMETER_INVALID, "app: is being deleted")
    app.suspended_at = None
    app_cache.forget(app.app_key)


def mark_being_deleted(*, app: App, deletion: Job) -> None:
    """Suspend the app for good, while that job erases it, and after, where that is stopped."""
    app.deletion = deletion
    app.suspended_at = app.suspended_at or timezone.now()
    app.save(update_fields=["deletion", "suspended_at"])
    app_cache.forget(app.app_key)


def update_app(*, app: App) -> None:
    """Store the app's settings as they stand on the instance: what an operator sets, and nothing else.

    Raises `django.core.exceptions.ValidationError` for a value out of its range.
    """
    app.full_clean()
    fields = {field.name for field in App._meta.concrete_fields}
    app.save(update_fields=fields - _NO_SETTINGS)
    app_cache.forget(app.app_key)


def set_sdk_registration(*, app: App, opened: bool) -> None:
    """Let clients register users by themselves, or no longer."""
    App.objects.filter(pk=app.pk).update(sdk_registration=opened)  # tenant-free: the tenant itself
    app_cache.forget(app.app_key)


def set_word_filter(*, app: App, on: bool) -> None:
    """Look for sensitive words in the app's messages, or no longer. What is done about one stays as it is."""
    App.objects.filter(pk=app.pk).update(filters_words=on)  # tenant-free: the tenant itself
    app_cache.forget(app.app_key)


def mark_words_changed(*, app: App) -> None:
    """Have every process read the app's sensitive words anew.

    Those of other machines do within `settings.IM_APP_CACHE_SECONDS`. Locks the app's row to the end of the
    transaction, so that changes of the words come one by one.
    """
    version = secrets.randbits(62)  # and not one more: that of a change undone must not come again
    App.objects.filter(pk=app.pk).update(words_version=version)  # tenant-free: the tenant itself
    app_cache.forget(app.app_key)


def start_log_epoch(*, app: App) -> int:
    """Make every cursor handed out so far unusable: clients are told to resync. Returns the new epoch.

    For the operator who has restored a backup: positions after the backup may now mean other rows.
    """
    app.log_epoch = F("log_epoch") + 1
    app.save(update_fields=["log_epoch"])
    app.refresh_from_db(fields=["log_epoch"])
    app_cache.forget(app.app_key)
    return app.log_epoch
