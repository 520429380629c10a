"""What a user sends as themselves."""

from typing import Any

from apps.accounts.authentication import UserPrincipal
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.messaging.api.dialects import CLIENT_PROTOCOL
from apps.messaging.drafts import Draft
from apps.messaging.protocol import read_draft

CLIENT_FIELDS = frozenset(
    {
        "target_type",
        "target_id",
        "target_appkey",
        "target_name",
        "from_name",
        "msg_type",
        "msg_body",
        "client_msg_id",
    }
)


def client_draft(principal: UserPrincipal, body: Any, key: str | None) -> Draft:
    """The message that a user sends as themselves, whatever it says of its sender. Raises as `read_draft`."""
    if not isinstance(body, dict):
        raise ImError(PARAMETER_INVALID, "body: must be an object")
    said = {name: value for name, value in body.items() if name in CLIENT_FIELDS}
    spoken = {**said, "version": 1, "from_type": "user", "from_id": principal.user.username}
    return read_draft(principal.app, CLIENT_PROTOCOL, spoken, key, principal.session.platform)
