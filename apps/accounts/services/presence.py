"""Presence: who is online, on which device. Written by gateways, read by the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.models import ClientSession, Connection, Gateway, User
from apps.core.models import App

_CONNECT = """
INSERT INTO accounts_connection (session_id, gateway_id)
SELECT s.id, %(gateway)s
FROM unnest(%(sessions)s::bigint[]) AS named (id) JOIN accounts_clientsession s ON s.id = named.id
ORDER BY s.id FOR KEY SHARE OF s
RETURNING session_id, id
"""


@dataclass(frozen=True)
class Device:
    """A platform the user has logged in on; whether the log-in still stands, and is connected."""

    platform: str
    login: bool
    online: bool


def beat(*, gateway: str) -> int:
    """Say that the gateway lives; its row's id. Clears away gateways long gone.

    The database's clock counts: those of two machines may differ by more than a beat.
    """
    row, _ = Gateway.objects.update_or_create(
        name=gateway, defaults={"beat_at": Now()}
    )  # tenant-free
    long_gone = Now() - timedelta(seconds=10 * settings.IM_PRESENCE_SECONDS)
    Gateway.objects.filter(beat_at__lt=long_gone).delete()  # tenant-free: of the whole server
    return row.pk


def leave(*, gateway: str) -> None:
    """The gateway ends, and with it its connections."""
    Gateway.objects.filter(name=gateway).delete()  # tenant-free: of the whole server


def connect(*, session_ids: Sequence[int], gateway_id: int) -> list[tuple[int, int]]:
    """Note connections of those sessions, one for each time that it is named, of the sessions that stand.

    Returns each with the id to `disconnect` by: `(session id, connection id)`. One statement, which waits for
    an end of the session that is under way.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONNECT, {"gateway": gateway_id, "sessions": list(session_ids)})
        noted: list[tuple[int, int]] = cursor.fetchall()
    return noted


def disconnect(*, connection_ids: Sequence[int]) -> None:
    """Forget connections that have ended."""
    Connection.objects.filter(pk__in=connection_ids).delete()  # tenant-free: the gateway's own


def devices_of(*, app: App, users: Sequence[User]) -> dict[int, list[Device]]:
    """For each user, by id, their devices: one per platform they are logged in on. One query."""
    now = timezone.now()
    sessions = (
        ClientSession.objects.filter(user__in=users, user__app=app)  # tenant-free: by app
        .live(now)
        .with_presence()
        .order_by("pk")
    )
    found: dict[int, dict[str, Device]] = {user.pk: {} for user in users}
    for session in sessions:
        platforms = found[session.user_id]
        before = platforms.get(session.platform)
        online = getattr(session, "connections_now", 0) > 0 or (
            before is not None and before.online
        )
        platforms[session.platform] = Device(session.platform, login=True, online=online)
    return {pk: list(platforms.values()) for pk, platforms in found.items()}


def live_sessions(*, session_ids: Sequence[int]) -> set[int]:
    """Which of those sessions still stand, their users enabled and apps not suspended. One query."""
    standing = (
        ClientSession.objects.filter(  # tenant-free: the gateway's own connections, of all apps
            pk__in=session_ids,
            expires_at__gt=timezone.now(),
            user__disabled_at__isnull=True,
            user__app__suspended_at__isnull=True,
        )
    )
    return set(standing.values_list("pk", flat=True))


def gateways() -> list[tuple[Gateway, int]]:
    """All gateways that are known, by name, each with the number of its connections. One query."""
    known = Gateway.objects.annotate(held=Count("connections"))  # tenant-free: the server's
    return [(gateway, gateway.held) for gateway in known.order_by("name")]
