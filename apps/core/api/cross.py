"""What cross-app calls have in common: bodies that name apps by their keys."""

from typing import Any

from rest_framework import serializers

from apps.core.api.fields import ByteLengthField
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App

ROWS_AT_MOST = 500
NAMES_AT_MOST = 500
"""In one call: apps, and users in all of them together."""


class AppKeyIn(serializers.Serializer[dict[str, Any]]):
    """The app that the row's names belong to. `appKey`, as some clients spell it, is taken as well."""

    appkey = ByteLengthField(min_bytes=1, max_bytes=64)


class CrossViewSet(ImViewSet):
    """Base of `/v1/cross/…`: another app's things, where there is a grant."""

    def body(self) -> Any:
        """The body, with `appkey` where it is spelled otherwise."""
        body = super().body()
        if isinstance(body, list):
            return [with_appkey(row) for row in body]
        return with_appkey(body)

    def cross_rows(
        self, shape: type[serializers.Serializer[Any]]
    ) -> list[tuple[App, dict[str, Any]]]:
        """The body as an array of such rows, each app once, with the apps that their keys are of.

        Raises PARAMETER_INVALID, which names the row, NO_SUCH_TARGET_APP, CROSS_APP_REFUSED.
        """
        body = self.parse_list(of="objects", at_most=ROWS_AT_MOST)
        rows: list[dict[str, Any]] = []
        for place, row in enumerate(body):
            try:
                rows.append(self.check(shape, row))
            except ImError as error:
                raise ImError(error.code, f"[{place}].{error}".replace("].body: ", "]: ")) from None
        keys = [row["appkey"] for row in rows]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise ImError(PARAMETER_INVALID, f"[{place}].appkey: names an app twice")
        apps = self.app.reach(keys)
        return [(apps[row["appkey"]], row) for row in rows]


def with_appkey(row: Any) -> Any:
    """The Java client writes `appKey`, and the PHP client's guide does."""
    if isinstance(row, dict) and "appKey" in row:
        spelled = {name: value for name, value in row.items() if name != "appKey"}
        return {"appkey": row["appKey"], **spelled}
    return row


def check_count(rows: list[tuple[App, dict[str, Any]]], *fields: str) -> None:
    """Refuse (PARAMETER_INVALID) more names in one field of all rows together than a call may have."""
    for field in fields:
        if sum(len(row.get(field, [])) for _app, row in rows) > NAMES_AT_MOST:
            raise ImError(PARAMETER_INVALID, f"{field}: must have at most {NAMES_AT_MOST} in all")
