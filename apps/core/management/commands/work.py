"""`manage.py work`: the process that does what no request waits for."""

from __future__ import annotations

import os
import signal
import threading
import time
from argparse import SUPPRESS
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.chores import Chore, registered
from apps.core.working import Worker, work_once

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOOK_EVERY = 1.0  # seconds between looks at whether the supervisor still lives


class Command(BaseCommand):
    """Do the chores of all apps until told to end."""

    help = (
        "Does the background work until Ctrl-C or SIGTERM. Any number of such processes may run; "
        "`manage.py serve` runs one of its own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--only",
            action="append",
            metavar="NAME",
            help=f"this chore alone; may be repeated ({', '.join(registered()) or 'there is none'})",
        )
        parser.add_argument(
            "--once", action="store_true", help="end when there is nothing left to do"
        )
        parser.add_argument("--supervisor", type=int, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Work."""
        chores = _chosen(options["only"])
        if options["once"]:
            if failed := work_once(chores):
                raise CommandError(f"Failed: {', '.join(failed)}")
            return
        worker = Worker(chores)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # the threads inherit it
        _in_background(_wait_for_signal, worker.stop)
        if options["supervisor"]:
            _in_background(_follow, options["supervisor"], worker.stop)
        worker.run()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _chosen(names: list[str] | None) -> list[Chore]:
    known = registered()
    if names is None:
        return list(known.values())
    if unknown := [name for name in names if name not in known]:
        raise CommandError(f"No such chore: {', '.join(unknown)}. There are: {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names)]


def _in_background(task: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=task, args=arguments, daemon=True).start()


def _wait_for_signal(stop: Callable[[], None]) -> None:
    """Not by a handler: that could come while the main thread holds the lock that `stop` needs."""
    signal.sigwait(_SIGNALS)
    stop()


def _follow(supervisor: int, stop: Callable[[], None]) -> None:
    while os.getppid() == supervisor:
        time.sleep(_LOOK_EVERY)
    stop()
