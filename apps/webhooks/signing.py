"""How a receiver knows that it is us: a secret of each endpoint's own, and a signature of each POST."""

import base64
import hashlib
import hmac
import secrets

from django.conf import settings

from apps.webhooks.models import Endpoint

_SALT_BYTES = 16


def new_salt() -> bytes:
    """What makes a secret another one than before."""
    return secrets.token_bytes(_SALT_BYTES)


def secret_of(endpoint: Endpoint) -> str:
    """The endpoint's secret, 43 letters, digits, `-` and `_`.

    It is not stored: it follows from SECRET_KEY and a salt. Who reads the database can't sign, and it has
    nothing to do with the app's master secret, which the receiver need not know.
    """
    material = b"webhook\0%d\0%b" % (endpoint.pk, bytes(endpoint.salt))
    digest = hmac.digest(settings.SECRET_KEY.encode(), material, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`sha256=` and the hex HMAC-SHA256 of `TIMESTAMP.BODY`."""
    signed = b"%d.%b" % (timestamp, body)
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def headers_of(
    endpoint: Endpoint, body: bytes, *, timestamp: int, delivery: int, attempt: int
) -> dict[str, str]:
    """The headers of a POST of that body."""
    secret = secret_of(endpoint)
    credentials = f"{endpoint.app.app_key}:{secret}".encode()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "imserver",
        "Authorization": f"Basic {base64.b64encode(credentials).decode()}",
        "X-IM-Kind": endpoint.kind,
        "X-IM-Delivery": str(delivery),
        "X-IM-Attempt": str(attempt),
        "X-IM-Timestamp": str(timestamp),
        "X-IM-Signature": signature(secret, timestamp, body),
    }
