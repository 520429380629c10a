"""Sends by clients: as any other, but not too many a minute."""

import threading
import time
from collections import OrderedDict

from django.conf import settings

from apps.core.errors import SENDING_TOO_FAST, ImError
from apps.core.models import App
from apps.messaging.drafts import Draft
from apps.messaging.log import Appended
from apps.messaging.services.messages import send_message

_AT_MOST = 50_000  # senders remembered; the one heard of longest ago goes first
_lock = threading.Lock()
_buckets: OrderedDict[tuple[int, str], tuple[float, float]] = OrderedDict()


def send_as_client(*, app: App, draft: Draft) -> Appended:
    """As `send_message`, within `settings.IM_CLIENT_SENDS_PER_MINUTE` of the sender (SENDING_TOO_FAST).

    Counted by each process for itself: it is there to stop a runaway, not to be exact.
    """
    _take(app.pk, draft.from_id)
    return send_message(app=app, draft=draft)


def _take(app_id: int, username: str) -> None:
    """A bucket that holds a minute's worth and fills as the minute passes."""
    full = float(settings.IM_CLIENT_SENDS_PER_MINUTE)
    now = time.monotonic()
    key = (app_id, username)
    with _lock:
        level, at = _buckets.pop(key, (full, now))
        level = min(full, level + (now - at) * full / 60)
        _buckets[key] = (max(0.0, level - 1), now)
        while len(_buckets) > _AT_MOST:
            _buckets.popitem(last=False)
    if level < 1:
        raise ImError(SENDING_TOO_FAST)
