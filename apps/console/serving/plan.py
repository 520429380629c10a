"""What to serve, and where."""

from __future__ import annotations

import errno
import socket
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WILDCARDS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104


@dataclass(frozen=True)
class ServingPlan:
    """One server: its address, and how many processes with how many threads each answer.

    ``application`` is the dotted path of the WSGI or ASGI application.
    """

    application: str
    host: str
    port: int
    workers: int
    threads: int

    @property
    def url(self) -> str:
        """The address as somebody on this machine would type it, without a slash at the end."""
        host = WILDCARDS.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def with_free_port(self) -> ServingPlan:
        """Return the plan with a port that was free a moment ago in place of port 0."""
        if self.port:
            return self
        with _bound(self) as probe:
            return replace(self, port=probe.getsockname()[1])

    def when_ready(self, announce: Callable[[], object]) -> None:
        """Call ``announce`` from a thread, once the port answers."""
        threading.Thread(target=self._announce, args=[announce], daemon=True).start()

    def _announce(self, announce: Callable[[], object]) -> None:
        host = WILDCARDS.get(self.host, self.host)
        while True:
            try:
                socket.create_connection((host, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                announce()
                return


def address_in_use(plan: ServingPlan) -> bool:
    """Whether another server has the address already.

    The servers' own sockets may be shared by several processes, so that a second server would not
    fail but take half of the connections of the first. Raises OSError for an address that is not
    one of this machine's, or a port that we may not have.
    """
    try:
        _bound(plan).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return True
        raise
    return False


def _bound(plan: ServingPlan) -> socket.socket:
    family = socket.AF_INET6 if ":" in plan.host else socket.AF_INET
    probe = socket.socket(family, socket.SOCK_STREAM)
    try:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # past connections may linger
        probe.bind((plan.host, plan.port))
    except OSError:
        probe.close()
        raise
    return probe
