"""The world that every case of the contract starts in, and the names it gives.

Two apps with people of the same names: `app`, which the case speaks for, and `other`. In each: `fang`, who
owns the group `gid` and has filled in everything; `javen`, who is in it; `jack1`, who is not; `admin1`, an
API admin. And `linked`, an app with the same people, which has a grant for `app` as `app` has one for it; and
`barred`, an app that is suspended. Everybody's password is `correct horse`.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from apps.accounts.services.users import Registration, disable_users, register_user
from apps.core import app_cache
from apps.core.api import wire_time
from apps.core.models import App
from apps.core.services.apps import create_app, start_log_epoch, suspend_app, update_app
from apps.core.services.cross_app_grants import grant_cross_app
from apps.groups.services.groups import NewGroup, create_group
from tests.conftest import PASSWORD, ApiClient, basic, session_of


def populate(app: App) -> int:
    """Register the people and let fang found the group; its gid."""
    fang = Registration(
        username="fang",
        password=PASSWORD,
        nickname="Fang",
        avatar="qiniu/image/j/7C21AE4E",
        birthday=date(1990, 1, 24),
        gender=1,
        signature="orz",
        region="深圳",
        address="Shenzhen",
        star=2,
        extras={"level": 3},
    )
    javen, jack = (Registration(username=name, password=PASSWORD) for name in ("javen", "jack1"))
    admin = Registration(username="admin1", password=PASSWORD, is_admin=True)
    for registration in (fang, javen, jack, admin):  # one by one, for the order of the lists
        register_user(app=app, registration=registration)
    new = NewGroup(
        owner_username="fang",
        name="jpush",
        description="push together",
        members_username=["javen"],
    )
    return create_group(app=app, new=new).pk


def build(dialect: str, given: Mapping[str, Any] | None = None) -> tuple["Clients", dict[str, Any]]:
    """The clients by name, and the names. `given`: see `tests.contract.replay`, but for its settings."""
    own = create_app(name="Acme", api_version=dialect, calls_per_minute=1000)
    other = create_app(name="Rival", api_version=dialect)
    barred = create_app(name="Barred", api_version=dialect)
    suspend_app(app=barred.app)
    linked = create_app(name="Linked", api_version=dialect)
    grant_cross_app(app=own.app, target=linked.app)
    grant_cross_app(app=linked.app, target=own.app)
    gid, other_gid, linked_gid = populate(own.app), populate(other.app), populate(linked.app)
    _change(own.app, given or {})
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    names = {
        "gid": gid,
        "other_gid": other_gid,
        "linked_gid": linked_gid,
        "appkey": own.app.app_key,
        "linked_appkey": linked.app.app_key,
        "other_appkey": other.app.app_key,
        "long_text": "x" * 4097,
        "too_many_users": [{"username": f"user{n}", "password": PASSWORD} for n in range(501)],
        "an_hour_ago": quote(wire_time.in_zone(own.app, now - hour)),
        "today": wire_time.in_zone(own.app, now)[:10],
        "yesterday": wire_time.in_zone(own.app, now - timedelta(days=1))[:10],
        "in_an_hour": quote(wire_time.in_zone(own.app, now + hour)),
        "wrong_secret": basic(own.app.app_key, "x" * 24),
        "half_a_pair": "Basic " + base64.b64encode(own.app.app_key.encode()).decode(),
        "unknown_app": basic("x" * 24, "x" * 24),
    }
    servers = {"app": own, "other": other, "linked": linked, "barred": barred}
    return Clients(own.app, {name: ApiClient(one) for name, one in servers.items()}), names


def _change(app: App, given: Mapping[str, Any]) -> None:
    for name, value in given.get("app", {}).items():
        setattr(app, name, value)
    if "app" in given:
        update_app(app=app)
    if "disabled" in given:
        disable_users(app=app, users=app.users.filter(username__in=given["disabled"]))


class Clients(dict[str, ApiClient]):
    """The clients by name: the servers of the apps, `nobody`, and each user of `app` in a session."""

    def __init__(self, app: App, servers: Mapping[str, ApiClient]) -> None:
        super().__init__({**servers, "nobody": ApiClient()})
        self._app = app
        self._servers = tuple(servers)

    def afresh(self) -> "Clients":
        """The same, after what was done has been rolled back: nobody is logged in, and nothing is known."""
        app_cache.forget(self._app.app_key)
        return Clients(self._app, {name: self[name] for name in self._servers})

    def happen(self, event: str) -> None:
        """What no call does."""
        {"a backup is restored": start_log_epoch}[event](app=self._app)

    def __missing__(self, username: str) -> ApiClient:
        """A user logs in when they first ask for something."""
        user = self._app.users.by_username(username)
        self[username] = session_of(user, device_id="laptop")
        return self[username]
