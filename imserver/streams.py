"""Bodies under a WSGI server that hands them over as they come."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from imserver.bodies import BODY_LIMIT, IN_MEMORY, LET_COME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_PART = 64 * 1024
#: Bytes that the system holds for a connection anyway: so short a body comes whole whoever reads it.
_SHORT = 64 * 1024


def in_parts(environ: dict[str, Any]) -> bool:
    """Whether the body needs care: nobody has told its length, or it is long."""
    if not environ.get("wsgi.input_terminated"):
        return False
    told: str = environ.get("CONTENT_LENGTH", "")
    if not told:
        return "HTTP_TRANSFER_ENCODING" in environ
    return told.isdigit() and int(told) > _SHORT


def answer(
    application: Application, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Answer a request whose body needs care.

    Django takes a body without a told length for an empty one: it is measured first. And a client that is
    cut off while it sends never reads why: what an answer has left of the body is let come, and dropped.
    """
    stream: IO[bytes] = environ["wsgi.input"]
    with SpooledTemporaryFile(IN_MEMORY) as whole:
        if not environ.get("CONTENT_LENGTH"):
            environ["CONTENT_LENGTH"] = str(_copy(stream, whole))
            whole.seek(0)
            environ["wsgi.input"] = whole
        content = application(environ, start_response)
        _let_come(stream)
    return content


def _copy(stream: IO[bytes], whole: IO[bytes]) -> int:
    """How many bytes there are. Of too long a body more than are taken: it is refused by its length."""
    length = 0
    while length <= BODY_LIMIT and (part := stream.read(_PART)):
        length += whole.write(part)
    return length


def _let_come(stream: IO[bytes]) -> None:
    came = 0
    while came < LET_COME and (part := stream.read(_PART)):
        came += len(part)
