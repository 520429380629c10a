"""Who asks: HTTP Basic with an app's key and master secret."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from apps.core import app_cache
from apps.core.errors import (
    APP_SUSPENDED,
    AUTHENTICATION_FAILED,
    MISSING_AUTHENTICATION,
    NO_SUCH_APP,
    ImError,
)
from apps.core.models import App, AppSecret
from apps.core.services.apps import digest_of

_USE_NOTED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class AppPrincipal:
    """The customer's own server, speaking for its app."""

    app: App
    is_authenticated: ClassVar[bool] = True


class AppBasicAuthentication(BaseAuthentication):
    """`Authorization: Basic base64(appKey:masterSecret)`. No slow hash, and usually no query."""

    def authenticate(self, request: Request) -> tuple[AppPrincipal, None]:
        """Name the app, or raise.

        MISSING_AUTHENTICATION without the header, AUTHENTICATION_FAILED for one that cannot be read or a
        wrong secret, NO_SUCH_APP for an unknown key, APP_SUSPENDED for a suspended app with the right secret.
        """
        app_key, master_secret = _credentials(get_authorization_header(request))
        app = app_cache.get(app_key)
        if app is None:
            raise ImError(NO_SUCH_APP)
        # On Django's own request, which the page for a fault is given: it refuses in the app's dialect too.
        setattr(request._request, "im_app", app)  # noqa: B010
        if not _is_live_secret(app, master_secret):
            raise ImError(AUTHENTICATION_FAILED)
        if app.suspended_at is not None:
            raise ImError(APP_SUSPENDED)
        return AppPrincipal(app), None

    def authenticate_header(self, request: Request) -> str:
        """The challenge that goes with a 401."""
        return 'Basic realm="imserver"'


def _credentials(header: bytes) -> tuple[str, str]:
    if not header:
        raise ImError(MISSING_AUTHENTICATION)
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        raise ImError(AUTHENTICATION_FAILED)
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        raise ImError(AUTHENTICATION_FAILED) from None
    app_key, colon, master_secret = pair.partition(":")
    if not colon or "\0" in app_key:
        raise ImError(AUTHENTICATION_FAILED)
    return app_key, master_secret


def _is_live_secret(app: App, master_secret: str) -> bool:
    """Compare with every live secret, each in constant time, whichever matches."""
    digest = digest_of(master_secret)
    now = timezone.now()
    found: AppSecret | None = None
    for secret in app.secrets.all():
        if hmac.compare_digest(bytes(secret.digest), digest) and secret.is_live(now):
            found = secret
    if found is None:
        return False
    if found.last_used_at is None or now - found.last_used_at > _USE_NOTED_EVERY:
        found.last_used_at = now  # on the cached instance: written once per process and interval
        app.secrets.filter(pk=found.pk).update(last_used_at=now)
    return True
