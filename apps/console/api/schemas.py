"""OpenAPI of statistics."""

from drf_spectacular.utils import OpenApiParameter

from apps.console.api.serializers import (
    GroupsOfDayReply,
    MessagesReply,
    UsersOfDayReply,
)
from apps.core.api.operations import Operation, documented

_FRESH = (
    "Days are those of the app's time zone; there is a row for each, whether anything happened or not. The "
    "figures are a few seconds old."
)


def _parameters(units: list[str], start: str, most: str) -> tuple[OpenApiParameter, ...]:
    return (
        OpenApiParameter(
            "time_unit",
            {"type": "string", "enum": units},
            required=True,
            description="The unit of time; capitals or not.",
        ),
        OpenApiParameter("start", str, required=True, description=f"The first: {start}."),
        OpenApiParameter(
            "duration",
            {"type": "integer", "minimum": 1, "maximum": 60},
            required=True,
            description=f"How many, the first included: {most}.",
        ),
    )


_BY_DAY = _parameters(["DAY"], "`yyyy-MM-dd`", "at most 60")
_BY_TYPE = {"txt_msg": 20, "image_msg": 4, "voice_msg": 1, "other_msg": 0}

statistics_schema = documented(
    "Statistics of users, messages and groups, counted as things happen.",
    users=Operation(
        summary="Count users by day",
        description=f"Who was there, who sent something, who is new. {_FRESH}",
        reply=list[UsersOfDayReply],
        parameters=_BY_DAY,
        reply_example=[
            {
                "date": "2015-02-13",
                "active_users": 230,
                "total_users": 1200,
                "send_msg_users": 180,
                "new_users": 12,
            }
        ],
    ),
    messages=Operation(
        summary="Count messages by hour, day or month",
        description=(
            "What was sent to users and to groups, and in all that time by type. Messages to chatrooms and "
            f"events are not counted. {_FRESH}"
        ),
        reply=MessagesReply,
        parameters=_parameters(
            ["HOUR", "DAY", "MONTH"],
            "`yyyy-MM-dd HH` of today, `yyyy-MM-dd` or `yyyy-MM`",
            "at most 24 hours, 60 days or 2 months",
        ),
        reply_example={
            "send_msg_stat": [{"time": "2015-02-13", "group_send_msg": 25, "single_send_msg": 5}],
            "group_msg_stat": _BY_TYPE,
            "single_msg_stat": {"txt_msg": 5, "image_msg": 0, "voice_msg": 0, "other_msg": 0},
        },
    ),
    groups=Operation(
        summary="Count groups by day",
        description=f"In which something was said, how many there are, which are new. {_FRESH}",
        reply=list[GroupsOfDayReply],
        parameters=_BY_DAY,
        reply_example=[
            {"date": "2015-02-13", "active_group": 42, "total_group": 310, "new_group": 3}
        ],
    ),
)
