"""Apps by key, remembered for a few seconds by each process.

So that a request needs no query to know who asks. A change made through the services is seen at once by
all processes of the machine, and by those of others within `settings.IM_APP_CACHE_SECONDS`.
"""

import threading
import time
from collections import OrderedDict

from django.conf import settings
from django.db import transaction

from apps.core import marks
from apps.core.models import App

_AT_MOST = 10_000  # entries; the one used longest ago goes first
_entries: OrderedDict[str, tuple[float, int, App | None]] = OrderedDict()
_lock = threading.Lock()


def get(app_key: str) -> App | None:
    """The app with this key, its secrets prefetched; None if there is none. Usually no query.

    The instance is shared by the process's threads: read it, do not write to it.
    """
    now = time.monotonic()
    # Before the row is read: what is read is then not taken for newer than it is.
    mark = marks.of_apps().of(app_key)
    entry = _entries.get(app_key)
    if entry is not None and now < entry[0] and mark == entry[1]:
        return entry[2]
    app = App.objects.by_key(app_key)  # tenant-free: it finds the tenant
    with _lock:
        _entries[app_key] = (now + settings.IM_APP_CACHE_SECONDS, mark, app)
        _entries.move_to_end(app_key)
        while len(_entries) > _AT_MOST:
            _entries.popitem(last=False)
    return app


def forget(app_key: str) -> None:
    """Look the app up again at the next request: now, and once more after the commit under way.

    The second time is for a request that reads the row between this call and the commit.
    """
    marks.of_apps().change(app_key)
    transaction.on_commit(lambda: marks.of_apps().change(app_key))
