"""How often somebody may do something, counted by each process for itself: there to stop a runaway."""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable


class Pace:
    """A bucket for each of many: it holds a minute's worth, and fills as the minute passes."""

    def __init__(self, at_most: int = 50_000) -> None:
        self._at_most = at_most  # remembered; the one heard of longest ago goes first
        self._lock = threading.Lock()
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, per_minute: int) -> bool:
        """Count one more of them, and say whether it is within so many a minute."""
        full = float(per_minute)
        now = time.monotonic()
        with self._lock:
            level, at = self._buckets.pop(key, (full, now))
            level = min(full, level + (now - at) * full / 60)
            self._buckets[key] = (max(0.0, level - 1), now)
            while len(self._buckets) > self._at_most:
                self._buckets.popitem(last=False)
        return level >= 1
