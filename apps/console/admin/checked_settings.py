"""What Django's checks say of settings, in our own words: those that a server's settings can come to."""

from __future__ import annotations

from django.core.checks import CheckMessage
from django.utils.translation import gettext_lazy as _

_SESSION_COOKIE = _("The session cookie may travel unencrypted: SESSION_COOKIE_SECURE is off.")
_SESSION_SCRIPTS = _("Scripts can read the session cookie: SESSION_COOKIE_HTTPONLY is off.")

_SAID = {
    "security.W004": _(
        "Browsers are not told to come by HTTPS alone: SECURE_HSTS_SECONDS is not set. Set it once all "
        "of the site is served so: they will remember it."
    ),
    "security.W005": _(
        "Browsers may come to subdomains without HTTPS: SECURE_HSTS_INCLUDE_SUBDOMAINS is off."
    ),
    "security.W006": _(
        "Browsers may guess what a file is: SECURE_CONTENT_TYPE_NOSNIFF is off."
    ),
    "security.W008": _(
        "Who comes by plain HTTP is not led to HTTPS: SECURE_SSL_REDIRECT is off. A proxy in front may do it."
    ),
    "security.W009": _("SECRET_KEY is short, or easy to guess."),
    "security.W010": _SESSION_COOKIE,
    "security.W011": _SESSION_COOKIE,
    "security.W012": _SESSION_COOKIE,
    "security.W013": _SESSION_SCRIPTS,
    "security.W014": _SESSION_SCRIPTS,
    "security.W015": _SESSION_SCRIPTS,
    "security.W016": _(
        "The cookie against forged forms may travel unencrypted: CSRF_COOKIE_SECURE is off."
    ),
    "security.W018": _("DEBUG is on: whoever meets an error sees the server's secrets."),
    "security.W019": _("Other pages may show these in a frame: X_FRAME_OPTIONS is not DENY."),
    "security.W020": _("ALLOWED_HOSTS is empty: the server answers under no name."),
    "security.W021": _(
        "Browsers can't have the site in their lists of those by HTTPS alone: SECURE_HSTS_PRELOAD is off."
    ),
    "security.W022": _(
        "Links to other sites tell them the address one comes from: SECURE_REFERRER_POLICY is not set."
    ),
    "security.W025": _("SECRET_KEY_FALLBACKS has a key that is short, or easy to guess."),
}  # fmt: skip


def in_our_words(message: CheckMessage) -> str | None:
    """What it says, in the reader's language; None for a check that is not known here."""
    said = _SAID.get(message.id or "")
    return None if said is None else str(said)
