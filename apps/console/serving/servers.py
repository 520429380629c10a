"""The HTTP servers that can be chosen, each as a function that serves until it is told to end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from uvicorn.supervisors import Multiprocess

from apps.console.serving import ending
from apps.console.serving.background import BackgroundWork
from apps.console.serving.protocols import Http, WebSocket

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.console.serving.plan import ServingPlan

BACKLOG = 2048  # connections that wait to be taken
#: Bytes that the system takes for a connection ahead of its reader. By itself it would take megabytes.
SEND_BUFFER = 128 * 1024
#: Seconds a worker has for finishing its requests before it is killed.
END_WITHIN = 10
#: Seconds after which an idle thread ends; its database connection ends with it. The most that
#: granian takes.
THREAD_IDLE = 600


def serve(plan: ServingPlan, *, by: str, say: Callable[[str], object], work: bool) -> None:
    """Serve by the server called ``by`` until told to end; ``say`` gets a line once it answers.

    From then on the background work is done too, if ``work`` says so, in a process of its own.
    """
    for connection in connections.all(initialized_only=True):
        connection.close()  # the workers have their own
    line = f"Serving {plan.url}  admin: {plan.url}/admin/  docs: {plan.url}/docs/  (Ctrl-C ends)"
    background = BackgroundWork()

    def ready() -> None:
        say(line)
        if work:
            background.begin()

    try:
        SERVERS[by](plan, lambda: plan.when_ready(ready))
    finally:
        background.end()


def serve_by_granian(plan: ServingPlan, begin: Callable[[], None]) -> None:
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
        blocking_threads_idle_timeout=THREAD_IDLE,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        workers_kill_timeout=END_WITHIN,
        log_level=LogLevels.warning,
    )

    @granian.on_startup
    def take_back_the_signals() -> None:
        for number in ending.SIGNALS:
            signal.signal(number, ending.do_nothing)
        begin()

    with ending.told_to_end(granian.signal_handler_interrupt):
        granian.serve(target_loader=partial(_load, os.getpid()))


def serve_by_uvicorn(plan: ServingPlan, begin: Callable[[], None]) -> None:
    """Serve the ASGI application, on one socket that all workers take connections from."""
    os.environ["IM_THREADS"] = str(plan.threads)
    config = uvicorn.Config(
        partial(_load, os.getpid(), plan.application),
        factory=True,
        host=plan.host,
        port=plan.port,
        workers=plan.workers,
        loop="uvloop",
        ws=WebSocket,
        ws_per_message_deflate=False,
        ws_max_size=65536,
        http=Http,
        lifespan="on",
        proxy_headers=False,  # `client_address` believes in nobody but IM_TRUSTED_PROXIES
        backlog=BACKLOG,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=END_WITHIN,
    )
    listener = config.bind_socket()
    _bound_what_waits(listener)
    supervisor = Multiprocess(config, sockets=[listener])
    with ending.told_to_end(supervisor.should_exit.set):
        begin()
        supervisor.run()


def _bound_what_waits(listener: socket.socket) -> None:
    """Bound what a connection that reads slowly, or no more, costs: in the system's memory and in time.

    A phone that vanished without a word is found out (on Linux) by its next heartbeat, not after a quarter
    of an hour. Connections have what their listener has.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = settings.IM_SLOW_READER_SECONDS * 1000
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def _load(supervisor: int, application: str) -> Any:
    """Import the application in a worker, which is what the servers call first in it."""
    ending.obey(supervisor)
    return import_string(application)


SERVERS: dict[str, Callable[[ServingPlan, Callable[[], None]], None]] = {
    "granian": serve_by_granian,
    "uvicorn": serve_by_uvicorn,
}
