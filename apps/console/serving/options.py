"""The command line options about serving, shared by the commands `serve` and `quickstart`."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import CommandError

from apps.console.serving.plan import ServingPlan, address_in_use
from apps.console.serving.servers import SERVERS

if TYPE_CHECKING:
    from argparse import ArgumentParser

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = "8000"
DEFAULT_THREADS = 4
#: Seconds that the workers of a server which was killed may take to notice and free the port.
PATIENCE = 3.0


def add_options(parser: ArgumentParser) -> None:
    """Add the options; HOST and PORT of the environment stand in for the first two."""
    parser.add_argument(
        "--host",
        default=os.environ.get("HOST") or DEFAULT_HOST,
        help="address to listen on: 0.0.0.0 for all of IPv4, :: for all (HOST; %(default)s)",
    )
    parser.add_argument(
        "--port",
        default=os.environ.get("PORT") or DEFAULT_PORT,
        help="port to listen on, 0 for any that is free (PORT; %(default)s)",
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)"
    )
    parser.add_argument(
        "--threads", type=int, default=DEFAULT_THREADS, help="threads of each (%(default)s)"
    )
    parser.add_argument(
        "--server", choices=sorted(SERVERS), default="uvicorn", help="(%(default)s)"
    )
    parser.add_argument(
        "--no-work",
        dest="work",
        action="store_false",
        help="leave the background work to processes of `manage.py work`",
    )


def plan_of(options: dict[str, Any]) -> ServingPlan:
    """Return what the options ask for. Raises CommandError when it can't be had."""
    application = settings.WSGI_APPLICATION
    if options["server"] == "uvicorn":
        application = settings.ASGI_APPLICATION
    plan = ServingPlan(
        application,
        options["host"],
        _port(options["port"]),
        workers=options["workers"],
        threads=options["threads"],
    )
    if plan.workers < 1 or plan.threads < 1:
        raise CommandError("Give at least one worker and one thread.")
    if not is_free(plan):
        raise CommandError(
            f"Port {plan.port} of {plan.host} is in use: stop what uses it or take another one, "
            "as in PORT=9000 make run"
        )
    return plan.with_free_port()


def is_free(plan: ServingPlan) -> bool:
    """Whether the address can be had, waiting ``PATIENCE`` seconds for it.

    Raises CommandError for an address that nobody could have here.
    """
    give_up_at = time.monotonic() + PATIENCE
    try:
        while address_in_use(plan):
            if time.monotonic() > give_up_at:
                return False
            time.sleep(0.1)
    except OSError as error:
        raise CommandError(f"Can't listen on {plan.host} port {plan.port}: {error}") from error
    return True


def _port(value: str) -> int:
    if value.isascii() and value.isdigit() and int(value) <= 65535:
        return int(value)
    raise CommandError(f"The port is {value!r}: give a number from 0 to 65535.")
