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
    """Import the application, in a worker that ends once: when it is told to, or left alone."""
    end_once()
    threading.Thread(target=follow, args=[supervisor], daemon=True).start()
    return import_string(application)


def end_once() -> None:
    """Let the server in this process see the first request to end, and no other.

    A Ctrl-C reaches the supervisor and the workers alike, and then the supervisor tells the
    workers as well; so does a service manager with SIGTERM. A second signal at the same moment
    locks up granian's worker. So the worker leaves the terminal's group of processes, and its
    SIGTERMs go to a thread that passes the first one on, as the SIGINT that nobody else sends.
    """
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # in threads to come as well
    threading.Thread(target=pass_on, args=[threading.get_ident()], daemon=True).start()


def pass_on(thread: int) -> None:
    """Wait for a SIGTERM, then send ``thread`` a SIGINT."""
    signal.sigwait({signal.SIGTERM})
    signal.pthread_kill(thread, signal.SIGINT)


def follow(supervisor: int) -> None:
    """Wait until our parent is not ``supervisor`` any more, then ask this process to end.

    A supervisor that was killed can't end its workers; they would keep the port for ever.
    """
    while os.getppid() == supervisor:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
