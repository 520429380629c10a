"""What the February 2015 draft says otherwise than the final API, as data.

Serializers and services speak v1. An operation is named `group.action`, as its viewset and method are. Each
app's `api/dialects.py` adds its rows; only `ImViewSet.parse`, `.reply` and the rendering of errors read them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, get_type_hints

from apps.core.errors import (
    AUTHENTICATION_FAILED,
    INTERNAL_ERROR,
    MISSING_AUTHENTICATION,
    NO_DISTURB_NO_SUCH_GROUP,
    NO_SUCH_APP,
    NO_SUCH_GROUP,
    NO_SUCH_USER,
    SHIELD_NO_SUCH_GROUP,
    USER_EXISTS,
    ErrorCode,
)
from apps.core.models import ApiVersion


class EmptyReply(TypedDict):
    """Nothing: `{}`."""


def empty_object(body: None) -> EmptyReply:
    """The draft answers 200 where v1 answers 204; a body lets its clients parse one."""
    return {}


def _same(body: Any) -> Any:
    return body


@dataclass(frozen=True)
class Difference:
    """How one operation differs from v1: its body on the way in, on the way out, and its status."""

    inbound: Callable[[Any], Any] = _same
    outbound: Callable[[Any], Any] = _same
    status: int | None = None

    def reply_type(self, usual: Any) -> Any:
        """The type of the reply that goes out: what `outbound` says it returns, `Any` being the usual one."""
        returned = get_type_hints(self.outbound, include_extras=True)["return"]
        return usual if returned is Any else returned


@dataclass(frozen=True)
class Dialect:
    """One API version: operations that differ, operations it lacks, and its error numbers and statuses.

    A path all of whose operations a dialect lacks is no path to it (404); a single one is no method (405).
    """

    name: str
    operations: dict[str, Difference] = field(default_factory=dict)
    lacks: set[str] = field(default_factory=set)
    numbers: Mapping[ErrorCode, int] = field(default_factory=dict)
    statuses: Mapping[ErrorCode, int] = field(default_factory=dict)

    def difference(self, operation: str) -> Difference:
        """What to do differently for that operation; often nothing."""
        return self.operations.get(operation, _NONE)

    def number(self, code: ErrorCode) -> int:
        """The code's number on the wire."""
        return self.numbers.get(code, code.number)

    def status(self, code: ErrorCode) -> int:
        """The HTTP status that goes with the code."""
        return self.statuses.get(code, code.status)


_NONE = Difference()

v1 = Dialect(ApiVersion.V1.value)
draft_2015 = Dialect(
    ApiVersion.DRAFT_2015_02.value,
    numbers={
        USER_EXISTS: 8001,
        MISSING_AUTHENTICATION: 3001,
        AUTHENTICATION_FAILED: 3001,
        NO_SUCH_APP: 3001,
        INTERNAL_ERROR: 10,
    },
    statuses={
        NO_SUCH_APP: 401,
        NO_SUCH_USER: 404,
        NO_SUCH_GROUP: 404,
        NO_DISTURB_NO_SUCH_GROUP: 404,
        SHIELD_NO_SUCH_GROUP: 404,
    },
)

_by_name = {dialect.name: dialect for dialect in (v1, draft_2015)}


def dialect_of(api_version: str) -> Dialect:
    """The dialect an app pins, or the server's default where the app is not known."""
    return _by_name[api_version]
