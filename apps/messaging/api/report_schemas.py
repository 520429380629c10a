"""OpenAPI of history reports."""

from drf_spectacular.utils import OpenApiParameter

from apps.accounts.api.schemas import USERNAME
from apps.core.api import wire_time
from apps.core.api.operations import Operation, documented
from apps.core.errors import NO_SUCH_CHATROOM, NO_SUCH_GROUP, NO_SUCH_USER
from apps.groups.api.chatroom_schemas import ROOM_ID
from apps.groups.api.schemas import GID
from apps.messaging.api.schemas import IN_LOG, RETRACT, SEND
from apps.messaging.api.serializers import FirstReportReply, ReportReply

_TIME = {"type": "string", "pattern": wire_time.PATTERN}
_REPORT: ReportReply = {
    "total": 3000,
    "count": 1,
    "messages": [IN_LOG],
    "cursor": "sZ4d1ZbQ7fCk",
}


def _window(
    *, count_required: bool = False, longest: str = "", more: str = ""
) -> tuple[OpenApiParameter, ...]:
    """How many messages, of which time. `more` ends each description."""
    return (
        OpenApiParameter(
            "count",
            {"type": "integer", "minimum": 1, "maximum": 1000},
            required=count_required,
            description=f"Messages wanted, at most.{more}",
        ),
        OpenApiParameter(
            "begin_time", _TIME, description=f"Sent then or later, in the app's time zone.{more}"
        ),
        OpenApiParameter(
            "end_time",
            _TIME,
            description=f"Sent then or earlier, that whole second included{longest}.{more}",
        ),
    )


_REPORT_PARAMETERS = (
    *_window(longest="; at most 7 days after `begin_time`", more=" Required without `cursor`."),
    OpenApiParameter(
        "cursor",
        str,
        description=(
            "That of the page before, instead of the other three: good for 120 seconds unless the "
            "server says otherwise."
        ),
    ),
)

_PAGES = (
    "Oldest first, events left out. `cursor` leads to the next page and is there only if more "
    "follows. `total` is exact as soon as fewer than 50,000 messages follow; before, it says how many "
    "there are at least, and is more than what has been read. A message that was taken back is there "
    "without its body."
)
_OF_A_USER = "What the user sent or could read, but for chatrooms, which have reports of their own."
reports_schema = documented(
    "History: what was said, for the app's own records (version 2 of the reports).",
    app_messages=Operation(
        summary="Report the app's messages",
        description=_PAGES,
        reply=ReportReply,
        parameters=_REPORT_PARAMETERS,
        reply_example=_REPORT,
    ),
    user_messages=Operation(
        summary="Report a user's messages",
        description=f"{_OF_A_USER} {_PAGES}",
        reply=ReportReply,
        parameters=(USERNAME, *_REPORT_PARAMETERS),
        raises=(NO_SUCH_USER,),
        reply_example=_REPORT,
    ),
    chatroom_messages=Operation(
        summary="Report a chatroom's messages",
        description=f"What was said in the chatroom, deleted or not. {_PAGES}",
        reply=ReportReply,
        parameters=(ROOM_ID, *_REPORT_PARAMETERS),
        raises=(NO_SUCH_CHATROOM,),
        reply_example=_REPORT,
    ),
    group_messages=Operation(
        summary="Report a group's messages",
        description=f"What was said in the group, dissolved or not. {_PAGES}",
        reply=ReportReply,
        parameters=(GID, *_REPORT_PARAMETERS),
        raises=(NO_SUCH_GROUP,),
        reply_example=_REPORT,
    ),
)

_FIRST_PAGES = (
    "Oldest first, events left out. A page begins at most 100,000 messages in, and so many are counted: for "
    "more, narrow the window or follow version 2."
)
_FIRST_REPORT_PARAMETERS = (
    OpenApiParameter(
        "start",
        {"type": "integer", "minimum": 0, "maximum": 100_000, "default": 0},
        description="The first message wanted, counted from 0.",
    ),
    *_window(count_required=True),
)
_FIRST_REPORT: FirstReportReply = {"total": 3000, "start": 0, "count": 1, "messages": [IN_LOG]}
_APP_REPORT = Operation(
    summary="Report the app's messages (version 1)",
    description=_FIRST_PAGES,
    reply=FirstReportReply,
    parameters=_FIRST_REPORT_PARAMETERS,
    reply_example=_FIRST_REPORT,
)
user_messages_schema = documented(
    "The history of one user (version 1 of the reports).",
    list=Operation(
        summary="Report a user's messages (version 1)",
        description=f"{_OF_A_USER} {_FIRST_PAGES}",
        reply=FirstReportReply,
        parameters=(USERNAME, *_FIRST_REPORT_PARAMETERS),
        raises=(NO_SUCH_USER,),
        reply_example=_FIRST_REPORT,
    ),
)
messages_schema = documented(
    "What is said: to one user, to a group or to a chatroom.",
    create=SEND,
    list=_APP_REPORT,
    retract=RETRACT,
)
