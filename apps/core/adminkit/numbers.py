"""How many rows: exactly while they are few, from the planner once they are many. No table is counted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext

COUNTED = 1000
"""Rows that are read to be counted; beyond, it is an estimate."""


@dataclass(frozen=True)
class Number:
    """A number of rows."""

    value: int
    exact: bool

    def __str__(self) -> str:
        """In the reader's language, with separators."""
        number = number_format(self.value, use_l10n=True, force_grouping=True)
        return number if self.exact else gettext("about %(number)s") % {"number": number}


def number_of(rows: QuerySet[Any], *, counted: int = COUNTED) -> Number:
    """How many rows there are: at most `counted + 1` are read, which an index has to serve."""
    rows = rows.order_by()
    read = len(rows.values_list("pk")[: counted + 1])
    if read <= counted:
        return Number(read, exact=True)
    return Number(max(about(planned_rows(rows)), counted), exact=False)


def planned_rows(rows: QuerySet[Any]) -> int:
    """The planner's estimate, from the statistics of the table: well under a millisecond."""
    plan = json.loads(rows.order_by().explain(format="json"))
    number: int = plan[0]["Plan"]["Plan Rows"]
    return number


def about(number: int) -> int:
    """The number with two leading digits and zeros: an estimate that does not claim more."""
    scale: int = 10 ** max(len(str(number)) - 2, 0)
    return round(number / scale) * scale


def size_of(number: int) -> str:
    """Bytes, in the unit that suits them."""
    amount = float(number)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{number_format(amount, 0)} {unit}"
        amount /= 1024
    return f"{number_format(amount, 1)} GiB"
