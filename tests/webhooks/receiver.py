"""A developer's server: takes POSTs over real HTTP on loopback, and answers as the test wants."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Seconds after which a test gives up on what it waits for.
PATIENCE = 60.0


@dataclass(frozen=True)
class Received:
    """One POST."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def ids(self) -> list[int]:
        """Of the messages in it."""
        return [message["msgid"] for message in self.body["messages"]]

    @property
    def credentials(self) -> tuple[str, str]:
        """Of the Basic authorization."""
        kind, _, encoded = self.headers["authorization"].partition(" ")
        assert kind == "Basic"
        user, _, password = base64.b64decode(encoded).decode().partition(":")
        return user, password

    def is_signed_with(self, secret: str) -> bool:
        """As docs/webhooks.md tells to find out."""
        signed = self.headers["x-im-timestamp"].encode() + b"." + self.raw
        expected = "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, self.headers["x-im-signature"])


class Receiver:
    """What came, in the order in which it came. `answer` gives the status for each, by what came."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[Received], int] = lambda _: 200
        self.answer_body = b""
        self.answer_headers: dict[str, str] = {}
        self._came = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = Received(self.path, headers, raw)
                status = receiver.take(received)
                self.send_response(status)
                for name, value in receiver.answer_headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.answer_body)))
                self.end_headers()
                self.wfile.write(receiver.answer_body)

            def log_message(self, format: str, *args: Any) -> None:
                """Not to the test's output."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """The other end may be killed while it waits for its answer."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.done = threading.Event()  # type: ignore[attr-defined]
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def take(self, received: Received) -> int:
        with self._came:
            self.received.append(received)
            self._came.notify_all()
        return self.answer(received)

    def wait_for(self, happened: Callable[[list[Received]], bool]) -> None:
        """Until what came is so."""
        with self._came:
            assert self._came.wait_for(lambda: happened(self.received), PATIENCE)

    @property
    def ids(self) -> list[int]:
        """Of all messages that came, in their order."""
        return [msg_id for received in list(self.received) for msg_id in received.ids]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()
