"""What an operator reads when a service refuses.

The texts of `apps.core.errors` are protocol and English. Those an operator can meet are said here in their
own language; the protocol's text follows where it tells more, such as a name.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core import errors
from apps.core.errors import ErrorCode, ImError

_SAID: Mapping[ErrorCode, str | Promise] = {
    errors.USER_EXISTS: _("A user of this name exists already."),
    errors.NO_SUCH_USER: _("There is no such user in this app."),
    errors.ALREADY_BLOCKED: _("One of them is blocked already."),
    errors.ADMIN_NOT_BLOCKABLE: _("An API admin can't be blocked."),
    errors.NOT_BLOCKED: _("One of them is not blocked."),
    errors.NO_SUCH_GROUP: _("The group does not exist, or was dissolved."),
    errors.ALREADY_MEMBER: _("One of them is a member already."),
    errors.GROUP_FULL: _("The group has no room for that many members."),
    errors.NOT_A_MEMBER: _("One of them is not a member of the group."),
    errors.TOO_MANY_GROUPS: _("One of them is in as many groups as the app allows."),
    errors.NO_SUCH_CHATROOM: _("The chatroom does not exist, or was dissolved."),
    errors.CHATROOM_FULL: _("The chatroom has no room for that many members."),
    errors.NOT_IN_CHATROOM: _("One of them is not in the chatroom."),
    errors.OWNER_NOT_IN_CHATROOM: _("The new owner is not in the chatroom."),
    errors.OWNER_STAYS: _("The owner can't be removed from their chatroom."),
    errors.TOO_MANY_CHATROOMS: _("One of them is in as many chatrooms as the server allows."),
    errors.FORBIDDEN_SENDER: _("The sender is disabled: nothing is sent in their name."),
    errors.SENDER_BLOCKED: _("The recipient has blocked the sender."),
    errors.MESSAGE_TOO_LONG: _("The message is longer than the server takes."),
    errors.SENSITIVE_WORD: _("It has a sensitive word, and the app refuses those."),
    errors.PARAMETER_INVALID: _("This can't be done."),
}


def said(error: ImError | ValidationError) -> str:
    """The refusal in the operator's language."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    text = _SAID.get(error.code)
    detail = str(error)
    if text is None:
        return detail
    return str(text) if detail == error.code.message else f"{text} ({detail})"
