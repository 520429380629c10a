"""How a server is told to end: once, whoever tells it, how often, and to which process.

A Ctrl-C reaches the supervisor and its workers alike, and then the supervisor tells the workers as
well; so does a service manager with SIGTERM. Two signals at the same moment lock up granian's
worker, and one that comes while Python starts makes it print a traceback. So neither signal
interrupts anybody: the workers are born with both blocked, and a thread waits for them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: Seconds between a worker's looks at whether its supervisor still lives.
LOOK_EVERY = 1.0


@contextlib.contextmanager
def told_to_end(end: Callable[[], object]) -> Iterator[None]:
    """Inside, the first SIGINT or SIGTERM calls ``end`` from a thread; child processes see none.

    For the main thread only, which must start the child processes.
    """
    # multiprocessing starts this with the first child, and unblocks both signals afterwards.
    resource_tracker.ensure_running()
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    handlers = {number: signal.signal(number, do_nothing) for number in SIGNALS}
    # Whichever thread the system picks for a signal, the byte is written.
    wakeup = signal.set_wakeup_fd(mouth.fileno())
    listener = threading.Thread(target=_listen, args=[ear, end], daemon=True)
    listener.start()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        mouth.close()
        listener.join()
        ear.close()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Be a signal's handler, so that the system doesn't end the process."""


def _listen(ear: socket.socket, end: Callable[[], object]) -> None:
    ended = False
    while heard := ear.recv(1):
        if heard[0] in SIGNALS and not ended:
            ended = True
            end()


def obey(supervisor: int) -> None:
    """In a worker: end when told to by SIGTERM, or when the process ``supervisor`` is gone.

    A supervisor that was killed can't end its workers; they would keep the port for ever.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=_obey_once, daemon=True).start()
    threading.Thread(target=_follow, args=[supervisor], daemon=True).start()


def _obey_once() -> None:
    signal.sigwait({signal.SIGTERM})
    handler = signal.getsignal(signal.SIGTERM)
    if callable(handler):
        handler(signal.SIGTERM, None)  # the server's own: finishes what it is at
    else:
        os._exit(0)  # it doesn't serve yet


def _follow(supervisor: int) -> None:
    while os.getppid() == supervisor:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
