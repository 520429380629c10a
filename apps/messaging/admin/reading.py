"""Reading what was said: with a permission of its own, for a reason that is typed, and with a trace.

Nowhere else in the console is a body shown. A reason opens one conversation to one operator for
`settings.IM_READING_SECONDS`; each page that is looked at is an entry of the audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.audited import note
from apps.core.adminkit.big_tables import NEWER, OLDER
from apps.core.adminkit.filters import is_number, start_of
from apps.core.adminkit.operations import change_url
from apps.messaging.admin.bodies import TYPES
from apps.messaging.admin.reasons import REASON, Why, ask_why, reason_given
from apps.messaging.admin.said import Said, said_by, with_links
from apps.messaging.models import EVENT, Conversation, ConversationKind, Message, MessageQuerySet

AROUND, DAY, SIDE = "around", "day", "side"
_PAGE = 50  # messages
_BEFORE = 10  # of those, before the one that is looked for
_COLOURS = 6  # of initials, in console.css
LOOKED = gettext_noop("Looked at what was said")
FIRST = gettext_noop("First message")
LAST = gettext_noop("Last message")


@dataclass(frozen=True)
class Line:
    """A message as it stands on the page. `day` is set where a new one begins; `own` is the right side."""

    message: Message
    day: date | None
    own: bool
    follows: bool  # the line before is of the same sender, a moment ago
    said: Said
    kind: str | Promise

    @property
    def is_event(self) -> bool:
        """Something that happened, rather than something that was said."""
        return self.message.msg_type == EVENT

    @property
    def name(self) -> str:
        """The sender, by the name of then."""
        return self.message.from_name or self.message.from_id

    @property
    def initials(self) -> str:
        """What stands for their picture."""
        words = self.name.split()
        return "".join(word[0] for word in words[:2]).upper() or "?"

    @property
    def colour(self) -> int:
        """One of a few, always the same for a name."""
        return sum(self.message.from_id.encode()) % _COLOURS


@dataclass(frozen=True)
class Stretch:
    """A page of a conversation, oldest first, and whether there is more on either side."""

    messages: Sequence[Message]
    has_older: bool
    has_newer: bool


def read_conversation(
    model_admin: Any, request: HttpRequest, conversation: Conversation, around: int | None = None
) -> HttpResponse:
    """The page: the question why, or what was said, at its end unless told otherwise.

    The operator's permission has been looked at.
    """
    reason = reason_given(request, str(conversation.pk))
    if reason is None:
        return ask_why(
            model_admin,
            request,
            Why(
                key=str(conversation.pk),
                title=_("Read what was said"),
                text=_(
                    "These are the words of people who do not know that you read them. Say why you need to: "
                    "the conversation is then open to you for %(minutes)d minutes, and each page you look at "
                    "is noted."
                ),
                button=_("Read"),
                about=conversation,
                back=change_url(conversation),
            ),
        )
    stretch = stretch_of(request, conversation, around)
    found = stretch.messages
    looked: dict[str, Any] = {REASON: reason}
    if found:
        looked |= {FIRST: str(found[0].pk), LAST: str(found[-1].pk)}
    note(request, LOOKED, conversation, details=looked)
    older_url, newer_url = "", ""
    if stretch.has_older:
        older_url = _url(request, OLDER, found[0].pk)
    if stretch.has_newer:
        newer_url = _url(request, NEWER, found[-1].pk)
    request.current_app = model_admin.admin_site.name
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title_of(conversation),
        "opts": Conversation._meta,
        "original": conversation,
        "conversation_url": change_url(conversation),
        "lines": list(lines_of(request, conversation, found)),
        "reason": reason,
        "older_url": older_url,
        "newer_url": newer_url,
        "looked_for": request.GET.get(AROUND, "") or str(around or ""),
        "day": request.GET.get(DAY, ""),
        "side": request.GET.get(SIDE, ""),
    }
    return TemplateResponse(request, "admin/messaging/conversation/read.html", context)


def title_of(conversation: Conversation) -> str:
    """Whose conversation it is, without links."""
    if conversation.group is not None:
        return str(conversation.group)
    if conversation.chatroom is not None:
        return str(conversation.chatroom)
    there = [conversation.user_low]
    if conversation.kind == ConversationKind.SINGLE:
        there.append(conversation.user_high)
    names = [str(user) if user else gettext("(deleted)") for user in there]
    return " – ".join(dict.fromkeys(names)) or str(conversation)  # noqa: RUF001 a dash


def stretch_of(
    request: HttpRequest, conversation: Conversation, around: int | None = None
) -> Stretch:
    """The page that the address asks for: by a message, a day, what follows or precedes; else the last."""
    told = conversation.messages.all()
    given = {name: request.GET.get(name, "") for name in (OLDER, NEWER, AROUND)}
    if is_number(given[OLDER]):
        return _before(told.filter(pk__lt=int(given[OLDER])), newer=True)
    if is_number(given[NEWER]):
        return _after(told.filter(pk__gt=int(given[NEWER])), older=True)
    start = _start_of_day(request, conversation)
    if start is None:
        start = int(given[AROUND]) if is_number(given[AROUND]) else around
    if start is None:
        return _before(told, newer=False)
    before = list(told.filter(pk__lt=start).order_by("-pk")[: _BEFORE + 1])
    from_there = _after(told.filter(pk__gte=start), older=False)
    shown = [*before[:_BEFORE][::-1], *from_there.messages]
    return Stretch(shown, len(before) > _BEFORE, from_there.has_newer)


def _before(messages: MessageQuerySet, *, newer: bool) -> Stretch:
    found = list(messages.order_by("-pk")[: _PAGE + 1])
    return Stretch(found[:_PAGE][::-1], len(found) > _PAGE, newer and bool(found))


def _after(messages: MessageQuerySet, *, older: bool) -> Stretch:
    found = list(messages.order_by("pk")[: _PAGE + 1])
    return Stretch(found[:_PAGE], older and bool(found), len(found) > _PAGE)


def _start_of_day(request: HttpRequest, conversation: Conversation) -> int | None:
    """The number that parts what was sent before the day from the rest: in a log, numbers follow times."""
    try:
        day = forms.DateField(required=False).clean(request.GET.get(DAY, ""))
    except ValidationError:
        return None
    if day is None:
        return None
    return conversation.app.messages.last_number_before(start_of(day)) + 1


def lines_of(
    request: HttpRequest, conversation: Conversation, messages: Sequence[Message]
) -> Iterator[Line]:
    """The lines of the page. Of a pair, one is on the right: the one whose page one came from."""
    side = request.GET.get(SIDE, "")
    right = int(side) if is_number(side) else None
    if right is None and conversation.kind == ConversationKind.SINGLE:
        right = conversation.user_high_id
    before: Message | None = None
    said = with_links(conversation.app, [(message, said_by(message)) for message in messages])
    for message, told in zip(messages, said, strict=True):
        at = timezone.localtime(message.sent_at)
        new_day = before is None or timezone.localtime(before.sent_at).date() != at.date()
        soon = before is not None and message.sent_at - before.sent_at < timedelta(minutes=5)
        same = before is not None and before.msg_type != EVENT and before.from_id == message.from_id
        yield Line(
            message=message,
            day=at.date() if new_day else None,
            own=right is not None and message.sender_id == right,
            follows=same and soon and not new_day,
            said=told,
            kind=TYPES.get(message.msg_type, message.msg_type),
        )
        before = message


def _url(request: HttpRequest, name: str, number: int) -> str:
    kept = request.GET.copy()
    for other in (OLDER, NEWER, AROUND, DAY):
        kept.pop(other, None)
    kept[name] = str(number)
    return f"?{kept.urlencode()}"
