"""The admin's looks: sidebar, colours, language switch."""

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "imserver",
    "SITE_HEADER": "imserver",
    "SHOW_LANGUAGES": True,
}
