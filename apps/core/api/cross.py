"""What cross-app calls have in common: bodies that name apps by their keys."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from apps.core.api.fields import ByteLengthField
from apps.core.api.viewsets import ImViewSet, usernames
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App

ROWS_AT_MOST = 500
NAMES_AT_MOST = 500
"""In one call: apps, and users in all of them together."""


class AppKeyIn(serializers.Serializer[dict[str, Any]]):
    """The app that the names belong to. `appKey`, as some clients spell it, is taken as well."""

    appkey = ByteLengthField(min_bytes=1, max_bytes=64)


class CrossViewSet(ImViewSet):
    """Base of `/v1/cross/…`: another app's things, where there is a grant."""

    def body(self) -> Any:
        """The body, with `appkey` where it is spelled otherwise."""
        body = super().body()
        if isinstance(body, list):
            return [with_appkey(row) for row in body]
        return with_appkey(body)

    def rows(self, shape: type[serializers.Serializer[Any]]) -> list[dict[str, Any]]:
        """The body as an array of such rows; PARAMETER_INVALID names the row and the field."""
        body = self.parse_list(of="objects", at_most=ROWS_AT_MOST)
        return [self.check(shape, row, f"body[{place}]") for place, row in enumerate(body)]

    def apps_of(self, rows: Sequence[dict[str, Any]]) -> list[App]:
        """The apps of the rows, each another one.

        Raises PARAMETER_INVALID for one that is named twice, NO_SUCH_TARGET_APP, CROSS_APP_REFUSED.
        """
        keys = [row["appkey"] for row in rows]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise ImError(PARAMETER_INVALID, f"body[{place}].appkey: names an app twice")
        apps = self.app.reach(keys)
        return [apps[key] for key in keys]


def with_appkey(row: Any) -> Any:
    """The Java client writes `appKey`, and the PHP client's guide does."""
    if isinstance(row, dict) and "appKey" in row:
        spelled = {name: value for name, value in row.items() if name != "appKey"}
        return {"appkey": row["appKey"], **spelled}
    return row


def names_in(rows: Sequence[dict[str, Any]], field: str, at_most: int) -> list[list[str]]:
    """The user names in that field of each row, none where it has none.

    Raises PARAMETER_INVALID, which names the row, also for more than `at_most` in all rows together.
    """
    found = [
        usernames(row.get(field, []), f"body[{place}].{field}") for place, row in enumerate(rows)
    ]
    if sum(map(len, found)) > at_most:
        raise ImError(PARAMETER_INVALID, f"body: {field} must have at most {at_most} in all")
    return found
