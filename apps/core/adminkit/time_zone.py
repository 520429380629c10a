"""The time zone in which the admin shows times: the operator's own, or else the one of their browser.

The browser tells its by a cookie (`imserver/console.js`), and the page says which it is. Until then, and for
a name that is no time zone: UTC.
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
    """The zone that the operator has chosen, or that of the browser that asks."""
    chosen: str = getattr(request.user, "time_zone", "")
    name = chosen or request.COOKIES.get(COOKIE, "").replace("%2F", "/")
    return zoneinfo.ZoneInfo(name if name in _known() else "UTC")
