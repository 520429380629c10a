"""What happens first in a worker process."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

from django.utils.module_loading import import_string

#: Seconds between two looks at whether the supervisor still lives.
LOOK_EVERY = 1.0


def load(application: str, supervisor: int) -> Any:
    """Import the application, and end this process once ``supervisor`` (a process id) is gone.

    A supervisor that was killed can't end its workers; they would keep the port for ever.
    """
    threading.Thread(target=follow, args=[supervisor], daemon=True).start()
    return import_string(application)


def follow(supervisor: int) -> None:
    """Wait until our parent is not ``supervisor`` any more, then ask ourselves to end."""
    while os.getppid() == supervisor:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
