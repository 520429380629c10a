"""Lists by `start` and `count`, as the draft and the final API page them."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from msgspec import Meta

from apps.core.errors import PARAMETER_INVALID, ImError

Row = TypeVar("Row", bound=Model)

Total = Annotated[int, Meta(ge=0, description="Rows there are in all.")]
Start = Annotated[int, Meta(ge=0, description="The first row of this page, counted from 0.")]
Count = Annotated[int, Meta(ge=0, description="Rows in this page.")]

MOST_ROWS = 500
_FURTHEST_START = 10_000_000


def page_parameters(most: int) -> tuple[OpenApiParameter, ...]:
    """What a list that answers at most so many rows is asked with."""
    return (
        OpenApiParameter(
            "start",
            {"type": "integer", "minimum": 0, "maximum": _FURTHEST_START, "default": 0},
            description="The first row wanted, counted from 0.",
        ),
        OpenApiParameter(
            "count",
            {"type": "integer", "minimum": 1, "maximum": most, "default": most},
            description="Rows wanted, at most.",
        ),
    )


PAGE_PARAMETERS = page_parameters(MOST_ROWS)


def integer(
    query: Mapping[str, str], name: str, default: int | None, *, minimum: int, maximum: int
) -> int:
    """A whole number from the query string, in `[minimum, maximum]`; PARAMETER_INVALID names it.

    A default of None makes it required.
    """
    text = query.get(name, "")
    if text == "":
        if default is None:
            raise ImError(PARAMETER_INVALID, f"{name}: is required")
        return default
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= 19:
        number = int(text)
        if minimum <= number <= maximum:
            return number
    raise ImError(PARAMETER_INVALID, f"{name}: must be a whole number from {minimum} to {maximum}")


def boolean(query: Mapping[str, str], name: str) -> bool:
    """`true`/`false`/`1`/`0` in any case (a known client sends `True`); PARAMETER_INVALID names it."""
    word = query.get(name, "").lower()
    if word in {"true", "1"}:
        return True
    if word in {"false", "0"}:
        return False
    raise ImError(PARAMETER_INVALID, f"{name}: must be true or false")


def page(
    query: Mapping[str, str],
    rows: QuerySet[Row],
    items: str,
    render: Callable[[Row], Mapping[str, Any]],
    *,
    most: int = MOST_ROWS,
) -> dict[str, Any]:
    """`{"total", "start", "count", items: [...]}`; `count` is the number of rows in this reply.

    `start` counts from 0 and defaults to 0; `count` is 1 to `most` and defaults to that. The rows must be
    ordered. Two queries, whatever the number of rows.
    """
    if not rows.ordered:
        raise TypeError("paging an unordered set would skip and repeat rows")
    start = integer(query, "start", 0, minimum=0, maximum=_FURTHEST_START)
    count = integer(query, "count", most, minimum=1, maximum=most)
    found = [render(row) for row in rows[start : start + count]]
    return {"total": rows.count(), "start": start, "count": len(found), items: found}
