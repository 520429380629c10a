"""Statistics on the wire."""

from typing import Annotated, TypedDict

from msgspec import Meta

Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2015-02-13"])]
Amount = Annotated[int, Meta(ge=0)]


class UsersOfDayReply(TypedDict):
    """A day's users."""

    date: Day
    active_users: Annotated[int, Meta(ge=0, description="Who sent something or was connected.")]
    total_users: Annotated[int, Meta(ge=0, description="That there were at the end of the day.")]
    send_msg_users: Annotated[int, Meta(ge=0, description="Who sent something.")]
    new_users: Annotated[int, Meta(ge=0, description="Who were registered.")]


class GroupsOfDayReply(TypedDict):
    """A day's groups."""

    date: Day
    active_group: Annotated[int, Meta(ge=0, description="In which something was said.")]
    total_group: Annotated[int, Meta(ge=0, description="That there were at the end of the day.")]
    new_group: Annotated[int, Meta(ge=0, description="That were created.")]


class MessagesOfTimeReply(TypedDict):
    """The messages of an hour, a day or a month."""

    time: Annotated[
        str,
        Meta(
            pattern=r"^\d{4}-\d{2}(-\d{2}( \d{2})?)?$",
            description="As `start` is: `yyyy-MM-dd HH`, `yyyy-MM-dd` or `yyyy-MM`.",
        ),
    ]
    group_send_msg: Amount
    single_send_msg: Amount


class MessagesByTypeReply(TypedDict):
    """The messages of all that time, by type."""

    txt_msg: Amount
    image_msg: Amount
    voice_msg: Amount
    other_msg: Amount


class MessagesReply(TypedDict):
    """What was sent to users and to groups."""

    send_msg_stat: list[MessagesOfTimeReply]
    group_msg_stat: MessagesByTypeReply
    single_msg_stat: MessagesByTypeReply
