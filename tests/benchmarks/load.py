"""A load generator that leaves the processors to what it measures: one thread, one epoll, no parsing.

It sends prepared bytes over keep-alive connections and reads no more of an answer than its length.
"""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Measured:
    """Seconds each answered request took, how long all of them took, and what went wrong."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    failures: dict[bytes, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answered requests a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """The latency in milliseconds that this share of the requests stayed within."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


class _Connection:
    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.received = b""

    def send(self, request: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def whole(self) -> bool:
        """Read what is there; whether the answer is complete."""
        self.received += self.socket.recv(262144)
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return False
        _, mark, rest = head.lower().partition(b"content-length:")
        length = int(rest.partition(b"\r\n")[0]) if mark else 0
        return len(body) >= length


def run(
    address: tuple[str, int], requests: Iterator[bytes], *, connections: int, seconds: float
) -> Measured:
    """Keep that many connections busy for that long. The requests must not run out."""
    measured = Measured()
    selector = selectors.DefaultSelector()
    opened = [_Connection(address) for _ in range(connections)]
    started = time.perf_counter()
    until = started + seconds
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(next(requests))
    busy = len(opened)
    while busy:
        for key, _ in selector.select(timeout=30):
            connection = key.data
            if not connection.whole():
                continue
            now = time.perf_counter()
            status = connection.received[9:12]
            if status in {b"200", b"201", b"204"}:
                measured.latencies.append(now - connection.sent_at)
            else:
                measured.failures[status] = measured.failures.get(status, 0) + 1
            if now < until:
                connection.send(next(requests))
            else:
                busy -= 1
                selector.unregister(connection.socket)
                connection.socket.close()
    measured.seconds = time.perf_counter() - started
    return measured


def request(method: str, path: str, authorization: str, body: bytes = b"") -> bytes:
    """One HTTP/1.1 request, ready to be sent."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: {authorization}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
