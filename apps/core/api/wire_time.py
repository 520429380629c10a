"""Times on the wire: zone-less strings in the app's zone, and numbers since 1970."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App

FORMAT = "%Y-%m-%d %H:%M:%S"
PATTERN = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"

WireTime = Annotated[
    str,
    Meta(
        pattern=PATTERN,
        description="`yyyy-MM-dd HH:mm:ss` in the app's time zone.",
        examples=["2015-02-13 10:00:00"],
    ),
]


def in_zone(app: App, moment: datetime) -> str:
    """`yyyy-MM-dd HH:mm:ss` in the app's time zone."""
    return moment.astimezone(app.zone).strftime(FORMAT)


def parse(app: App, name: str, text: str) -> datetime:
    """The moment that `yyyy-MM-dd HH:mm:ss` names in the app's zone; PARAMETER_INVALID names `name`."""
    try:
        naive = datetime.strptime(text, FORMAT)  # noqa: DTZ007 the zone follows
        return naive.replace(tzinfo=app.zone)
    except (ValueError, OverflowError):
        raise ImError(PARAMETER_INVALID, f"{name}: must be a time as yyyy-MM-dd HH:mm:ss") from None


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970 (`create_time`)."""
    return int(moment.timestamp())


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 (`msg_ctime`)."""
    return int(moment.timestamp() * 1000)
