"""The time zone in which the admin shows times: the one of the operator's browser.

The browser tells it by a cookie (`imserver/console.js`), and the page says which it is. Until then, and for a
name that is no time zone: UTC.
"""

from __future__ import annotations

import zoneinfo
from functools import cache

from django.http import HttpRequest

COOKIE = "im_time_zone"


@cache
def _known() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """The zone of the browser that asks."""
    name = request.COOKIES.get(COOKIE, "").replace("%2F", "/")
    return zoneinfo.ZoneInfo(name if name in _known() else "UTC")
