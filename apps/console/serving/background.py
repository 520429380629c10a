"""The process of `manage.py work` beside the servers: kept alive while they serve, and ended with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

from apps.console.serving import ending

#: Seconds for the step under way before the process is killed. Less than a service manager waits.
END_WITHIN = 10
#: Seconds before a process that died is replaced: doubled each time one dies within `LIVES_LONG`.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
LIVES_LONG = 60.0


class BackgroundWork:
    """One process, replaced when it dies. It ends by itself when this process is killed."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def begin(self) -> None:
        """Start it. At most once; does nothing after `end`."""
        with self._changing:
            if not self._ending.is_set():
                self._keeper.start()

    def end(self) -> None:
        """Have it finish the step it is at, and wait for that. It need not have begun."""
        with self._changing:
            self._ending.set()
            process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._keeper.ident is not None:
            self._keeper.join()

    def _keep(self) -> None:
        # Of this thread alone, and of its children from their birth: see `ending`.
        signal.pthread_sigmask(signal.SIG_BLOCK, ending.SIGNALS)
        pause = FIRST_PAUSE
        while (process := self._start()) is not None:
            began = time.monotonic()
            process.wait()
            if time.monotonic() - began > LIVES_LONG:
                pause = FIRST_PAUSE
            self._ending.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _start(self) -> subprocess.Popen[bytes] | None:
        command = [sys.executable, sys.argv[0], "work", "--supervisor", str(os.getpid())]
        with self._changing:
            if self._ending.is_set():
                return None
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
            return self._process
