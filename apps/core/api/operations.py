"""What is told of each operation: the OpenAPI document, its examples and the table of errors read it here.

A viewset is decorated with `documented(...)`, which names every one of its actions. What the dialects change
is not told again: it is taken from `apps.core.api.dialects`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, ClassVar, Protocol, TypeVar

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.utils import OpenApiParameter

from apps.core.api.dialects import Dialect, draft_2015, v1
from apps.core.api.filters import AppFilterSet
from apps.core.errors import (
    APP_SUSPENDED,
    AUTHENTICATION_FAILED,
    BUSY,
    INTERNAL_ERROR,
    MISSING_AUTHENTICATION,
    NO_SUCH_APP,
    NO_SUCH_METHOD,
    NO_SUCH_PATH,
    PARAMETER_INVALID,
    RATE_LIMITED,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    USER_DISABLED,
    ErrorCode,
)


@dataclass(frozen=True)
class Caller:
    """Who makes a call: in which dialects, and what they may be refused with whatever they call."""

    dialects: tuple[Dialect, ...]
    always: tuple[ErrorCode, ...]
    limited: bool = False  # by the rate limit, which the headers of replies tell


SERVER = Caller(
    dialects=(v1, draft_2015),
    always=(
        PARAMETER_INVALID,
        MISSING_AUTHENTICATION,
        AUTHENTICATION_FAILED,
        NO_SUCH_APP,
        APP_SUSPENDED,
        RATE_LIMITED,
        INTERNAL_ERROR,
        BUSY,
    ),
    limited=True,
)
"""An app's own server, by the app's key and secret."""

CLIENT = Caller(
    dialects=(v1,),
    always=(
        PARAMETER_INVALID,
        MISSING_AUTHENTICATION,
        TOKEN_INVALID,
        TOKEN_EXPIRED,
        USER_DISABLED,
        APP_SUSPENDED,
        INTERNAL_ERROR,
        BUSY,
    ),
)
"""A user, by the token of a session."""

ANYBODY = Caller(
    dialects=(v1,),
    always=(PARAMETER_INVALID, NO_SUCH_APP, APP_SUSPENDED, INTERNAL_ERROR, BUSY),
)
"""Whoever knows an app's key."""

ELSEWHERE = (NO_SUCH_PATH, NO_SUCH_METHOD)
"""What a call of no operation is refused with."""


@dataclass(frozen=True)
class Like:
    """An array whose items are of that type: a serializer class, or whatever msgspec describes."""

    items: Any
    at_least: int = 1
    at_most: int | None = None


@dataclass(frozen=True)
class Variant:
    """A serializer class or Struct under a name of its own, some of its fields called or shaped otherwise.

    `names` leads from our names to the dialect's, `fields` from our names to the types they have instead;
    those in `without` it has not.
    """

    name: str
    kind: Any
    names: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Multipart:
    """A multipart body with one file; `about` tells of it."""

    about: str


@dataclass(frozen=True)
class Said:
    """A body or a query as an example, in one dialect or, with `dialect` empty, in both."""

    name: str
    value: Any
    dialect: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation, in v1's terms.

    `body` and `draft_body` are serializer classes, what msgspec describes, `Like`, `Variant`, a tuple of
    alternatives, or `Multipart`; `reply` is a TypedDict, alternatives of them or a list of one, and
    `reply_example` is as the viewset renders it, before a dialect changes it. `raises` leaves out what any
    call may be refused with; `raises_in` adds what one dialect alone raises. `row_errors` are those of the
    rows of a batch: where all rows fail, the reply has the status of the first one's.
    """

    summary: str
    caller: Caller = SERVER
    description: str = ""
    status: int = 200
    body: Any = None
    draft_body: Any = None  # where it differs
    body_required: bool = True
    reply: Any = None
    parameters: tuple[OpenApiParameter, ...] = ()
    filters: type[AppFilterSet] | None = None
    raises: tuple[ErrorCode, ...] = ()
    raises_in: Mapping[str, tuple[ErrorCode, ...]] = field(default_factory=dict)
    row_errors: tuple[ErrorCode, ...] = ()
    examples: tuple[Said, ...] = ()
    reply_example: Any = None

    def bodies(self, dialect: Dialect) -> tuple[Any, ...]:
        """The alternatives for the body in that dialect; none if the operation takes none."""
        body = self.body
        if dialect is draft_2015 and self.draft_body is not None:
            body = self.draft_body
        if body is None:
            return ()
        return body if isinstance(body, tuple) else (body,)

    def own_errors(self, dialect: Dialect) -> tuple[ErrorCode, ...]:
        """The codes it may be refused with in that dialect, but for what any such call may."""
        raised = (*self.raises, *self.raises_in.get(dialect.name, ()))
        return tuple(code for code in raised if code not in self.caller.always)

    @property
    def all_errors(self) -> set[ErrorCode]:
        """What `raises`, `raises_in` and `row_errors` tell."""
        return {*self.raises, *self.row_errors, *chain(*self.raises_in.values())}


class DocumentedViewSet(Protocol):
    """What `documented` expects of a viewset, and leaves on it."""

    operation_group: ClassVar[str]
    operations: ClassVar[Mapping[str, Operation]]
    about: ClassVar[str]
    action: str
    action_map: Mapping[str, str]


View = TypeVar("View", bound=type)


def documented(about: str, **operations: Operation) -> Callable[[View], View]:
    """Attach what is told of a viewset and of each of its actions."""

    def decorate(view: View) -> View:
        for action in operations:
            if not callable(getattr(view, action, None)):
                raise TypeError(f"{view.__name__} has no action {action}")
        setattr(view, "about", about)  # noqa: B010 see DocumentedViewSet
        setattr(view, "operations", operations)  # noqa: B010
        return view

    return decorate


def told_of(view: Any, action: str) -> Operation:
    """What is told of an action of a viewset, or of its class; TypeError if nothing is."""
    operations: Mapping[str, Operation] = getattr(view, "operations", {})
    if action not in operations:
        raise TypeError(f"{view.operation_group}.{action} is not documented: see `documented`")
    return operations[action]


@dataclass(frozen=True)
class Route:
    """One method of one path of the API."""

    method: str  # upper case
    path: str  # as the urlconf has it, with a leading slash: /v1/users/<str:username>
    view: type[DocumentedViewSet]
    action: str

    @property
    def name(self) -> str:
        """As the dialects name the operation."""
        return f"{self.view.operation_group}.{self.action}"

    @property
    def operation(self) -> Operation:
        """What is told of it."""
        return told_of(self.view, self.action)


def routes() -> list[Route]:
    """Every method of every API path in the urlconf, the bare paths as well, in its order."""
    return list(_walk("/", get_resolver().url_patterns))


def _walk(prefix: str, patterns: list[URLPattern | URLResolver]) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(path, pattern.url_patterns)
            continue
        view: Any = getattr(pattern.callback, "cls", None)
        actions: Mapping[str, str] = getattr(pattern.callback, "actions", None) or {}
        if hasattr(view, "operation_group"):
            for method, action in actions.items():
                if method == "head":  # which DRF adds with the first request
                    continue
                yield Route(method.upper(), path, view, action)
