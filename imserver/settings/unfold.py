"""The admin's looks: sidebar, colours, language switch. Everything comes from local files."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.menu import sections_with_entries

Words = str | Promise


def _superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: bool(request.user.has_perm(permission))


def _item(
    title: Words, icon: str, view: str, permission: Callable[[HttpRequest], bool] | None = None
) -> dict[str, Any]:
    """A link of the sidebar. `icon` is a name of Material Symbols."""
    item: dict[str, Any] = {"title": title, "icon": icon, "link": reverse_lazy(view)}
    if permission is not None:
        item["permission"] = permission
    return item


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "imserver",
    "SITE_HEADER": "imserver",
    "SITE_SYMBOL": "forum",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("imserver/icon.svg"),
        }
    ],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "STYLES": [lambda _request: static("imserver/console.css")],
    "SCRIPTS": [lambda _request: static("imserver/console.js")],
    "COLORS": {
        "primary": {
            "50": "oklch(97.0% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
    "ACCOUNT": {
        "navigation": [
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
            {"title": _("Second factor"), "link": reverse_lazy("admin:two_factor")},
            {"title": _("Time zone"), "link": reverse_lazy("admin:time_zone")},
        ],
    },
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "key": "home",
                "items": [
                    _item(_("Home"), "home", "admin:index"),
                    _item(_("Apps"), "apps", "admin:core_app_changelist", _may("core.view_app")),
                    _item(
                        _("Cross-app grants"),
                        "link",
                        "admin:core_crossappgrant_changelist",
                        _may("core.view_crossappgrant"),
                    ),
                ],
            },
            {
                "key": "people",
                "title": _("People"),
                "separator": True,
                "items": [
                    _item(
                        _("Users"),
                        "person",
                        "admin:accounts_user_changelist",
                        _may("accounts.view_user"),
                    ),
                    _item(
                        _("Groups"),
                        "groups",
                        "admin:groups_group_changelist",
                        _may("groups.view_group"),
                    ),
                ],
            },
            {
                "key": "log",
                "title": _("Messaging"),
                "separator": True,
                "items": [
                    _item(
                        _("Messages"),
                        "chat",
                        "admin:messaging_message_changelist",
                        _may("messaging.view_message"),
                    ),
                    _item(
                        _("Send a message"), "send", "admin:compose", _may("messaging.add_message")
                    ),
                    _item(
                        _("Conversations"),
                        "forum",
                        "admin:messaging_conversation_changelist",
                        _may("messaging.view_conversation"),
                    ),
                ],
            },
            {
                "key": "server",
                "title": _("Server"),
                "separator": True,
                "items": [
                    _item(
                        _("Operators"),
                        "admin_panel_settings",
                        "admin:accounts_operator_changelist",
                        _superuser,
                    ),
                    _item(
                        _("Jobs"),
                        "pending_actions",
                        "admin:core_job_changelist",
                        _may("core.view_job"),
                    ),
                    _item(
                        _("Audit"),
                        "history",
                        "admin:core_auditentry_changelist",
                        _may("core.view_auditentry"),
                    ),
                    _item(_("API reference"), "api", "docs"),
                ],
            },
        ],
    },
}

_SECTIONS: list[dict[str, Any]] = UNFOLD["SIDEBAR"]["navigation"]
# Apps, and add-ons, put entries of their own into the sections.
UNFOLD["SIDEBAR"]["navigation"] = lambda _request: sections_with_entries(_SECTIONS)
