"""The table of error codes: every refusal this server can answer with.

Numbers, statuses and English texts are protocol. They are those of the final API unless a comment says
"ours"; the February 2015 draft's own numbers are a translation at the edge (`apps.core.api.dialects`).
An add-on declares `ErrorCode`s of its own in a range of its own; taking a number twice fails at import.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class ErrorCode:
    """One row of the table: the number on the wire, its HTTP status, its default English text."""

    number: int
    status: int
    message: str
    again: bool = False  # a second use of a number that the table has: dialects tell the two apart
    known: ClassVar[dict[int, "ErrorCode"]] = {}

    def __post_init__(self) -> None:
        if not self.again and self.known.setdefault(self.number, self) is not self:
            raise ValueError(f"error number {self.number} is already taken")


class ImError(Exception):
    """A request the domain refuses. Raised by services; knows nothing of HTTP or of DRF."""

    def __init__(
        self, code: ErrorCode, detail: str = "", *, retry_after: int | None = None
    ) -> None:
        super().__init__(detail or code.message)
        self.code = code
        self.retry_after = retry_after  # whole seconds after which it is worth trying again


# The service itself
INTERNAL_ERROR = ErrorCode(899000, 500, "Server internal error")
BUSY = ErrorCode(899030, 503, "Server response time out, please try again later")
RATE_LIMITED = ErrorCode(2001, 429, "Rate limit exceeded")
APP_SUSPENDED = ErrorCode(2003, 403, "The appKey is in black list.")

# Who is asking
MISSING_AUTHENTICATION = ErrorCode(899007, 401, "Missing authen info")
AUTHENTICATION_FAILED = ErrorCode(899008, 401, "Basic authentication failed")
NO_SUCH_APP = ErrorCode(899009, 400, "Appkey not exit")
NO_SUCH_TARGET_APP = ErrorCode(899009, 400, "Appkey not exit", again=True)  # of a cross-app call
CROSS_APP_REFUSED = ErrorCode(899020, 403, "no auth to operating other appkey")
CROSS_APP_NEEDED = ErrorCode(899021, 403, "should use cross app api")

# What is asked
PARAMETER_INVALID = ErrorCode(899003, 400, "parameter invalid")
NO_SUCH_PATH = ErrorCode(890404, 404, "No such path")  # ours: the sources give the status alone
NO_SUCH_METHOD = ErrorCode(890405, 405, "Method not supported here")  # ours, likewise

# Users
USER_EXISTS = ErrorCode(899001, 403, "User exist")
NO_SUCH_USER = ErrorCode(899002, 403, "No such user")
TOO_MANY_USERS = ErrorCode(899013, 403, "User list is bigger than 500")
ALREADY_BLOCKED = ErrorCode(899017, 400, "There are usernames exist in blacklist")
ADMIN_NOT_BLOCKABLE = ErrorCode(899018, 403, "Admin can not be added into blacklist")
NOT_BLOCKED = ErrorCode(899019, 400, "Here are usernames not exist in blacklist")

# Friends, and whom a user does not want to be disturbed by
ALREADY_FRIENDS = ErrorCode(899070, 400, "already friends")  # the source gives no text
NOT_A_FRIEND = ErrorCode(899071, 403, "user is not in the friend list")  # nor here
NO_DISTURB_USER_SET = ErrorCode(899043, 400, "duplicate add user")
NO_DISTURB_USER_NOT_SET = ErrorCode(899044, 400, "user is not exist in setting")
NO_DISTURB_NO_SUCH_GROUP = ErrorCode(899045, 403, "group is not exist")
USER_NOT_IN_GROUP = ErrorCode(899046, 403, "user is not in group")
NO_DISTURB_GROUP_SET = ErrorCode(899047, 400, "duplicate add group")
NO_DISTURB_GLOBAL_ON = ErrorCode(899048, 400, "already open global")
NO_DISTURB_GROUP_NOT_SET = ErrorCode(899049, 400, "group is not exist in setting")
NO_DISTURB_GLOBAL_OFF = ErrorCode(899050, 400, "already close global")
SHIELD_NO_SUCH_GROUP = ErrorCode(899051, 403, "group is not exist")  # no text in the source
SHIELD_SET = ErrorCode(899052, 400, "group is already shielded")  # nor here
SHIELD_NOT_SET = ErrorCode(899053, 400, "group is not shielded")  # nor here

# Clients (the numbers are those of the final API's own client gateway, where it has one)
LOGIN_FAILED = ErrorCode(898004, 401, "Wrong username or password")
TOKEN_INVALID = ErrorCode(898008, 401, "The token is unknown, or its session has ended")
TOKEN_EXPIRED = ErrorCode(898010, 401, "The token has expired")
USER_DISABLED = ErrorCode(801006, 403, "The user is disabled")
REGISTRATION_CLOSED = ErrorCode(890004, 403, "Registration by clients is closed")  # ours
NO_SUCH_SESSION = ErrorCode(890005, 403, "No such session")  # ours
NO_SUCH_CONVERSATION = ErrorCode(890006, 403, "No such conversation")  # ours
TOO_MANY_CONNECTIONS = ErrorCode(890007, 429, "Too many connections")  # ours
NOT_THE_OWNER = ErrorCode(890008, 403, "Only the group's owner may do this")  # ours
GROUP_NOT_PUBLIC = ErrorCode(890009, 403, "The group is joined by invitation only")  # ours
SENDING_TOO_FAST = ErrorCode(803010, 429, "beyond the frequency limit")

# Groups
NO_SUCH_GROUP = ErrorCode(899006, 403, "Group id invalid")
ALREADY_MEMBER = ErrorCode(899011, 400, "Repeat to add the members")
GROUP_FULL = ErrorCode(899012, 403, "No enough space for members")
NOT_A_MEMBER = ErrorCode(899014, 400, "User not in group")
TOO_MANY_GROUPS = ErrorCode(899015, 403, "User 's group are full can not continue")

# Chatrooms (some texts are ours: the final API's table has none)
NO_SUCH_CHATROOM = ErrorCode(899081, 403, "room id no exist")
NOT_IN_CHATROOM = ErrorCode(899082, 403, "user not in room")
CHATROOM_FULL = ErrorCode(851006, 403, "No enough space in the chatroom")
OWNER_STAYS = ErrorCode(852004, 403, "The owner may not leave the chatroom")
OWNER_NOT_IN_CHATROOM = ErrorCode(853002, 403, "The new owner is not in the chatroom")
TOO_MANY_CHATROOMS = ErrorCode(890151, 403, "The user is in too many chatrooms")  # ours

# Messages
FORBIDDEN_SENDER = ErrorCode(899016, 403, "No authority to send message")
SENDER_NOT_IN_CHATROOM = ErrorCode(847001, 403, "user not in chatroom")
SENDER_MUTED = ErrorCode(847002, 403, "user baned to post")
SENDER_NOT_IN_GROUP = ErrorCode(803005, 403, "user not in group")
MESSAGE_TOO_LONG = ErrorCode(803007, 400, "length of message exceed limit")
SENDER_BLOCKED = ErrorCode(803008, 403, "user in blacklist")
SENDER_SILENCED = ErrorCode(803012, 403, "can not chat while silent")
SENSITIVE_WORD = ErrorCode(803009, 403, "the message contains sensitive word")

RETRACT_TOO_LATE = ErrorCode(855001, 403, "out of time")
NOT_THE_SENDER = ErrorCode(855002, 403, "request user is not message sender")
NO_SUCH_MESSAGE = ErrorCode(855003, 403, "request message not exist")
ALREADY_RETRACTED = ErrorCode(855004, 400, "message already retract")

# Media (ours: the final API has a number for none of it)
LINK_EXPIRED = ErrorCode(890019, 410, "The link has expired: ask for a new one")
MEDIA_GONE = ErrorCode(890021, 404, "The file was removed")
UPLOADING_TOO_FAST = ErrorCode(890020, 429, "Too many uploads")

# The log's cursors and idempotency keys (ours)
CURSOR_UNKNOWN = ErrorCode(890001, 400, "Unknown cursor: resync, that is read again without it")
CURSOR_OUTLIVED = ErrorCode(890002, 410, "Outlived cursor: resync, that is read again without it")
KEY_REUSED = ErrorCode(890003, 400, "The idempotency key was used before with another body")
