"""Requests byte by byte, as other SDKs write them: no HTTP library would send some of these."""

import base64
import json
import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

from tests.realtime.servers import PATIENCE
from tests.sdk.conftest import Moved

#: In place of a body: none at all, and no Content-Length either.
NOTHING = None


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> tuple[int, int]:
        return self.status, self.json["error"]["code"]


@dataclass(frozen=True)
class Wire:
    """Writes requests as one SDK does: its headers, on a connection of its own for each."""

    moved: Moved
    agent: str
    content_type: str = "application/json; charset=utf-8"

    def send(
        self,
        call: str,
        body: Any = NOTHING,
        *,
        content_type: str | None = None,
        length: bool = True,
    ) -> Answer:
        """`call` is method and target; a body that is no bytes is sent as JSON."""
        told = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        pair = f"{self.moved.app_key}:{self.moved.master_secret}"
        lines = [
            f"{call} HTTP/1.1",
            f"Host: {self.moved.host.removeprefix('http://')}",
            f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}",
            f"User-Agent: {self.agent}",
            f"Content-Type: {content_type or self.content_type}",
            "Connection: close",
        ]
        if body is not None and length:
            lines.append(f"Content-Length: {len(told)}")
        head = "\r\n".join([*lines, "", ""]).encode()
        with socket.create_connection(self.moved.address, timeout=PATIENCE) as own:
            own.sendall(head + told)
            response = HTTPResponse(own)
            response.begin()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read())

    def register(self, *names: str, **more: Any) -> None:
        rows = [{"username": name, "password": "secret", **more} for name in names]
        answer = self.send("POST /v1/users/", rows)
        assert answer.status == 201, answer
        assert answer.json == [{"username": name} for name in names]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
