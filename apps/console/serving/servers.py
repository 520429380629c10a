"""The HTTP servers that can be chosen, each as a function that serves until it is told to end."""

from __future__ import annotations

import multiprocessing
import os
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from django.db import connections
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from uvicorn.supervisors import Multiprocess

from apps.console.serving import worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from apps.console.serving.plan import ServingPlan

BACKLOG = 2048  # connections that wait to be taken
#: Seconds a worker has for finishing its requests before it is killed.
END_WITHIN = 10


def serve_by_granian(plan: ServingPlan) -> None:
    """Serve the WSGI application: threads answer, an event loop outside of Python reads."""
    # A forked worker would share the supervisor's locks and connections.
    multiprocessing.set_start_method("spawn", force=True)
    granian = Granian(
        plan.application,
        address=plan.host,
        port=plan.port,
        interface=Interfaces.WSGI,
        workers=plan.workers,
        blocking_threads=plan.threads,
        # A thread has a database connection, which ends with it.
        blocking_threads_idle_timeout=600,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        workers_kill_timeout=END_WITHIN,
        log_level=LogLevels.warning,
    )
    granian.on_startup(partial(_end_once, granian.signal_handler_interrupt))
    granian.serve(target_loader=partial(_loaded, os.getpid()))


def _end_once(interrupt: Callable[[], object]) -> None:
    """Have the supervisor ignore all but the first signal to end: see `worker.end_once`."""
    told = False

    def end(number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if not told:
            told = True
            interrupt()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def _loaded(supervisor: int, application: str) -> Any:
    return worker.load(application, supervisor)


def serve_by_uvicorn(plan: ServingPlan) -> None:
    """Serve the ASGI application, on one socket that all workers take connections from."""
    config = uvicorn.Config(
        partial(worker.load, plan.application, os.getpid()),
        factory=True,
        host=plan.host,
        port=plan.port,
        workers=plan.workers,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        backlog=BACKLOG,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=END_WITHIN,
    )
    os.environ["IM_THREADS"] = str(plan.threads)
    Multiprocess(config, sockets=[config.bind_socket()]).run()


def serve(plan: ServingPlan, *, by: str, say: Callable[[str], object]) -> None:
    """Serve by the server called ``by`` until told to end; ``say`` gets a line once it answers."""
    for connection in connections.all(initialized_only=True):  # the workers have their own
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
    plan.when_ready(
        lambda: say(
            f"Serving {plan.url}  admin: {plan.url}/admin/  docs: {plan.url}/docs/  (Ctrl-C ends)"
        )
    )
    SERVERS[by](plan)


SERVERS: dict[str, Callable[[ServingPlan], None]] = {
    "granian": serve_by_granian,
    "uvicorn": serve_by_uvicorn,
}
