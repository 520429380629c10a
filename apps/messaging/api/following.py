"""What `sync` is asked and answers, for the app's server and for its users alike."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from rest_framework.request import Request

from apps.accounts.models import User
from apps.core.api.pagination import integer
from apps.core.models import App
from apps.messaging.api.serializers import SyncReply, message_reply
from apps.messaging.sync import NOW, cursor_at, place_of
from apps.messaging.waiting import read_or_wait


@dataclass(frozen=True)
class Asked:
    """Where to read on, how many rows at most, and how many seconds to wait for the first."""

    cursor: str | None
    limit: int
    wait: int


def asked(query: Mapping[str, str]) -> Asked:
    """Read `after`, `limit` and `wait`; PARAMETER_INVALID names the one that is wrong."""
    return Asked(
        cursor=query.get("after") or None,
        limit=integer(query, "limit", 100, minimum=1, maximum=500),
        wait=integer(query, "wait", 0, minimum=0, maximum=settings.IM_LONG_POLL_MAX_SECONDS),
    )


def sync_reply(request: Request, app: App, user: User, what: Asked) -> SyncReply:
    """The user's rows after the cursor; with `wait`, as soon as there are any. Raises as `read_since`.

    After `now` there are none, and no wait: what is asked for is the cursor of this moment.
    """
    if what.cursor == NOW:
        cursor = cursor_at(app, place_of(app, NOW))
        return {"messages": [], "cursor": cursor, "has_more": False}
    page = read_or_wait(request, app, user, what.cursor, limit=what.limit, wait=what.wait)
    return {
        "messages": [message_reply(app, message) for message in page.messages],
        "cursor": page.cursor,
        "has_more": page.has_more,
    }
