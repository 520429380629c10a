"""The people of a proof: registered, logged in and put into groups by the app's own server."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from tests.realtime.clients import Line
from tests.realtime.servers import Database, Served

_numbers = count(1)


class People:
    """What an app's server does, over one line."""

    def __init__(self, database: Database, served: Served) -> None:
        self.line = Line(served.address, database.authorization)

    async def register(self, *names: str) -> list[str]:
        """Users of those names, each with something added that no other test has."""
        fresh = [f"{name}-{next(_numbers)}" for name in names]
        rows = [{"username": name, "password": "secret"} for name in fresh]
        answer = await self.line.call("POST", "/v1/users", rows)
        assert answer.status == 201, answer
        return fresh

    async def token(self, username: str, platform: str = "j", device_id: str = "") -> str:
        body = {"platform": platform, "device_id": device_id}
        path = f"/v1/users/{username}/sessions"
        return str((await self.ask("POST", path, body))["token"])

    async def group(self, owner: str, members: Sequence[str], **more: Any) -> int:
        body = {"owner_username": owner, "name": "proof", "members_username": members, **more}
        return int((await self.ask("POST", "/v1/groups", body))["gid"])

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What is answered; it must be no refusal."""
        answer = await self.line.call(method, path, body)
        assert answer.status < 300, (method, path, answer)
        return answer.body
